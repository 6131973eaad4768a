"""Masking and restoring joined into the one editor that the text pass asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from router.body.hints import hits_by, is_awkward, untouched_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.body.filters import Edit, Editor, Place


class SettlingEditor(Protocol):
    """An editor that says what it would do, and is told afterwards what came of it."""

    def look(self, text: str, place: Place, *, final: bool) -> tuple[list[Edit], int]:
        """As :meth:`router.body.filters.Editor.edits`, but nothing is remembered or counted."""
        ...

    def settle(
        self, text: str, place: Place, edits: Sequence[Edit], settled: int, *, final: bool
    ) -> None:
        """Tells that ``edits``, all within ``text[:settled]``, were made and the text went out."""
        ...

    def untouched(self, raw: bytes, /) -> bool:
        """As :meth:`router.body.hints.Hinting.untouched`."""
        ...

    def hits(self, raw: bytes, /) -> list[int] | None:
        """As :meth:`router.body.hints.Pointing.hits`."""
        ...

    @property
    def watched(self) -> frozenset[str]:
        """As :attr:`router.body.hints.Pointing.watched`."""
        ...


class MaskThenRestore:
    """Both look at the original text; restoring wins where the two meet.

    So masking never touches what the caller said: a restored ``jane@openai.com`` returns as it
    was, and a placeholder is no text to mask.
    """

    __slots__ = ("_mask", "_restore", "_restore_hits", "_restore_untouched")

    def __init__(self, mask: SettlingEditor, restore: Editor) -> None:
        self._mask = mask
        self._restore = restore
        self._restore_untouched = untouched_by(restore)
        self._restore_hits = hits_by(restore)

    def untouched(self, raw: bytes, /) -> bool:
        """Whether neither of the two has anything to do with ``raw``."""
        return self._restore_untouched(raw) and self._mask.untouched(raw)

    def hits(self, raw: bytes, /) -> list[int] | None:
        """Where either of the two has something to do with ``raw``."""
        restored = self._restore_hits(raw)
        masked = None if restored is None else self._mask.hits(raw)
        return None if restored is None or masked is None else masked + restored

    @property
    def watched(self) -> frozenset[str]:
        """What masking looks out for; restoring looks for no names."""
        return self._mask.watched

    @property
    def awkward(self) -> bool:
        """Whether what either of the two puts in may need escapes."""
        return is_awkward(self._mask) or is_awkward(self._restore)

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:  # noqa: FBT001  the protocol's own signature
        """The edits of both, without overlap, up to where both are settled."""
        masked, upto = self._mask.look(text, place, final=final)
        restored, settled = self._restore.edits(text, place, final)
        settled = min(settled, upto)
        if masked and restored:
            masked = _apart(masked, restored)
        edits = sorted([*masked, *restored]) if masked and restored else masked or restored
        settled = _within(edits, settled)
        if masked and masked[-1].end > settled:
            masked = [edit for edit in masked if edit.end <= settled]
        self._mask.settle(text, place, masked, settled, final=final)
        return edits, settled


def _apart(masked: list[Edit], restored: list[Edit]) -> list[Edit]:
    """The ``masked`` that do not meet any of ``restored``; both are in order."""
    kept: list[Edit] = []
    at = 0
    for edit in masked:
        while at < len(restored) and restored[at].end <= edit.start:
            at += 1
        if at == len(restored) or restored[at].start >= edit.end:
            kept.append(edit)
    return kept


def _within(edits: list[Edit], settled: int) -> int:
    """Drops edits that reach over ``settled``; one that begins before it draws it back."""
    while edits and edits[-1].end > settled:
        settled = min(settled, edits.pop().start)
    return settled
