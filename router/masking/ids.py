"""Neutral ids on their way back inwards become the vendor's again. Pure."""

from __future__ import annotations

import re

from router.masking.shipped import STEMS

ID_KEYS = frozenset(
    {
        "id", "tool_use_id", "tool_call_id", "previous_response_id", "response_id",
        "completion_id", "item_id", "message_id", "request_id",
    }
)  # fmt: skip
"""Members of a request in which a caller gives back what an answer said."""

_LEAST = 16
_BACK = {stem.neutral: stem.prefix for stem in STEMS if not stem.drop}
_NEUTRAL = "|".join(re.escape(prefix) for prefix in _BACK)
_WHOLE = re.compile(rf"({_NEUTRAL})(?=[A-Za-z0-9]{{{_LEAST},64}}\Z)")
_IN_TARGET = re.compile(
    rf"(?<![A-Za-z0-9_%-])({_NEUTRAL})(?=[A-Za-z0-9]{{{_LEAST},64}}(?![A-Za-z0-9_%-]))".encode()
)

_MAY_LEAD_BACK = re.compile(rf"(?:{_NEUTRAL})[A-Za-z0-9]{{{_LEAST}}}".encode()).search
_PREFIXES = tuple(prefix.encode() for prefix in _BACK)


def may_lead_back(raw: bytes) -> bool:
    """Whether raw bytes may hold a neutral id."""
    for prefix in _PREFIXES:  # six searches cost a tenth of the pattern's one
        if prefix in raw:
            return _MAY_LEAD_BACK(raw) is not None
    return False


def inward_id(text: str) -> str:
    """The vendor's id for a neutral one; any other text as it is.

    Only what is wholly an id of sixteen letters and digits or more leads back.
    """
    found = _WHOLE.match(text)
    return text if found is None else _BACK[found[1]] + text[found.end() :]


def inward_target(raw: bytes) -> bytes:
    """A raw path or query with the ids in it led back."""
    return _IN_TARGET.sub(lambda found: _BACK[found[1].decode()].encode(), raw)
