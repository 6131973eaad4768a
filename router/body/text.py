"""Plain text: decoded as it comes, edited, encoded again; invalid bytes pass as they are."""

from __future__ import annotations

import codecs
import html
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

from router.body.filters import Edit, Editor, Place
from router.body.hints import untouched_by
from router.body.json_text import escape as json_escape
from router.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CARRY: Final = 1 << 16
"""What an editor may hold back, in characters (of JSON strings: bytes)."""

_PLAIN: Final = Place()
_ROUND_TRIP = re.compile(
    r"utf-8|ascii|latin-1|iso8859-\d+|cp125\d|cp437|cp85\d|cp86\d|cp874|koi8-[rut]|mac-roman"
    r"|shift_jis|cp932|euc_jp|euc_kr|cp949|gb2312|gbk|gb18030|big5|utf-(?:16|32)-[lb]e"
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def in_html(text: str) -> str:
    """``text`` for HTML and XML, in text and in attribute values."""
    return html.escape(text)


def in_script(text: str) -> str:
    """``text`` for a string in JavaScript."""
    return json_escape(text).decode()


def in_form(text: str) -> str:
    """``text`` for a urlencoded form."""
    return quote_plus(text, errors="replace")


def codec_of(charset: str) -> str:
    """The Python codec for a declared charset; labels nobody knows are read as UTF-8.

    Raises FilterError for charsets in which text does not look like itself byte by byte
    (UTF-7, ISO-2022 …): they could not be edited reliably.
    """
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"
    if name in {"utf-16", "utf-32"}:
        return name + "-be"  # RFC 2781 §4.3, where no byte order mark says otherwise
    if name == "utf-8-sig":
        return "utf-8"
    if not _ROUND_TRIP.fullmatch({"iso8859-1": "latin-1"}.get(name, name)):
        raise FilterError(f"text in charset {name} cannot be edited")
    return name


class TextReader:
    """A body of text. ``escape`` puts inserted text into the language of the body.

    A byte order mark beats ``charset`` (as browsers have it), unless ``marked`` is False. Text of
    one-byte charsets and UTF-8 keeps its bytes, invalid ones included; invalid UTF-16 or UTF-32
    raises FilterError, as does an editor that holds back more than MAX_CARRY.
    """

    def __init__(
        self,
        editor: Editor,
        charset: str = "utf-8",
        escape: Callable[[str], str] | None = None,
        *,
        marked: bool = True,
    ) -> None:
        self._editor = editor
        self._untouched = untouched_by(editor)
        self._escape = escape
        self._head: bytes | None = b"" if marked else None
        self._carry = ""
        self._use(codec_of(charset))

    def _use(self, codec: str) -> None:
        self._codec = codec
        self._wide = codec.startswith(("utf-16", "utf-32"))
        self._errors = "surrogatepass" if self._wide else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(codec)(self._errors)
        self._whole = True

    def feed(self, data: bytes, /) -> bytes:
        """The settled part of the text so far, edited."""
        if self._head is not None:
            data = self._head + data
            if any(len(data) < len(mark) and mark.startswith(data) for mark, _ in _MARKS):
                self._head = data
                return b""
            return self._begin(data)
        if self._whole and data.isascii() and not self._wide and self._untouched(data):
            return data
        return self._edit(data, final=False)

    def flush(self) -> bytes:
        """The rest of the text, edited."""
        head = self._begin(self._head) if self._head else b""
        return head + self._edit(b"", final=True)

    def _begin(self, data: bytes) -> bytes:
        self._head = None
        mark, codec = next((pair for pair in _MARKS if data.startswith(pair[0])), (b"", ""))
        if mark:
            self._use(codec)
        return mark + self.feed(data[len(mark) :])

    def _edit(self, data: bytes, *, final: bool) -> bytes:
        try:
            text = self._carry + self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            raise FilterError(f"text is not {self._codec}") from error
        edits, settled = self._editor.edits(text, _PLAIN, final)
        self._carry = text[settled:]
        if len(self._carry) > MAX_CARRY:
            raise FilterError("an editor holds back too much")
        self._whole = not self._carry and not self._decoder.getstate()[0]
        return self._render(text[:settled], edits)

    def _render(self, text: str, edits: list[Edit]) -> bytes:
        if not edits:
            return text.encode(self._codec, self._errors)
        out: list[bytes] = []
        last = 0
        for start, end, new in edits:
            out.append(text[last:start].encode(self._codec, self._errors))
            escaped = self._escape(new) if self._escape else new
            out.append(escaped.encode(self._codec, "replace"))
            last = end
        out.append(text[last:].encode(self._codec, self._errors))
        return b"".join(out)
