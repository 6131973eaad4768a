"""Small requests in which nothing can be found are told from their raw bytes.

Every string of a document stands in its bytes as it is, but for escapes. Where there are none, or
only such as become characters that no finding holds, a document that the prefilter clears as one
text holds no string that it would not clear. Most requests end here, without being taken apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import orjson

from router.privacy.files import LONG
from router.privacy.shape import SHAPE

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST: Final = 16 << 10
_DEPTH: Final = 200
_ODD_ESCAPE: Final = re.compile(r'\\[^nr"]')
_OTHER_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}|&(?:#|[A-Za-z][A-Za-z0-9]{1,30};)")


class Quiet:
    """Judges raw bytes; ``may_hold`` tells of a text whether anything could be found in it.

    What looks like a placeholder is not quiet: its number has to be set aside. Nor is what may be
    Base64: something else stands in it.
    """

    __slots__ = ("_may_hold",)

    def __init__(self, may_hold: Callable[[str], bool]) -> None:
        self._may_hold = may_hold

    def json(self, body: bytes) -> bool:
        """Whether ``body`` is JSON, not nested deeply, and nothing can be found in it."""
        if len(body) > _MOST or body.count(b"[") + body.count(b"{") > _DEPTH:
            return False
        try:
            text = body.decode()
            if _ODD_ESCAPE.search(text) or _is_spelt(text) or _may_hold_files(text):
                return False
            if not self._clear(_unescaped(text)):
                return False
            orjson.loads(body)
        except ValueError:  # then the strict reader shall say what is wrong with it
            return False
        return True

    def url(self, raw: bytes) -> bool:
        """Whether nothing can be found in a query or path, which has no escapes."""
        if not raw.isascii() or b"%" in raw or b"+" in raw or b"\\" in raw:
            return False
        text = raw.decode()
        return "base64," not in text.lower() and self._clear(text)

    def line(self, raw: bytes) -> bool:
        """Whether nothing can be found in a field's value, which has no escapes."""
        if not raw.isascii() or b"%" in raw or b"&" in raw or b"\\" in raw or b"=?" in raw:
            return False
        return self._clear(raw.decode())

    def _clear(self, text: str) -> bool:
        return not self._may_hold(text) and ("_" not in text or SHAPE.search(text) is None)


def _may_hold_files(text: str) -> bool:
    """Whether there may be Base64 in a document that says what it is, or at length."""
    if "base64," in text.lower() or '"data"' in text or '"blob"' in text:
        return True
    return any(len(part) >= LONG and " " not in part for part in text.split('"'))


def _unescaped(text: str) -> str:
    """With the characters for which the escapes stand that are none of ``_ODD_ESCAPE``."""
    if "\\" not in text:
        return text
    for escape, char in (("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ('\\"', '"')):
        text = text.replace(escape, char)
    return text


def _is_spelt(text: str) -> bool:
    """Whether there are escapes in ``text`` that are no business of JSON's."""
    return ("%" in text or "&" in text) and _OTHER_ESCAPE.search(text) is not None
