"""The JWS compact form (RFC 7515 §7.1), read more strictly than any library does. Pure."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from router.auth.attempt import Reason

MAX_TOKEN = 8192
"""Bytes; nothing longer is looked at, so nothing in it can cost anything."""

_COMPACT = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# A key id selects from a dict, never from a file system or a table: nothing else needs more signs.
_KEY_ID = re.compile(r"[A-Za-z0-9._:=@+~-]{1,128}")
_TYPES = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})


class TokenError(Exception):
    """A token that proves nothing: ``reason`` for callers, the message for operators."""

    def __init__(self, reason: Reason, finer: str) -> None:
        super().__init__(finer)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Compact:
    """A token taken apart; nothing in it is verified yet."""

    algorithm: str
    signed: bytes
    payload: bytes
    signature: bytes


def parse(token: bytes) -> Compact:
    """Takes ``token`` apart. TokenError where it is not the strict form or its header refuses."""
    if len(token) > MAX_TOKEN:
        raise TokenError("malformed", "longer than a token may be")
    match = _COMPACT.fullmatch(token)
    if match is None:
        raise TokenError("malformed", "not three base64url segments")
    header = json_object(_decode(match[1]))
    return Compact(
        algorithm=_algorithm(header),
        signed=token[: match.end(2)],
        payload=match[2],
        signature=_decode(match[3]),
    )


def claims_of(compact: Compact) -> dict[str, Any]:
    """The claims; to be called once the signature holds."""
    return json_object(_decode(compact.payload))


def json_object(text: bytes) -> dict[str, Any]:
    """One JSON object in UTF-8 without duplicate names, NaN or Infinity; else TokenError."""
    try:
        # Decoded here, since json.loads would guess UTF-16 and UTF-32 from bytes.
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise TokenError("malformed", "a segment is not plain JSON") from error
    if not isinstance(value, dict):
        raise TokenError("malformed", "a segment is not a JSON object")
    return value


def _decode(segment: bytes) -> bytes:
    padded = segment + b"=" * (-len(segment) % 4)
    try:
        data = urlsafe_b64decode(padded)
    except ValueError as error:
        raise TokenError("malformed", "a segment is not base64url") from error
    # Bits beyond the last byte must be zero, or one signature has several spellings.
    if urlsafe_b64encode(data) != padded:
        raise TokenError("malformed", "a segment is not canonical base64url")
    return data


def _algorithm(header: dict[str, Any]) -> str:
    """The named algorithm; `jwk`, `jku`, `x5u`, `x5c` are never looked at (RFC 8725 §3.10)."""
    if "crit" in header or "b64" in header:
        raise TokenError("malformed", "an extension that must be understood is not")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise TokenError("rejected", "a token of another type")
    key_id = header.get("kid", "-")
    if not isinstance(key_id, str) or _KEY_ID.fullmatch(key_id) is None:
        raise TokenError("malformed", "a key id that names no key")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise TokenError("malformed", "no algorithm named")
    return algorithm


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member name")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
