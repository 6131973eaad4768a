"""Events that may be records of their own: plain lines, and JSON of no known shape.

Nothing moves from one of them to the next but a hit that is cut between the two. So an event one
of whose texts ends in what may begin a hit waits, whole, for the next event. Where that shows the
rest, the hit stands in the event in which it ends; else both go out as if neither had waited. No
event is ever made.

Two events are pieces of one text only where the second follows the first and says the same but for
its texts and what counts (see ``pieces``). What waits goes out with the next event of another kind,
with a comment, and at the end of the body.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.body.filters import Editor, Place
from router.body.json_edit import changes_to
from router.body.json_text import plain_offsets
from router.body.nesting import Nesting

if TYPE_CHECKING:
    from router.body.frames import Change
    from router.body.json_paths import Path
    from router.body.pieces import Piece, Text

_NEWLINE = re.compile("\r\n?|\n")
_MOST: Final = 64
_MOST_BLANK: Final = 2
_MAX_BYTES: Final = 1 << 22
_MOST_NESTED: Final = 256


class Records:
    """The events that wait; ``bool`` tells whether there are any.

    ``nested``: whether it matters how deep in JSON within JSON a text stands.
    """

    def __init__(self, editor: Editor, *, nested: bool) -> None:
        self._editor = editor
        self._nested = nested
        self._nestings: dict[tuple[object, Path], Nesting] = {}
        self._waiting: list[Piece] = []
        self._open: dict[Path, list[Text]] = {}
        self._going_on: set[Path] = set()
        self._blank = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def edit(self, piece: Piece, *, final: bool) -> bytes:
        """What can go out now that this event has come; ``final``: nothing goes on with it."""
        before = b""
        if self._waiting and not piece.follows(self._waiting[-1], self._going_on):
            before = self.end()
        self._blank = 0
        for text in piece.texts:
            text.nesting = self._nesting(piece, text)
            chain = self._advance(self._open.pop(text.place.path, []), text, final=final)
            if chain:
                self._open[text.place.path] = chain
                self._going_on.add(text.place.path)
        self._waiting.append(piece)
        out = before + self._out()
        if len(self._waiting) > _MOST or sum(one.size for one in self._waiting) > _MAX_BYTES:
            out += self.end()
        return out

    def behind(self, raw: bytes) -> bytes:
        """A line end behind the last event, which waits if that does."""
        if not self._waiting:
            return raw
        self._waiting[-1].behind += raw
        return b""

    def blank(self, raw: bytes) -> bytes:
        """A blank line between events; where there are many, the stream is only kept alive."""
        self._blank += 1
        return self.behind(raw) if self._blank <= _MOST_BLANK else self.end() + raw

    def end(self) -> bytes:
        """All that waits: nothing goes on with it."""
        for chain in self._open.values():
            joined = b"".join([one.rest for one in chain])
            _shared(chain, *self._looked_at(joined, chain[0], final=True))
        self._open = {}
        return self._out()

    def _out(self) -> bytes:
        """The first of what waits that have no text to wait for."""
        out: list[bytes] = []
        held = {id(text) for chain in self._open.values() for text in chain}
        while self._waiting and not any(id(text) in held for text in self._waiting[0].texts):
            out.append(self._waiting.pop(0).out())
        if not self._waiting:
            self._going_on = set()
        return b"".join(out)

    def _nesting(self, piece: Piece, text: Text) -> Nesting | None:
        """How deep the text so far ends, of those that are JSON in a string."""
        if not self._nested or not text.place.nested:
            return None
        key = piece.kind, text.place.path
        if key not in self._nestings and len(self._nestings) >= _MOST_NESTED:
            self._nestings.pop(next(iter(self._nestings)))
        return self._nestings.setdefault(key, Nesting())

    def _advance(self, chain: list[Text], text: Text, *, final: bool) -> list[Text]:
        """Settles what can be of texts that go on in each other; those that still wait."""
        while chain:
            first = len(chain[0].rest)
            joined = b"".join([one.rest for one in (*chain, text)])
            changes, until = self._looked_at(joined, text, final=final)
            if until < first:
                return [*chain, text]
            if any(start < first < stop for start, stop, _ in changes):
                return _shared([*chain, text], changes, until)
            alone, *others = chain
            self._settle(alone, final=True)
            chain = []
            for other in others:
                chain = self._advance(chain, other, final=False)
        self._settle(text, final=final)
        return [text] if text.rest else []

    def _settle(self, text: Text, *, final: bool) -> None:
        changes, until = self._looked_at(text.rest, text, final=final)
        text.settle(changes, until)

    def _looked_at(self, raw: bytes, text: Text, *, final: bool) -> tuple[list[Change], int]:
        """The changes to a text, and up to where it is settled."""
        if not text.is_line:
            nesting = text.nesting and text.nesting.copy()
            return changes_to(raw, self._editor, text.place, final=final, nesting=nesting)
        return _changes_to_line(raw, self._editor, text.place, final=final)


def _changes_to_line(
    raw: bytes, editor: Editor, place: Place, *, final: bool
) -> tuple[list[Change], int]:
    text = raw.decode("utf-8", "surrogateescape")
    edits, until = editor.edits(text, place, final)
    marks = [offset for edit in edits for offset in edit[:2]]
    *marks, end = plain_offsets(raw, [*marks, until])
    return [
        (start, stop, _NEWLINE.sub("\n", edit.new).encode("utf-8", "replace"))
        for start, stop, edit in zip(marks[::2], marks[1::2], edits, strict=True)
    ], end


def _shared(texts: list[Text], changes: list[Change], until: int) -> list[Text]:
    """Gives each text its part of the changes to all; what is new stands where a hit ends."""
    waiting: list[Text] = []
    begin = 0
    for one in texts:
        end = begin + len(one.rest)
        part = [
            (max(start, begin) - begin, min(stop, end) - begin, new if stop <= end else b"")
            for start, stop, new in changes
            if start < end and stop > begin
        ]
        one.settle(part, min(max(0, until - begin), end - begin))
        if waiting or until < end:
            waiting.append(one)
        begin = end
    return waiting
