"""Strings that are files rather than text: data URLs, Base64 under a media type, Base64 at length.

Images, audio and video are what a model is asked about and are told apart from other files. Base64
of text is text once it is undone.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from urllib.parse import unquote

from router.privacy.selectors import Path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.body.json_whole import StringToken

Kind = Literal["media", "other"]

_MEDIA: Final = ("image/", "audio/", "video/")
_DATA_URL: Final = re.compile(
    r"data:([\w!#$&^.+-]+/[\w!#$&^.+-]+)?(?:;[\w!#$&^.+-]+=[^;,\s]*)*;base64,", re.IGNORECASE
)
"""RFC 2397; without a type it is text."""

_PAYLOAD: Final = re.compile(r"[A-Za-z0-9+/_=%\r\n-]*")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+(?:\r?\n[A-Za-z0-9+/_-]+)*={0,2}\s*")
_LINE: Final = 60
"""Characters of a line of Base64, at least: 64 and 76 are usual (RFC 7468 §2, RFC 2045 §6.8)."""

LONG: Final = 1024
"""Characters from which Base64 is a file without anything that says so. Vendors' ids, hashes and
signatures (683 characters for the longest RSA keys in use) are shorter."""

_MIXED: Final = (re.compile("[A-Z]"), re.compile("[a-z]"), re.compile("[0-9]"))
_TEXTUAL: Final = re.compile(r"text/|application/(?:.*[+.-])?(?:json|xml|yaml|javascript)\b")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DATA: Final = frozenset({"data", "blob"})
_TYPE_NAMES: Final = frozenset({"media_type", "mediaType", "mime_type", "mimeType"})
_AUDIO: Final = "input_audio"


class File(NamedTuple):
    """A file whose Base64 begins at ``start`` of a string; its type in lower case, or ``""``."""

    media_type: str
    start: int

    @property
    def kind(self) -> Kind:
        """``media`` for what has no words to be looked at, ``other`` for the rest, SVG too."""
        if self.media_type.endswith("+xml"):
            return "other"
        return "media" if self.media_type.startswith(_MEDIA) else "other"


def file_in(text: str, media_type: str = "") -> File | None:
    """The file that the whole of ``text`` is; ``media_type`` is what stands beside it.

    Ids and hashes are none, since they are short, nor is what holds letters or digits alone.
    """
    if text[:5].lower() == "data:":
        url = _DATA_URL.match(text)
        if url is not None and _PAYLOAD.fullmatch(text, url.end()):
            return File((url[1] or "text/plain").lower(), url.end())
    if media_type or (len(text) >= LONG and all(one.search(text) for one in _MIXED)):
        if _BASE64.fullmatch(text) is None or not _is_wrapped(text):
            return None
        if _TEXTUAL.match(media_type) and not _is_coded(text):
            return None
        return File(media_type, 0)
    return None


def _is_wrapped(text: str) -> bool:
    """Whether lines are as long as each other, but the last: not words or paths, one a line."""
    first, *others = text.split()
    return not others or (
        len(first) >= _LINE
        and all(len(line) == len(first) for line in others[:-1])
        and len(others[-1]) <= len(first)
    )


def _is_coded(text: str) -> bool:
    """Whether a text is Base64 of a text rather than one that has its letters by chance."""
    try:
        return _CONTROL.search(decoded(text).decode()) is None
    except ValueError:
        return False


class MediaTypes:
    """Which type a document tells of a member's Base64, as the known APIs write it.

    ``source: {media_type, data}``, ``inline_data: {mime_type, data}``, ``{mimeType, blob}``,
    ``input_audio: {format, data}``.
    """

    __slots__ = ("_said", "_tokens")

    def __init__(self, tokens: Sequence[StringToken]) -> None:
        self._tokens = tokens
        self._said: dict[Path, str] | None = None

    def of(self, path: Path) -> str:
        """The type of the member at ``path``, in lower case; empty where nothing tells it."""
        if not path or path[-1] not in _DATA:
            return ""
        if path[-2:-1] == (_AUDIO,):
            return "audio/*"
        if self._said is None:
            said = {
                token.path[:-1]: token.text.partition(";")[0].strip().lower()
                for token in self._tokens
                if not token.key and token.path and token.path[-1] in _TYPE_NAMES
            }
            for token in self._tokens:
                if token.path[-1:] == ("type",) and token.text == "text":  # it is what it shows
                    said.pop(token.path[:-1], None)
            self._said = said
        return self._said.get(path[:-1], "")


def decoded(text: str) -> bytes:
    """What Base64 of either alphabet stands for. Raises ValueError where it is none."""
    plain = "".join(unquote(text).split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise ValueError("no Base64") from None


def encoded(data: bytes, like: str) -> str:
    """Base64 of ``data`` in the alphabet of ``like``, padded."""
    text = b64encode(data).decode()
    if "-" in like or "_" in like:
        text = text.replace("+", "-").replace("/", "_")
    return text
