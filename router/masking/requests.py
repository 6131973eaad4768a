"""What a request says in the caller's words, put into the vendor's: model names and ids.

JSON is edited in place by the spans of its tokens; every other byte goes on as it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.body.json_whole import escape, scan, splice
from router.masking.ids import ID_KEYS, MAY_LEAD_BACK, inward_id, inward_target

if TYPE_CHECKING:
    from router.body.json_whole import StringToken
    from router.masking.models import Models


@dataclass(frozen=True, slots=True)
class Inward:
    """A body for the upstream, and the model as the caller called it (empty: none named)."""

    body: bytes
    asked: str = ""


def inward_json(body: bytes, models: Models) -> Inward:
    """A whole JSON ``body`` with its top-level ``model`` and its ids as the vendor knows them.

    Of duplicate ``model`` members each is translated, so it does not matter which one is read.
    Raises DownstreamError 400 ``model_not_allowed``; ``json_whole.MalformedJson`` and
    ``TooManyStrings`` as ``scan`` does.
    """
    if not models.translates and not MAY_LEAD_BACK(body):
        return Inward(body)
    asked = ""
    replaced: list[tuple[int, int, bytes]] = []
    for token in scan(body):
        if token.key:
            continue
        if token.path == ("model",):
            asked = token.text
            new = models.inward(asked)
        else:
            new = _inward_id(token)
        if new != token.text:
            replaced.append((token.start, token.end, b'"' + escape(new) + b'"'))
    return Inward(splice(body, replaced) if replaced else body, asked)


def _inward_id(token: StringToken) -> str:
    named = token.path and token.path[-1] in ID_KEYS
    return inward_id(token.text) if named else token.text


def inward_query(raw: bytes) -> bytes:
    """A raw path or query with the ids in it as the vendor knows them."""
    return inward_target(raw) if MAY_LEAD_BACK(raw) else raw
