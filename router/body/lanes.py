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

from router.body.filters import Editor, Join, Place
from router.body.hints import untouched_by
from router.body.json_edit import edited, renamed, settled
from router.body.json_grammar import LENIENT
from router.body.json_paths import Marks, Path, tree
from router.body.json_walk import CLOSE, OPEN, STRING, Status, Step, Walker
from router.body.lane_rules import (
    ALL,
    FACTS,
    GROUPS,
    LANES,
    NONE,
    Ending,
    Event,
    is_whole,
)
from router.body.records import Line, Records
from router.body.repeats import Repeat, Rule, remember
from router.body.text import MAX_CARRY
from router.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from router.body.frames import Change, Frame
    from router.body.lane_rules import LaneKey
    from router.body.records import Span

_SENTINEL = re.compile(rb"\s*\[[A-Z][A-Z_ -]*\]\s*")
_LINE: Final = Place(join=Join.APART)
_MAX_DEPTH: Final = 200
_GAP: Final = 64
"""White space in brackets that still count as empty."""
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
        self._records = Records(editor)
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
        if self._lanes or self._records or b"\\u" in raw or not self._untouched(raw):
            return False
        return not any(name in raw for name in self._drop)

    def _repeat(self, raw: bytes) -> bytes | None:
        """The event edited in the likeness of an earlier one, if it is like that."""
        repeat = self._repeats.get(raw.count(b'"'))
        if repeat is None or (repeat.loose and self._lanes):
            return None
        found = repeat.match(raw)
        if found is None:
            return None
        outs, strings = found
        loose: tuple[int, Place, bytes] | None = None
        for at, (rule, text) in strings.items():
            if rule.place.join:
                loose = at, rule.place, text
                continue
            if rule.key:
                new = self._go_on(rule.key, rule.place, text, raw)
            else:
                changed = edited(text, self._editor, rule.place)
                new = text if changed is None else changed
            outs[at] = b'"%b"' % new
        if loose is None:
            return self._records.end() + b"".join(outs)
        return self._records.edit_likely(raw, outs, *loose)

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
        return self._records.end() + self._release(ALL, ())

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
        event, pieces = self._read(frame, steps, changes)
        going_on = {rule.key for _, _, rule in pieces if rule.key}
        has_pieces = any(rule.is_piece for _, _, rule in pieces)
        ending = ALL if last else event.ending()
        before = self._release(ending, going_on) if self._lanes else b""
        own: list[Change] = []
        loose: list[Span] = []
        for start, end, rule in pieces:
            if rule.place.join:
                loose.append((frame.at(start), frame.at(end), rule.place))
                continue
            text = frame.data[start:end]
            if rule.key and not ending.ends_here(rule.key):
                new = self._go_on(rule.key, rule.place, text, frame.raw)
            else:
                new = self._finish(rule, text)
            if new != text:
                own.append((start, end, new))
        alike = ending == NONE or (ending.tags is not None and has_pieces and not going_on)
        if alike and len(frame.lines) == 1 and not frame.changes:
            self._remember(frame, steps, changes, {start: rule for start, _, rule in pieces})
        changes += own
        if loose:
            placed = [*frame.placed(changes), *frame.changes]
            out = self._records.edit_event(frame.raw, placed, loose, final=ending.everything)
            return before + out
        return self._records.end() + before + frame.render(changes)

    def _go_on(self, key: LaneKey, place: Place, text: bytes, event: bytes) -> bytes:
        """The settled part of what was withheld of a lane and ``text``; withholds the rest."""
        lane = self._lanes.pop(key, None)
        new, carry = settled(lane.carry + text if lane else text, self._editor, place)
        if carry:
            self._keep(key, Lane(carry, place, event))
        return new

    def _finish(self, rule: Rule, text: bytes) -> bytes:
        lane = self._lanes.pop(rule.key, None) if rule.key else None
        joined = lane.carry + text if lane else text
        new = edited(joined, self._editor, rule.place)
        return joined if new is None else new

    def _remember(
        self, frame: Frame, steps: list[Step], changes: list[Change], lanes: dict[int, Rule]
    ) -> None:
        made = remember(frame.raw, steps, frame.placed(changes), lanes)
        if made is not None:
            if len(self._repeats) >= _MAX_REPEATS:
                self._repeats.clear()
            self._repeats[frame.raw.count(b'"')] = made

    def _read(
        self, frame: Frame, steps: list[Step], changes: list[Change]
    ) -> tuple[Event, list[tuple[int, int, Rule]]]:
        """Makes the changes outside of lanes; the strings that may be pieces, by their spans."""
        data, editor = frame.data, self._editor
        facts: dict[Path, bytes] = {}
        pieces: list[tuple[int, int, bool, Path]] = []
        for kind, begin, name_start, name_end, start, end, node, path in steps:
            if node.dropped:
                changes.append((begin, end + 1 if kind == STRING else end, b""))
                continue
            if name_start >= 0:
                name = data[name_start:name_end]
                if (new := renamed(name, editor, node, path)) != name:
                    changes.append((name_start, name_end, new))
            if node.fact and kind != CLOSE:
                empty = kind == OPEN and data[end : end + _GAP].lstrip().startswith((b"}", b"]"))
                facts[path] = b"" if empty else data[start:end]
            if kind == STRING:
                if node.lane or not path:
                    pieces.append((start, end, node.nested, path))
                    continue
                text = edited(data[start:end], editor, Place(path, nested=node.nested))
                if text is not None:
                    changes.append((start, end, text))
            elif kind == OPEN and len(path) == 2 and path[0] in GROUPS:
                facts[path] = b""
        event = Event(facts, frame.name)
        return event, [(start, end, event.rule(path, nested=n)) for start, end, n, path in pieces]

    def _edit_text(self, frame: Frame, *, last: bool) -> bytes:
        data = frame.data
        sentinel = _SENTINEL.fullmatch(data) is not None
        alone = sentinel or not self._text_lanes or data.lstrip()[:1] == b"{"
        over = last or is_whole(frame.name)
        before = self._release(ALL, ()) if over or sentinel else b""
        key = () if alone else (frame.name,)
        out = self._records.edit(key, _LINE, Line(frame), final=over or alone)
        return before + out

    def _keep(self, key: LaneKey, lane: Lane) -> None:
        self._lanes[key] = lane
        size = sum(len(one.event) for one in self._lanes.values())
        if len(self._lanes) > self._max_lanes or len(lane.carry) > MAX_CARRY or size > _MAX_EVENTS:
            raise FilterError("too much text is held back")

    def _release(self, ending: Ending, going_on: Collection[LaneKey | None]) -> bytes:
        over = [key for key in self._lanes if ending.ends(key) and key not in going_on]
        return b"".join([self._flush(key) for key in over])

    def _flush(self, key: LaneKey) -> bytes:
        lane = self._lanes.pop(key)
        frame = self._frame_of(lane.event).again()
        steps = self._walk(frame)
        if steps is None:
            raise FilterError("an event that held a text back cannot be read again")
        new = self._finish(Rule(lane.place), lane.carry)
        changes: list[Change] = []
        _, pieces = self._read(frame, steps, changes)
        own = [start for start, _, rule in pieces if rule.key == key]
        return frame.render(_alone(steps, changes, own[-1], new)) if new else b""


def _alone(steps: list[Step], changes: list[Change], own: int, new: bytes) -> list[Change]:
    """The changes that leave ``new`` as the only text an event adds to anything.

    Clients append every string in a ``delta``, names and roles too: those are emptied as well.
    """
    made = {(start, end): text for start, end, text in changes}
    for kind, _, _, _, start, end, node, path in steps:
        added = node.lane or ("delta" in path[:-1] and path[-1] != "type")
        if kind == STRING and added and not node.dropped:
            made[start, end] = new if start == own else b""
    return [(start, end, text) for (start, end), text in made.items()]
