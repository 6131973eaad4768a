"""JSON lines, also as JSON text sequences (RFC 7464): each line by itself, lanes across them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.body.frames import Frame
from router.body.lanes import LaneEditor
from router.errors import FilterError

if TYPE_CHECKING:
    from router.body.filters import Editor


class NdjsonReader:
    """A stream of lines; one that is no JSON is edited as text.

    ``drop`` as in JsonReader. Raises FilterError over ``max_line`` bytes in a line.
    """

    def __init__(
        self, editor: Editor, *, drop: frozenset[str] = frozenset(), max_line: int = 1 << 20
    ) -> None:
        self._lanes = LaneEditor(editor, _frame, drop=drop, text_lanes=False)
        self._max = max_line
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes, /) -> bytes:
        """All complete lines so far, edited."""
        first, newline, rest = data.partition(b"\n")
        if not newline:
            self._hold(data)
            return b""
        lines = [b"".join((*self._parts, first)), *rest.split(b"\n")]
        self._parts, self._held = [], 0
        last = lines.pop()
        out = [self._line(line + b"\n") for line in lines]
        self._hold(last)
        return b"".join(out)

    def flush(self) -> bytes:
        """A last line without its end, and what was withheld."""
        rest = b"".join(self._parts)
        return self._lanes.edit(rest, last=True) if rest else self._lanes.end()

    def _hold(self, data: bytes) -> None:
        if data:
            self._parts.append(data)
            self._held += len(data)
            self._bound(self._held)

    def _bound(self, size: int) -> None:
        if size > self._max:
            raise FilterError("a line is too long")

    def _line(self, raw: bytes) -> bytes:
        self._bound(len(raw))
        return self._lanes.edit(raw)


def _frame(raw: bytes) -> Frame:
    begin = 1 if raw[:1] == b"\x1e" else 0
    return Frame(raw, raw[begin:], ((0, begin),))
