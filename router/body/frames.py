"""One event of a stream, or one line, as bytes with data in them."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from router.body.json_whole import splice
from router.errors import FilterError

_LAST_END = re.compile(rb"(?>(\r\n|\n|\r))(?>\r\n|\n|\r)\Z")

Change: TypeAlias = tuple[int, int, bytes]
"""Replace a span of bytes."""


class Frame(NamedTuple):
    """One event or line as it came: ``raw``, and the ``data`` in it.

    ``lines`` are pairs (offset in data, offset in raw), one per line of data, none where there
    is no data. ``changes`` are edits to the rest of ``raw``. ``newline`` is how a line break
    inside data is written; ``spaced`` whether data may begin with a space as it stands. ``lead``
    is what a copy of the frame begins with.
    """

    raw: bytes
    data: bytes
    lines: tuple[tuple[int, int], ...]
    name: bytes = b""
    changes: tuple[Change, ...] = ()
    newline: bytes = b" "
    spaced: bool = True
    lead: bytes = b""

    def render(self, changes: list[Change]) -> bytes:
        """The frame with changes made to its data and to the rest."""
        if not changes and not self.changes:
            return self.raw
        return splice(self.raw, sorted((*self.placed(changes), *self.changes)))

    def placed(self, changes: list[Change]) -> list[Change]:
        """Changes to the data as changes to ``raw``."""
        return [(self.at(start), self.at(end), new) for start, end, new in changes]

    def render_text(self, changes: list[Change]) -> bytes:
        """The same for data that is text: line breaks and a leading space need care."""
        written = [(start, end, new.replace(b"\n", self.newline)) for start, end, new in changes]
        if written and not self.spaced:
            start, end, new = written[0]
            if start == 0 and (new or self.data[end:])[:1] == b" ":
                written[0] = (0, end, b" " + new)
        return self.render(written)

    def again(self) -> Frame:
        """The frame for a copy of it: its blank line ends as its lines do.

        Where chunks end after a CR it is not known yet whether a LF belongs to it; a copy must
        not depend on that.
        """
        if self.lead:
            lines = tuple((start, at + len(self.lead)) for start, at in self.lines)
            return self._replace(raw=self.lead + self.raw, lines=lines)
        found = _LAST_END.search(self.raw)
        return self._replace(raw=self.raw[: found.end(1)] + found[1]) if found else self

    def at(self, offset: int) -> int:
        """Where in ``raw`` an offset in the data is."""
        for data_start, raw_start in reversed(self.lines):
            if offset >= data_start:
                return raw_start + offset - data_start
        raise FilterError("an edit outside of the data")
