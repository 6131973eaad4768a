"""The one shape of work on bodies: feed bytes in, take bytes out, flush at the end.

The shape is that of :class:`zlib.decompressobj`. It makes "correct across chunk boundaries" one
property that a test can state: any split of the input gives the same output.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class BodyFilter(Protocol):
    """One body, one direction, one request; no I/O. Raises FilterError where it must not go on."""

    def feed(self, data: bytes, /) -> bytes:
        """What can go out now that ``data`` has come; may hold a bounded tail back."""
        ...

    def flush(self) -> bytes:
        """What was held back; called once, after a complete body, never after an abort."""
        ...


def through(body_filter: BodyFilter, data: bytes) -> bytes:
    """What becomes of a whole body: what ``feed(data)`` and ``flush()`` give together.

    A filter with a shorter way for that has it as ``whole(data)``, which is optional.
    """
    whole: Callable[[bytes], bytes] | None = getattr(body_filter, "whole", None)
    return body_filter.feed(data) + body_filter.flush() if whole is None else whole(data)


class FilterChain:
    """Filters one after the other, as one filter."""

    def __init__(self, filters: Sequence[BodyFilter]) -> None:
        self._filters = tuple(filters)

    def feed(self, data: bytes, /) -> bytes:
        """Feeds ``data`` through every filter in turn."""
        for body_filter in self._filters:
            if not data:
                break
            data = body_filter.feed(data)
        return data

    def flush(self) -> bytes:
        """Flushes each filter into those behind it."""
        tail = b""
        for body_filter in self._filters:
            tail = (body_filter.feed(tail) if tail else b"") + body_filter.flush()
        return tail


class Edit(NamedTuple):
    """Replace ``text[start:end]`` by ``new``; offsets in characters."""

    start: int
    end: int
    new: str


class Join(IntEnum):
    """What pieces of a text that is shown piecewise are to each other.

    ``TEXT``: pieces of one text. ``ALIKE``: pieces of one text or records of their own, nobody
    can tell: what is a whole word at the end of one is taken for it, only a beginning is held.
    ``APART``: records of their own: no word of the language goes on in the next, only a token
    that a program has cut (a placeholder) does.
    """

    TEXT = 0
    ALIKE = 1
    APART = 2


JOIN_TEXT: Final = Join.TEXT
JOIN_ALIKE: Final = Join.ALIKE
JOIN_APART: Final = Join.APART
"""By these names, since an attribute of an enum costs a call (CPython 3.11)."""


class Place(NamedTuple):
    """Where a string stands: its JSON path, whether it is a key, the media kind around it.

    ``path`` holds member names and array indices from the root; ``()`` for plain text. ``key``
    is True where the string itself is a member name (``path`` then ends with that name).
    ``nested`` is True where the text is itself JSON text (tool arguments): the reader escapes what
    an edit puts in once more, editors give plain values. ``join`` matters to pieces only.
    """

    path: tuple[str | int, ...] = ()
    key: bool = False
    nested: bool = False
    join: Join = Join.TEXT


class Editor(Protocol):
    """Decides what in a text is to be replaced. Pure; knows nothing of bytes or formats."""

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:  # noqa: FBT001  asked for each string: a keyword costs
        """The edits to ``text``, in order and without overlap, and up to where it is settled.

        With ``final`` all is settled (``len(text)``). Without, more text of the same stream will
        follow: characters from the settled index on must be shown again together with what
        follows, since they may begin something to be replaced. No edit ends behind that index.
        """
        ...
