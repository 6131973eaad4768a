"""An event of which it is not known whether it is a piece of a text, and the texts in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from router.body.filters import JOIN_ALIKE, Place
from router.body.json_text import unescape
from router.body.json_whole import splice

if TYPE_CHECKING:
    from collections.abc import Collection

    from router.body.frames import Change, Frame
    from router.body.json_paths import Path
    from router.body.nesting import Nesting

_COUNTING: Final = frozenset(
    {
        *("id", "p", "obfuscation", "nonce", "uuid", "event_id", "message_id", "request_id"),
        *("created", "created_at", "createdAt", "timestamp", "ts", "time", "date"),
    }
)
"""Members whose strings differ from event to event of one stream: ids, times, padding."""


@dataclass(slots=True, eq=False)
class Text:
    """A text in an event, raw, that begins at ``start`` of the event's bytes.

    The first ``settled`` bytes are done. ``nesting`` is how deep they end, where that matters.
    """

    raw: bytes
    place: Place
    start: int = 0
    is_line: bool = False
    nesting: Nesting | None = None
    settled: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def rest(self) -> bytes:
        """What is not settled."""
        return self.raw[self.settled :]

    def goes_with(self, before: Text, going_on: Collection[Path]) -> bool:
        """Whether it stands where ``before`` did, and, where it is no usual text, says the same."""
        path = self.place.path
        if path != before.place.path:
            return False
        usual = self.place.join is JOIN_ALIKE or self.is_line or path in going_on
        return usual or self.raw == before.raw or path[-1] in _COUNTING

    def settle(self, changes: list[Change], until: int) -> None:
        """Makes ``changes`` to the rest, of which ``until`` bytes are done now."""
        at = self.settled
        self.changes += [(start + at, stop + at, new) for start, stop, new in changes]
        self.settled = at + until
        if self.nesting is not None:
            self.nesting.read(unescape(self.raw[at : self.settled]))


@dataclass(slots=True, eq=False)
class Piece:
    """An event that may wait: its texts, the changes to the rest of it, what comes behind it.

    ``kind`` is what it is called.
    """

    frame: Frame
    kind: tuple[bytes, ...]
    texts: list[Text] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    behind: bytes = b""

    @property
    def size(self) -> int:
        """The bytes it keeps."""
        return len(self.frame.raw)

    def follows(self, before: Piece, going_on: Collection[Path]) -> bool:
        """Whether its texts at ``going_on`` may go on with those of the event before.

        It is called the same, has texts at the same places, and its other strings say the same.
        Numbers may differ: many count.
        """
        return (
            self.kind == before.kind
            and len(self.texts) == len(before.texts)
            and all(
                one.goes_with(other, going_on)
                for one, other in zip(self.texts, before.texts, strict=True)
            )
        )

    def out(self) -> bytes:
        """The event with all changes made."""
        frame = self.frame
        if self.texts and self.texts[0].is_line:
            return frame.render_text(self.texts[0].changes) + self.behind
        changes = [*self.changes, *self.placed()]
        return (splice(frame.raw, sorted(changes)) if changes else frame.raw) + self.behind

    def placed(self) -> list[Change]:
        """The changes to its texts, by where they stand in the event."""
        return [
            (text.start + start, text.start + stop, new)
            for text in self.texts
            for start, stop, new in text.changes
        ]
