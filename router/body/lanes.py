"""Texts that are written piecewise over successive events, edited as the texts they are.

In the shapes that ``lane_rules`` knows, what the editor has not settled of a piece is withheld and
put before the next piece of the same lane. Where a lane ends its carry goes out first: in the
ending event if that adds to the lane, else as a copy of the lane's last event with the carry for
its text and no other pieces in it. Other events are ``records``: nothing moves between them but a
hit that is cut in two.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from router.body.events import alone, made_in, may_be_nested, strings_of
from router.body.filters import Editor, Join, Place
from router.body.hints import is_awkward, untouched_by
from router.body.json_edit import changes_to, edited, settled
from router.body.json_grammar import LENIENT
from router.body.json_paths import Marks, tree
from router.body.json_walk import STRING, Status, Step, Walker
from router.body.json_whole import splice
from router.body.lane_rules import (
    ALL,
    FACTS,
    LANES,
    NONE,
    Ending,
    is_whole,
)
from router.body.nesting import Nesting
from router.body.pieces import Piece, Text
from router.body.records import Records
from router.body.repeats import Repeat, Rule, remember
from router.body.text import MAX_CARRY
from router.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from router.body.frames import Change, Frame
    from router.body.lane_rules import LaneKey

_SENTINEL = re.compile(rb"\s*\[[A-Z][A-Z_ -]*\]\s*")
_LINE: Final = Place(join=Join.APART)
_MAX_DEPTH: Final = 200
_MAX_EVENTS: Final = 16 << 20
_MAX_REPEATS: Final = 8


class Lane(NamedTuple):
    """A withheld tail (raw), where it stands, and the event it comes from."""

    carry: bytes
    place: Place
    event: bytes


class LaneEditor:
    """Edits events one by one; ``frame_of`` finds the data in one.

    ``text_lanes``: data that is no JSON may go on in the next event of that name. Raises
    FilterError over ``max_lanes`` texts, 16 MiB of events or MAX_CARRY of one text withheld.
    """

    def __init__(
        self,
        editor: Editor,
        frame_of: Callable[[bytes], Frame],
        *,
        drop: frozenset[str],
        text_lanes: bool,
        max_lanes: int = 256,
    ) -> None:
        self._editor = editor
        self._frame_of = frame_of
        self._untouched = untouched_by(editor)
        self._drop = tuple(name.encode() for name in drop)
        self._root = tree(Marks(drop, LANES, FACTS))
        self._text_lanes = text_lanes
        self._max_lanes = max_lanes
        self._lanes: dict[LaneKey, Lane] = {}
        self._nested = is_awkward(editor)
        self._nestings: dict[LaneKey, Nesting] = {}
        self._records = Records(editor, nested=self._nested)
        self._repeats: dict[int, Repeat] = {}
        self._changing = False

    def edit(self, raw: bytes, *, last: bool = False) -> bytes:
        """The event, edited, after what had to come before it; with ``last`` all lanes end."""
        if not (last or self._changing) and self._passes(raw):
            return raw
        out = None if last else self._repeat(raw)
        if out is None:
            out = self._read_whole(raw, last=last)
        self._changing = out != raw
        return out

    def _passes(self, raw: bytes) -> bool:
        if self._lanes or self._records or not self._untouched(raw):
            return False
        if 0x5C in raw and raw.find(b"\\u") >= 0:
            return False
        if self._nested and may_be_nested(raw):
            return False
        return not (self._drop and any(name in raw for name in self._drop))

    def _repeat(self, raw: bytes) -> bytes | None:
        """The event edited in the likeness of an earlier one, if it is like that."""
        if self._records:
            return None
        repeat = self._repeats.get(raw.count(b'"'))
        found = None if repeat is None else repeat.match(raw)
        if found is None:
            return None
        outs, strings = found
        for at, (rule, text) in strings.items():
            if rule.key:
                continue
            new = self._unless_it_goes_on(rule.place, text)
            if new is None:
                return None
            outs[at] = b'"%b"' % new
        for at, (rule, text) in strings.items():
            if rule.key:
                outs[at] = b'"%b"' % self._go_on(rule.key, rule.place, text, raw)
        return b"".join(outs)

    def _unless_it_goes_on(self, place: Place, text: bytes) -> bytes | None:
        """The string after the editor; None where it may go on in the next event."""
        if place.join:
            if place.nested and self._nested:
                return None
            changes, until = changes_to(text, self._editor, place, final=False)
            if until < len(text):
                return None
            return splice(text, changes) if changes else text
        changed = edited(text, self._editor, place)
        return text if changed is None else changed

    def _read_whole(self, raw: bytes, *, last: bool) -> bytes:
        if not last and not raw.strip(b"\r\n"):
            return self._records.blank(raw)
        frame = self._frame_of(raw)
        if not frame.lines:
            return (self.end() if last else self._records.end()) + frame.render([])
        steps = self._walk(frame)
        if steps is None:
            return self._edit_text(frame, last=last)
        return self._edit_json(frame, steps, last=last)

    def end(self) -> bytes:
        """All that is withheld, at the end of the body."""
        return self._release(ALL, ()) + self._records.end()

    def behind(self, raw: bytes) -> bytes:
        """The rest of the line end of the event before."""
        return self._records.behind(raw)

    def _walk(self, frame: Frame) -> list[Step] | None:
        data = frame.data
        if data.lstrip()[:1] not in (b"{", b"[", b'"'):
            return None
        walker = Walker(LENIENT, self._root, max_depth=_MAX_DEPTH, limit=sys.maxsize)
        steps, end, status = walker.advance(data, 0)
        if status is not Status.DONE or data[end:].strip():
            return None
        if len(frame.lines) > 1 and any(
            b"\n" in data[step[4] : step[5]] for step in steps if step[0] == STRING
        ):
            return None
        return steps

    def _edit_json(self, frame: Frame, steps: list[Step], *, last: bool) -> bytes:
        changes: list[Change] = []
        event, strings = strings_of(frame, steps, self._editor, changes)
        going_on = {rule.key for _, _, rule in strings if rule.key}
        ending = ALL if last else event.ending()
        before = self._release(ending, going_on)
        fresh = not self._records and ending == NONE
        own: list[Change] = []
        piece = Piece(frame, event.kind)
        for start, end, rule in strings:
            text = frame.data[start:end]
            if rule.place.join:
                piece.texts.append(Text(text, rule.place, frame.at(start)))
            elif rule.key and not ending.ends_here(rule.key):
                own.append((start, end, self._go_on(rule.key, rule.place, text, frame.raw)))
            elif rule.key:
                own.append((start, end, self._finish(rule.key, rule.place, text)))
            elif (new := edited(text, self._editor, rule.place)) is not None:
                changes.append((start, end, new))
        placed = frame.placed(changes)
        piece.changes = [*placed, *made_in(frame, own), *frame.changes]
        out = self._records.edit(piece, final=ending.everything)
        if fresh and not self._records and len(frame.lines) == 1 and not frame.changes:
            placed += piece.placed()
            self._remember(frame, steps, placed, {start: rule for start, _, rule in strings})
        return before + out

    def _go_on(self, key: LaneKey, place: Place, text: bytes, event: bytes) -> bytes:
        """The settled part of what was withheld of a lane and ``text``; withholds the rest."""
        lane = self._lanes.pop(key, None)
        joined = lane.carry + text if lane else text
        new, carry = settled(joined, self._editor, place, self._nesting(key, place))
        if carry:
            self._keep(key, Lane(carry, place, event))
        return new

    def _finish(self, key: LaneKey, place: Place, text: bytes) -> bytes:
        lane = self._lanes.pop(key, None)
        joined = lane.carry + text if lane else text
        new = edited(joined, self._editor, place, self._nesting(key, place))
        return joined if new is None else new

    def _nesting(self, key: LaneKey, place: Place) -> Nesting | None:
        """How deep the lane has come, where it is JSON in a string and that matters."""
        if not self._nested or not place.nested:
            return None
        if key not in self._nestings and len(self._nestings) >= self._max_lanes:
            self._nestings.pop(next(iter(self._nestings)))
        return self._nestings.setdefault(key, Nesting())

    def _remember(
        self, frame: Frame, steps: list[Step], changes: list[Change], rules: dict[int, Rule]
    ) -> None:
        made = remember(frame.raw, steps, changes, rules)
        if made is not None:
            if len(self._repeats) >= _MAX_REPEATS:
                self._repeats.clear()
            self._repeats[frame.raw.count(b'"')] = made

    def _edit_text(self, frame: Frame, *, last: bool) -> bytes:
        data = frame.data
        sentinel = _SENTINEL.fullmatch(data) is not None
        alone = sentinel or not self._text_lanes or data.lstrip()[:1] == b"{"
        over = last or is_whole(frame.name)
        before = self._release(ALL, ()) if over or sentinel else b""
        kind = (b"alone",) if alone else (b"text", frame.name)
        piece = Piece(frame, kind, [Text(data, _LINE, is_line=True)])
        return before + self._records.edit(piece, final=over or alone)

    def _keep(self, key: LaneKey, lane: Lane) -> None:
        self._lanes[key] = lane
        size = sum(len(one.event) for one in self._lanes.values())
        if len(self._lanes) > self._max_lanes or len(lane.carry) > MAX_CARRY or size > _MAX_EVENTS:
            raise FilterError("too much text is held back")

    def _release(self, ending: Ending, going_on: Collection[LaneKey | None]) -> bytes:
        over = [key for key in self._lanes if ending.ends(key) and key not in going_on]
        copies = b"".join([self._flush(key) for key in over])
        return self._records.end() + copies if copies else b""

    def _flush(self, key: LaneKey) -> bytes:
        lane = self._lanes[key]
        frame = self._frame_of(lane.event).again()
        steps = self._walk(frame)
        if steps is None:
            raise FilterError("an event that held a text back cannot be read again")
        new = self._finish(key, lane.place, b"")
        if not new:
            return b""
        changes: list[Change] = []
        _, strings = strings_of(frame, steps, self._editor, changes)
        for start, end, rule in strings:
            if rule.key != key:
                again = edited(frame.data[start:end], self._editor, rule.place)
                changes += [] if again is None else [(start, end, again)]
        own = [start for start, _, rule in strings if rule.key == key]
        return frame.render(alone(steps, changes, own[-1], new))
