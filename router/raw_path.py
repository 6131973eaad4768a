"""Which raw paths can be read in one way only. Pure.

What two readers could read differently (dot segments, encoded slashes, empty segments) is
refused, so that no upstream resolves a path into another one than was authorised here.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from router.errors import DownstreamError

_PLAIN: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~./"
"""A path of these alone needs two more looks, for ``//`` and ``/.``."""

_REFUSED: Final = re.compile(
    rb"""
    ^(?!/)                              # no origin form (RFC 9112 3.2.1)
    | [\x00-\x20\x7f-\xff\\#?]          # no URI holds these raw; a fragment is never sent
    | //
    | %(?![0-9a-f]{2})
    | %(?:[01][0-9a-f]|7f|2f|5c)        # encoded controls, slash, backslash
    | /(?:\.|%2e){1,2}(?:/|;|%3b|\Z)    # a dot segment, with path parameters too
    """,
    re.VERBOSE | re.IGNORECASE,
)


_DOT_SEGMENT: Final = re.compile(rb"(?:[/\\]|^)\.\.?(?:[/\\;]|\Z)")
_ROUNDS: Final = 4


def judge(path: bytes) -> None:
    """Lets a raw path without its query pass, byte for byte as it is, or refuses it.

    Overlong UTF-8 (``%c0%ae``) passes: no dot by any standard, and nothing is decoded here.

    :raises DownstreamError: 400.
    """
    plain = path[:1] == b"/" and not path.translate(None, _PLAIN)
    if plain and path.find(b"//") < 0 and path.find(b"/.") < 0:
        return
    if _REFUSED.search(path) or (path.find(b"%25") >= 0 and _hides_dots(path)):
        raise DownstreamError(400, "the path can be read in more than one way")


def _hides_dots(path: bytes) -> bool:
    """Whether an upstream that decodes more than once would meet a dot segment.

    ``a%252Fb`` is an honest name; one that is encoded more than a few times over is not.
    """
    for _ in range(_ROUNDS):
        decoded = unquote_to_bytes(path)
        if decoded == path:
            return False
        if _DOT_SEGMENT.search(decoded):
            return True
        path = decoded
    return True
