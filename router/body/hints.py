"""What an editor may tell a reader beforehand, so that bytes with nothing in them cost nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from router.body.filters import Editor

if TYPE_CHECKING:
    from collections.abc import Callable


class Hinting(Editor, Protocol):
    """An editor that can judge raw bytes; the hook is optional, readers look for it by name."""

    def untouched(self, raw: bytes, /) -> bool:
        r"""True only if no edit can begin in ``raw``, whole texts or pieces of them alike.

        ``raw`` is a chunk, an event, a document or a run of members as it came: texts may begin
        and end anywhere in it (at any quotation mark, at its end). True promises that
        :meth:`edits` would settle every such text to its end without an edit. JSON readers ask
        only where ``raw`` has no ``\u`` escape; other escapes (``\n``, ``\/``) may be there.
        They ask again for the names around it, which may concern all that is in a member.
        When in doubt, False.
        """
        ...


class Pointing(Editor, Protocol):
    """An editor that can tell where in raw bytes its work is; optional, as above."""

    def hits(self, raw: bytes, /) -> list[int] | None:
        r"""Offsets in ``raw``, a JSON document without ``\u``, in any order; None: not to be told.

        Every string that :meth:`edits` would change holds one; or a member name around it does,
        which then stands for all that is in the member.
        """
        ...

    @property
    def watched(self) -> frozenset[str]:
        """Names of which ``hits`` tells wherever they stand: a reader need not look for them."""
        ...


class Quoting(Editor, Protocol):
    """An editor that tells what its texts are like; optional, as above."""

    @property
    def awkward(self) -> bool:
        r"""Whether what it puts in may hold what a JSON string escapes (``"``, ``\``, line ends).

        If not, a reader need not know how deep in JSON within JSON a text stands.
        """
        ...


_NO_NAMES: frozenset[str] = frozenset()


def _never(_raw: bytes, /) -> bool:
    return False


def untouched_by(editor: Editor) -> Callable[[bytes], bool]:
    """The editor's ``untouched`` hook, or one that always says False."""
    hook: Callable[[bytes], bool] = getattr(editor, "untouched", _never)
    return hook


def hits_by(editor: Editor) -> Callable[[bytes], list[int] | None]:
    """The editor's ``hits`` hook, or what its ``untouched`` hook tells of every string."""
    hook: Callable[[bytes], list[int] | None] | None = getattr(editor, "hits", None)
    if hook is not None:
        return hook
    untouched = untouched_by(editor)
    return partial(_doubts, untouched) if untouched is not _never else _nowhere


def watched_by(editor: Editor) -> frozenset[str]:
    """The editor's ``watched`` names; none where it has no such hook."""
    watched: frozenset[str] = getattr(editor, "watched", _NO_NAMES)
    return watched


def is_awkward(editor: object) -> bool:
    """The editor's ``awkward`` property; True where it has none."""
    awkward: bool = getattr(editor, "awkward", True)
    return awkward


def _doubts(untouched: Callable[[bytes], bool], raw: bytes) -> list[int]:
    """Offsets of what is not untouched, between one quotation mark and the next."""
    if untouched(raw):
        return []
    found: list[int] = []
    at = 0
    for part in raw.split(b'"'):
        if part and not untouched(part):
            found.append(at)
        at += len(part) + 1
    return found


def _nowhere(_raw: bytes, /) -> list[int] | None:
    return None
