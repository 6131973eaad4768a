"""What a vendor's id is, and how neutral ids on their way inwards become it again. Pure."""

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

LONGEST = 256
"""The most characters of an id's tail that are looked at."""

_LEAST = 16
_LEAST_JOINED = 22
"""What 128 random bits take in base64 (RFC 4648 §5)."""
_FEW = 4
_CHARS = "[A-Za-z0-9_-]"
_MIXED = "[a-z][A-Z0-9]|[0-9][A-Za-z]"
"""What names of words joined by ``-`` and ``_`` do not have, ``room-2024`` included."""
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TAIL = (
    rf"(?:[A-Za-z0-9]{{{_LEAST},64}}|{_UUID}"
    rf"|(?={_CHARS}{{0,62}}(?:{_MIXED})){_CHARS}{{{_LEAST_JOINED},64}})"
)

_BACK = {stem.neutral: stem.prefix for stem in STEMS if stem.back and not stem.drop}
_NEUTRAL = "|".join(re.escape(prefix) for prefix in _BACK)
_WHOLE = re.compile(rf"({_NEUTRAL})(?={_TAIL}\Z)")
_IN_TARGET = re.compile(rf"(?<![A-Za-z0-9_%-])({_NEUTRAL})(?={_TAIL}(?![A-Za-z0-9_%-]))".encode())

_MAY_LEAD_BACK = re.compile(rf"(?:{_NEUTRAL}){_CHARS}{{{_LEAST}}}".encode()).search
_PREFIXES = tuple(prefix.encode() for prefix in _BACK)
_SHORTEST = min(map(len, _PREFIXES)) + _LEAST

_RUN = re.compile(r"[A-Za-z0-9]*")
_MARKED = re.compile("[A-Z0-9]")
_RANDOM = re.compile(rf"{_UUID}|(?={_CHARS}*?(?:{_MIXED})){_CHARS}{{{_LEAST_JOINED}}}")


_KEPT_STEMS = "|".join(re.escape(stem.prefix) for stem in STEMS if not stem.drop)
BEGUN_ID = re.compile(rf"(?<![A-Za-z0-9])(?:{_KEPT_STEMS}){_CHARS}*\Z")
"""A vendor's id up to where a text breaks off."""


def is_id(tail: str, least: int, *, joined: bool) -> bool:
    """Whether what stands behind a vendor's prefix makes an id of it, as far as it has come.

    ``least`` letters and digits do, with a digit or a capital among them where these are few; with
    ``joined`` also a UUID, or characters of base64 that no words make up, and where ``least`` is
    next to nothing any of them. What makes an id goes on to make one, whatever follows.
    """
    if joined and least <= _FEW:
        return len(tail) >= least
    found = _RUN.match(tail)
    size = found.end() if found else 0
    if size >= _LEAST or (size >= least and _MARKED.search(tail, 0, size) is not None):
        return True
    return joined and _RANDOM.match(tail) is not None


def may_lead_back(raw: bytes) -> bool:
    """Whether raw bytes may hold a neutral id."""
    if len(raw) < _SHORTEST:
        return False
    for prefix in _PREFIXES:  # a few searches cost a tenth of the pattern's one
        if raw.find(prefix) >= 0:
            return _MAY_LEAD_BACK(raw) is not None
    return False


def inward_id(text: str) -> str:
    """The vendor's id for a neutral one; any other text as it is.

    Only what is wholly an id leads back: sixteen letters and digits or more, a UUID, or twenty-two
    characters of base64 that no words make up.
    """
    found = _WHOLE.match(text)
    return text if found is None else _BACK[found[1]] + text[found.end() :]


def inward_target(raw: bytes) -> bytes:
    """A raw path or query with the ids in it led back."""
    return _IN_TARGET.sub(lambda found: _BACK[found[1].decode()].encode(), raw)
