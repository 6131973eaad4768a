"""An array of JSON that grows, each element an event: Gemini's streams without ``alt=sse``."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from router.body.frames import Frame
from router.body.lanes import LaneEditor
from router.body.text import TextReader
from router.errors import FilterError

if TYPE_CHECKING:
    from router.body.filters import Editor

_BEGINNING: Final = b'[{"candidates"'
_LONGEST_HEAD: Final = 256
_LEAD = re.compile(rb"[\s,]*+")
_MARK = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def is_array_of_events(head: bytes) -> bool | None:
    """Whether a body begins like such an array; None where that cannot be told yet."""
    if head.startswith(b"{"):
        return False
    begun = b"".join(head[:_LONGEST_HEAD].removeprefix(codecs.BOM_UTF8).split())
    if begun.startswith(_BEGINNING):
        return True
    return None if _BEGINNING.startswith(begun) and len(head) < _LONGEST_HEAD else False


class ArrayReader:
    """The elements of one array, with lanes across them; what comes behind it is text.

    ``drop`` as in JsonReader. Raises FilterError over ``max_event`` bytes in an element.
    """

    def __init__(
        self, editor: Editor, *, drop: frozenset[str] = frozenset(), max_event: int = 16 << 20
    ) -> None:
        self._lanes = LaneEditor(editor, _frame, drop=drop, text_lanes=False)
        self._behind = TextReader(editor, marked=False)
        self._max = max_event
        self._parts: list[bytes] = []
        self._held = self._searched = self._depth = 0
        self._in_string = self._over = False

    def feed(self, data: bytes, /) -> bytes:
        """All elements that are complete, edited."""
        if self._over:
            return self._behind.feed(data)
        self._parts.append(data)
        self._held += len(data)
        if not self._in_string or b'"' in data:
            return self._events(b"".join(self._parts))
        self._bound(self._held)
        return b""

    def flush(self) -> bytes:
        """The last element, where it is not complete, and what was withheld."""
        if self._over:
            return self._behind.flush()
        rest = b"".join(self._parts)
        return self._lanes.edit(rest, last=True) if rest else self._lanes.end()

    def _events(self, buf: bytes) -> bytes:
        out: list[bytes] = []
        start, at = 0, self._searched
        self._in_string = False
        while (mark := _MARK.search(buf, at)) is not None:
            sign = mark.group()
            if mark[1] is not None and mark[1] != b'"':
                at, self._in_string = mark.start(), True
                break
            at = mark.end()
            if sign in (b"[", b"{"):
                self._depth += 1
                if self._depth == 1:
                    out.append(buf[start:at])
                    start = at
            elif sign in (b"]", b"}"):
                self._depth -= 1
                if self._depth == 1:
                    self._bound(at - start)
                    out.append(self._lanes.edit(buf[start:at]))
                    start = at
                elif not self._depth:
                    return b"".join((*out, self._end(buf[start:])))
        else:
            at = len(buf)
        self._parts, self._held = [buf[start:]], len(buf) - start
        self._searched = at - start
        self._bound(self._held)
        return b"".join(out)

    def _bound(self, size: int) -> None:
        if size > self._max:
            raise FilterError("an event is too long")

    def _end(self, rest: bytes) -> bytes:
        self._over, self._parts = True, []
        return self._lanes.end() + self._behind.feed(rest)


def _frame(raw: bytes) -> Frame:
    found = _LEAD.match(raw)
    begin = found.end() if found else 0
    lead = b"" if b"," in raw[:begin] else b","
    return Frame(raw, raw[begin:], ((0, begin),), lead=lead)
