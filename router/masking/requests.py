"""What a request says in the caller's words, put into the vendor's: model names and ids.

JSON is edited in place by the spans of its tokens; every other byte goes on as it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from router.body.json_layout import is_deeper
from router.body.json_whole import escape, scan, splice
from router.masking.ids import ID_KEYS, inward_id, inward_target, may_lead_back

if TYPE_CHECKING:
    from router.body.json_whole import StringToken
    from router.masking.models import Models

_MODEL = re.compile(rb'"model"[ \t\n\r]*+:[ \t\n\r]*+("[^"\\]*+")')
_DEEPEST = 200
_MOST_VALUES = 100_000
"""As ``scan`` has them."""


@dataclass(frozen=True, slots=True)
class Inward:
    """A body for the upstream, and the model as the caller called it (empty: none named)."""

    body: bytes
    asked: str = ""


def inward_json(body: bytes, models: Models) -> Inward:
    """A whole JSON ``body`` with its top-level ``model`` and its ids as the vendor knows them.

    Of duplicate ``model`` members each is translated, so it does not matter which one is read.
    Judged as JSON only where something in it may have to be translated.
    Raises DownstreamError 400 ``model_not_allowed``; ``json_whole.MalformedJson`` and
    ``TooManyStrings`` as ``scan`` does.
    """
    ids = _names_ids(body) and may_lead_back(body)
    if not models.translates and not ids:
        return Inward(body)
    inward = None if ids else _at_once(body, models)
    return inward if inward is not None else _by_token(body, models)


def _names_ids(body: bytes) -> bool:
    """Whether a member may have one of the names under which ids stand: each ends in ``id``."""
    return body.find(b'id"') >= 0 or body.find(b"\\u") >= 0


def _at_once(body: bytes, models: Models) -> Inward | None:
    """For a body with one ``model`` and no ids, which nearly all are; None: it has to be scanned.

    What scanning would refuse is left to it, so that all errors come from there.
    """
    if body.count(b'"model"') > 1 or body.find(b"\\u") >= 0 or _is_vast(body):
        return None
    try:
        loaded = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    asked = loaded.get("model") if isinstance(loaded, dict) else None
    if not isinstance(asked, str):
        return Inward(body)
    new = models.inward(asked)
    if new == asked:
        return Inward(body, asked)
    found = _MODEL.search(body)
    if found is None:
        return None
    return Inward(splice(body, [(*found.span(1), b'"' + escape(new) + b'"')]), asked)


def _is_vast(body: bytes) -> bool:
    """Whether there may be too many values, or too many in one another.

    A bracket that opens takes another that closes, so that there are never more than bytes.
    """
    if len(body) <= _DEEPEST:
        return False
    opened = body.count(b"[") + body.count(b"{")
    if len(body) >= _MOST_VALUES and body.count(b",") + 2 * opened >= _MOST_VALUES:
        return True
    return opened > _DEEPEST and is_deeper(body, _DEEPEST)


def _by_token(body: bytes, models: Models) -> Inward:
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
    return inward_target(raw) if may_lead_back(raw) else raw
