"""Events that may be records of their own: plain lines, and JSON of no known shape.

Nothing moves from one of them to the next but a hit that is cut between the two. So an event whose
end may begin one waits, whole, for the next event. Where that shows the rest, the hit stands in the
event in which it ends; else both go out as if neither had waited. No event is ever made.

Two events are pieces of one text only where the second follows the first and all but the text is
the same in both, byte by byte (``id`` lines aside); of data that is no JSON, the event's name. What
waits goes out with the next event of another kind, with a comment, and at the end of the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from router.body.filters import Editor, Join, Place
from router.body.json_edit import changes_to, edited
from router.body.json_text import plain_offsets
from router.body.json_whole import splice
from router.body.repeats import start_of

if TYPE_CHECKING:
    from router.body.frames import Change, Frame

_ID_LINE = re.compile(rb"^id:[^\r\n]*+(?>\r\n|\n|\r)", re.MULTILINE)
_NEWLINE = re.compile("\r\n?|\n")
_MOST: Final = 64
_MOST_BLANK: Final = 2
_MAX_BYTES: Final = 1 << 22

Span: TypeAlias = tuple[int, int, Place]
"""Where a JSON string stands in an event."""

Key: TypeAlias = tuple[bytes, ...]
"""What two events have in common whose texts may be one."""


class Edited(Protocol):
    """An event with a text in it."""

    @property
    def text(self) -> bytes:
        """The text as it came, raw."""
        ...

    @property
    def size(self) -> int:
        """The bytes it keeps."""
        ...

    def render(self, changes: list[Change]) -> bytes:
        """The event with changes made to the text."""
        ...


class Around(NamedTuple):
    """A JSON string, and what goes out before and behind it in its event."""

    head: bytes
    text: bytes
    tail: bytes

    @property
    def size(self) -> int:
        """As :attr:`Edited.size`."""
        return len(self.head) + len(self.text) + len(self.tail)

    def render(self, changes: list[Change]) -> bytes:
        """As :meth:`Edited.render`."""
        return self.head + splice(self.text, changes) + self.tail


class Line(NamedTuple):
    """An event whose data is text."""

    frame: Frame

    @property
    def text(self) -> bytes:
        """As :attr:`Edited.text`."""
        return self.frame.data

    @property
    def size(self) -> int:
        """As :attr:`Edited.size`."""
        return len(self.frame.raw)

    def render(self, changes: list[Change]) -> bytes:
        """As :meth:`Edited.render`."""
        return self.frame.render_text(changes)


def common(raw: bytes, start: int, end: int) -> Key:
    """All of an event but the text at ``start:end``."""
    head, tail = raw[:start], raw[end:].rstrip(b"\r\n")
    if b"id:" in head or b"id:" in tail:
        return _ID_LINE.sub(b"", head), _ID_LINE.sub(b"", tail)
    return head, tail


@dataclass(slots=True)
class _Piece:
    """An event that may wait: ``settled`` bytes of its text are done; ``behind`` ends it."""

    event: Edited
    settled: int = 0
    changes: list[Change] = field(default_factory=list)
    behind: bytes = b""

    def rest(self) -> bytes:
        return self.event.text[self.settled :]

    def out(self) -> bytes:
        return self.event.render(self.changes) + self.behind


class Records:
    """The events that wait; ``bool`` tells whether there are any."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._pieces: list[_Piece] = []
        self._key: Key = ()
        self._place = Place()
        self._blank = 0

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def looked_at(
        self, raw: bytes, place: Place, *, final: bool = False
    ) -> tuple[list[Change], int]:
        """The changes to a text, and up to where it is settled."""
        if place.join is not Join.APART:
            return changes_to(raw, self._editor, place, final=final)
        text = raw.decode("utf-8", "surrogateescape")
        edits, until = self._editor.edits(text, place, final)
        marks = [offset for edit in edits for offset in edit[:2]]
        *marks, end = plain_offsets(raw, [*marks, until])
        return [
            (start, stop, _NEWLINE.sub("\n", edit.new).encode("utf-8", "replace"))
            for start, stop, edit in zip(marks[::2], marks[1::2], edits, strict=True)
        ], end

    def goes_on(self, key: Key) -> bool:
        """Whether an event of this kind may go on with what waits."""
        return bool(self._pieces) and key == self._key

    def edit(self, key: Key, place: Place, event: Edited, *, final: bool) -> bytes:
        """What can go out now that this event has come; ``final``: nothing goes on with it."""
        if not self._pieces:
            text = event.text
            changes, until = self.looked_at(text, place, final=final)
            if until == len(text):
                return event.render(changes)
            self._hold(key, place, event, changes, until)
            return b""
        out = [] if self.goes_on(key) else [self.end()]
        self._begin(key, place)
        self._add(_Piece(event), out, final=final)
        if len(self._pieces) > _MOST or sum(one.event.size for one in self._pieces) > _MAX_BYTES:
            out.append(self.end())
        return b"".join(out)

    def edit_event(
        self, raw: bytes, changes: list[Change], spans: list[Span], *, final: bool
    ) -> bytes:
        """The same for a JSON event, in which one of ``spans`` at most may go on in the next.

        ``changes`` are those to the rest of ``raw``.
        """
        chosen = self._chosen(raw, spans)
        for span in spans:
            if span != chosen:
                start, end, place = span
                new = edited(raw[start:end], self._editor, place)
                if new is not None:
                    changes.append((start, end, new))
        changes.sort()
        if chosen is None:
            return self.end() + splice(raw, changes)
        start, end, place = chosen
        head = splice(raw[:start], [one for one in changes if one[0] < start])
        behind = [(at - end, to - end, new) for at, to, new in changes if at >= end]
        around = Around(head, raw[start:end], splice(raw[end:], behind))
        return self.edit(common(raw, start, end), place, around, final=final)

    def _chosen(self, raw: bytes, spans: list[Span]) -> Span | None:
        """The string that goes on with what waits, or else the only one that is not empty."""
        if self._pieces:
            for span in spans:
                if self.goes_on(common(raw, span[0], span[1])):
                    return span
        full = [span for span in spans if span[1] > span[0]]
        return full[0] if len(full) == 1 else None

    def edit_likely(
        self, raw: bytes, outs: list[bytes], at: int, place: Place, text: bytes
    ) -> bytes:
        """The same for an event like an earlier one: ``outs`` are its tokens but for one string."""
        changes: list[Change] = []
        until = -1
        if not self._pieces:
            changes, until = self.looked_at(text, place)
            if until == len(text):
                outs[at] = b'"%b"' % (splice(text, changes) if changes else text)
                return b"".join(outs)
        start = start_of(raw, at)
        key = common(raw, start, start + len(text))
        around = Around(b"".join(outs[:at]) + b'"', text, b'"' + b"".join(outs[at + 1 :]))
        if until < 0:
            return self.edit(key, place, around, final=False)
        self._hold(key, place, around, changes, until)
        return b""

    def _hold(
        self, key: Key, place: Place, event: Edited, changes: list[Change], settled: int
    ) -> None:
        self._begin(key, place)
        self._pieces.append(_Piece(event, settled, changes))

    def _begin(self, key: Key, place: Place) -> None:
        self._key, self._place = key, place
        self._blank = 0

    def behind(self, raw: bytes) -> bytes:
        """A line end behind the last event, which waits if that does."""
        if not self._pieces:
            return raw
        self._pieces[-1].behind += raw
        return b""

    def blank(self, raw: bytes) -> bytes:
        """A blank line between events; where there are many, the stream is only kept alive."""
        self._blank += 1
        return self.behind(raw) if self._blank <= _MOST_BLANK else self.end() + raw

    def end(self) -> bytes:
        """All that waits: nothing goes on with it."""
        pieces, self._pieces = self._pieces, []
        return b"".join([self._finish(piece) for piece in pieces]) if pieces else b""

    def _finish(self, piece: _Piece) -> bytes:
        at = piece.settled
        changes, _ = self.looked_at(piece.rest(), self._place, final=True)
        piece.changes += [(start + at, stop + at, new) for start, stop, new in changes]
        return piece.out()

    def _add(self, piece: _Piece, out: list[bytes], *, final: bool) -> None:
        while self._pieces:
            first = len(self._pieces[0].rest())
            joined = b"".join([one.rest() for one in (*self._pieces, piece)])
            changes, until = self.looked_at(joined, self._place, final=final)
            if until < first:
                self._pieces.append(piece)
                return
            if any(start < first < stop for start, stop, _ in changes):
                self._share(piece, changes, until, out)
                return
            alone, *others = self._pieces
            out.append(self._finish(alone))
            self._pieces = []
            for other in others:
                self._add(other, out, final=False)
        piece.changes, piece.settled = self.looked_at(piece.event.text, self._place, final=final)
        if piece.settled < len(piece.event.text):
            self._pieces.append(piece)
        else:
            out.append(piece.out())

    def _share(self, piece: _Piece, changes: list[Change], until: int, out: list[bytes]) -> None:
        """Gives each event its part of the changes to all; what is new stands where a hit ends."""
        pieces, self._pieces = (*self._pieces, piece), []
        begin = 0
        for one in pieces:
            shift = one.settled - begin
            end = len(one.event.text) - shift
            one.changes += [
                (max(start, begin) + shift, min(stop, end) + shift, new if stop <= end else b"")
                for start, stop, new in changes
                if start < end and stop > begin
            ]
            if self._pieces or until < end:
                one.settled += max(0, until - begin)
                self._pieces.append(one)
            else:
                out.append(one.out())
            begin = end
