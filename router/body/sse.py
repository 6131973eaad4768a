"""Server-sent events (WHATWG HTML §9.2): every byte stays but for edited text.

An event leaves as soon as its blank line is there, unless it may be a record whose end begins a hit
(see ``records``); comments between events leave at once, so keep-alives are not held up.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from router.body.filters import Editor, Place
from router.body.frames import Change, Frame
from router.body.json_text import plain_offsets
from router.body.json_whole import splice
from router.body.lanes import LaneEditor
from router.errors import FilterError

_END = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_BETWEEN = re.compile(rb"(?::[^\r\n]*+)?+(?>\r\n|\n|\r)")
_LINE = re.compile(rb"([^\r\n]++)(?:\r\n|\n|\r|\Z)")
_NAMES: Final = {name.encode(): Place(("sse", name)) for name in ("event", "id", "retry")}
_COMMENT: Final = Place(("sse", "comment"))
_FIELD: Final = Place(("sse", "field"))
_NEWLINES = re.compile(r"[\r\n]+")


def _end_of_event(buf: bytes, start: int) -> int:
    """Where the next blank line ends; 0 where there is none."""
    found = _END.search(buf, start)
    return found.end() if found else 0


class SseReader:
    """A stream of events. ``drop`` as in JsonReader, for data that is JSON.

    Data that is JSON is edited as JSON, other data as text; comments, event names, ids and
    unknown lines each by themselves. Raises FilterError over ``max_event`` bytes in an event.
    """

    def __init__(
        self, editor: Editor, *, drop: frozenset[str] = frozenset(), max_event: int = 1 << 20
    ) -> None:
        self._editor = editor
        self._lanes = LaneEditor(editor, self._frame, drop=drop, text_lanes=True)
        self._max = max_event
        self._rest = b""
        self._searched = 0
        self._begun = self._half_end = False

    def feed(self, data: bytes, /) -> bytes:
        """All complete events so far, edited."""
        buf = self._rest + data if self._rest else data
        out: list[bytes] = []
        pos = 0
        if not self._begun:
            if len(buf) < len(codecs.BOM_UTF8) and codecs.BOM_UTF8.startswith(buf):
                self._rest = buf
                return b""
            self._begun = True
            if buf.startswith(codecs.BOM_UTF8):
                out.append(codecs.BOM_UTF8)
                pos = len(codecs.BOM_UTF8)
        if self._half_end and pos < len(buf):
            self._half_end = False
            if buf[pos] == 0x0A:
                out.append(self._lanes.behind(b"\n"))
                pos += 1
        self._events(buf, pos, out)
        return b"".join(out)

    def flush(self) -> bytes:
        """A last event without its blank line, and what was withheld."""
        if not self._rest:
            return self._lanes.end()
        return self._lanes.edit(self._rest, last=True)

    def _events(self, buf: bytes, pos: int, out: list[bytes]) -> None:
        end = pos
        plain = 0x0D not in buf
        while end < len(buf):
            begin = end
            found = _BETWEEN.match(buf, begin)
            if found is None:
                from_ = max(begin, self._searched)
                stop = buf.find(b"\n\n", from_) + 2 if plain else _end_of_event(buf, from_)
                if stop < 2:
                    break
                end = stop
            else:
                end = found.end()
            self._searched = 0
            self._bound(end - begin)
            out.append(self._lanes.edit(buf[begin:end]))
            self._half_end = end == len(buf) and buf[end - 1] == 0x0D
        self._rest = buf[end:]
        self._bound(len(self._rest))
        self._searched = max(0, len(self._rest) - 3)

    def _bound(self, size: int) -> None:
        if size > self._max:
            raise FilterError("an event is too long")

    def _frame(self, raw: bytes) -> Frame:
        data: list[bytes] = []
        lines: list[tuple[int, int]] = []
        changes: list[Change] = []
        event = b""
        size = 0
        spaced = True
        for found in _LINE.finditer(raw):
            begin, end = found.span(1)
            name, _, value = found[1].partition(b":")
            start = min(end, begin + len(name) + (2 if value[:1] == b" " else 1))
            if name == b"data":
                spaced = spaced and (bool(data) or value[:1] == b" ")
                data.append(raw[start:end])
                lines.append((size, start))
                size += end - start + 1
                continue
            if name == b"event":
                event = raw[start:end]
            self._edit_line(raw, name, (begin, start, end), changes)
        if event == b"message":
            event = b""  # what events without a name are called
        joined = data[0] if len(data) == 1 else b"\n".join(data)
        return Frame(raw, joined, tuple(lines), event, tuple(changes), b"\ndata: ", spaced)

    def _edit_line(
        self, raw: bytes, name: bytes, span: tuple[int, int, int], changes: list[Change]
    ) -> None:
        begin, start, end = span
        place = _NAMES.get(name, _FIELD if name else _COMMENT)
        if place is _FIELD:
            start = begin
        line = raw[start:end]
        text = line.decode("utf-8", "surrogateescape")
        edits, _ = self._editor.edits(text, place, True)  # noqa: FBT003 - the spine's signature
        if not edits:
            return
        marks = plain_offsets(line, [offset for edit in edits for offset in edit[:2]])
        new = [_NEWLINES.sub(" ", edit.new).encode("utf-8", "replace") for edit in edits]
        spans = zip(marks[::2], marks[1::2], new, strict=True)
        changes.append((start, end, splice(line, spans)))
