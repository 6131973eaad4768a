"""What an editor may tell a reader beforehand, so that bytes with nothing in them cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

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
        When in doubt, False.
        """
        ...


def _never(_raw: bytes, /) -> bool:
    return False


def untouched_by(editor: Editor) -> Callable[[bytes], bool]:
    """The editor's ``untouched`` hook, or one that always says False."""
    return cast("Callable[[bytes], bool]", getattr(editor, "untouched", _never))
