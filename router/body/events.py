"""What a JSON event says: its strings and what becomes of each; and a copy that says less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from router.body.json_edit import renamed
from router.body.json_walk import CLOSE, OPEN, STRING
from router.body.lane_rules import GROUPS, Event

if TYPE_CHECKING:
    from router.body.filters import Editor
    from router.body.frames import Change, Frame
    from router.body.json_paths import Node, Path
    from router.body.json_walk import Step
    from router.body.repeats import Rule

_GAP: Final = 64
"""White space in brackets that still count as empty."""


def may_be_nested(raw: bytes) -> bool:
    """Whether something in an event may be JSON in a string; ``find`` is quicker than ``in``."""
    return raw.find(b"arg") >= 0 or raw.find(b"_json") >= 0 or raw.find(b"input") >= 0


def strings_of(
    frame: Frame, steps: list[Step], editor: Editor, changes: list[Change]
) -> tuple[Event, list[tuple[int, int, Rule]]]:
    """Makes the changes outside of strings; the strings, by their spans."""
    data = frame.data
    facts: dict[Path, bytes] = {}
    strings: list[tuple[int, int, Node, Path]] = []
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
            strings.append((start, end, node, path))
        elif kind == OPEN and len(path) == 2 and path[0] in GROUPS:
            facts[path] = b""
    event = Event(facts, frame.name)
    return event, [
        (start, end, event.rule(path, nested=node.nested, usual=node.lane or not path))
        for start, end, node, path in strings
    ]


def made_in(frame: Frame, own: list[Change]) -> list[Change]:
    """Those of ``own`` that change something, placed in the event."""
    return frame.placed([one for one in own if frame.data[one[0] : one[1]] != one[2]])


def alone(steps: list[Step], changes: list[Change], own: int, new: bytes) -> list[Change]:
    """The changes that leave ``new`` as the only text an event adds to anything.

    Clients append every string in a ``delta``, names and roles too: those are emptied as well.
    """
    made = {(start, end): text for start, end, text in changes}
    for kind, _, _, _, start, end, node, path in steps:
        added = node.lane or ("delta" in path[:-1] and path[-1] != "type")
        if kind == STRING and added and not node.dropped:
            made[start, end] = new if start == own else b""
    return [(start, end, text) for (start, end), text in made.items()]
