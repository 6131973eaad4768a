"""Request targets and authorities (RFC 9112 §3.2), judged as raw bytes and never decoded."""

from __future__ import annotations

import re
from functools import lru_cache

from router.errors import DownstreamError

_TARGET_BYTES = bytes(byte for byte in range(0x21, 0x7F) if byte != ord("#"))
_AUTHORITY = re.compile(rb"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?]*)(.*)")

ASTERISK = b"*"


@lru_cache(maxsize=256)
def check_authority(value: bytes) -> None:
    """Raises 400 unless ``value`` is a host name or IP literal with, perhaps, a port."""
    if _AUTHORITY.fullmatch(value) is None:
        raise DownstreamError(400, "The host is missing or malformed.")


def split_target(method: bytes, target: bytes) -> tuple[bytes | None, bytes, bytes]:
    """The authority (of an absolute form only), path and query of ``target``, raw.

    The asterisk form is the path ``*``, for OPTIONS alone. Raises 400 for anything else than
    these and the origin form, for a fragment, a space, a control or non-ASCII byte, and NUL.
    """
    if target.translate(None, _TARGET_BYTES) or target.find(b"%00") >= 0:
        raise DownstreamError(400, "The request target holds a character that is not allowed.")
    if target.startswith(b"/"):
        path, _, query = target.partition(b"?")
        return None, path, query
    if target == ASTERISK and method == b"OPTIONS":
        return None, ASTERISK, b""
    return _split_absolute(target)


def _split_absolute(target: bytes) -> tuple[bytes, bytes, bytes]:
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise DownstreamError(400, "The form of the request target is not allowed.")
    authority, rest = match.groups()
    check_authority(authority)
    path, _, query = rest.partition(b"?")
    return authority, path or b"/", query
