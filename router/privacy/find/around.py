"""The words before a finding, which may support it, as Presidio's context step has them."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"\w+")
_WORDS_BEFORE: Final = 5
_REACHES: Final = (64, 256, 2048)
"""Characters in which these words are looked for: in most texts the fewer hold enough of them."""

_RAISED_BY: Final = 0.35
_RAISED_TO: Final = 0.4
"""Presidio's LemmaContextAwareEnhancer as it comes: prefix count, similarity factor, least."""


class Context(tuple[str, ...]):
    """Words (lower case) that support a finding; told from others by what it is, not by its words.

    Asked for with each run of digits, when to hash all its words would cost more than the rest.
    """

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        """Whether it is the same one."""
        return self is other


class Around:
    """One text; it is folded and split only when a finding asks for its neighbours.

    ``settled``: where a value begins that is certain and nothing beside it, by where it ends.
    """

    __slots__ = ("_folded", "_held", "_text", "settled")

    def __init__(self, text: str) -> None:
        self._text = text
        self._folded = ""
        self._held: dict[Context, bool] = {}
        self.settled: dict[int, int] = {}

    def holds(self, words: Context) -> bool:
        """Whether any of ``words`` (lower case) stands anywhere in the text."""
        held = self._held.get(words)
        if held is None:
            folded = self._folded = self._folded or self._text.lower()
            held = self._held[words] = any(word in folded for word in words)
        return held

    def raised(self, score: float, start: int, words: Context) -> float:
        """``score`` of a finding at ``start``, raised if one of ``words`` is near before it."""
        if not self.holds(words) or not self._near(start, words):
            return score
        return min(max(score + _RAISED_BY, _RAISED_TO), 1.0)

    def _near(self, start: int, words: Context) -> bool:
        """Whether a word is among the last ones before ``start``, or the one there."""
        text = self._text
        before: list[str] = []
        for reach in _REACHES:
            before = _WORD.findall(text, max(0, start - reach), start)
            if len(before) > _WORDS_BEFORE + 1:  # one may be cut at either end
                break
        found = _WORD.search(text, start, start + _REACHES[-1])
        own = found.group() if found is not None else ""
        if before and _WORD.fullmatch(text, start - 1, start + 1) is not None:
            own = before.pop() + own  # the finding begins within a word
        near = "\0".join((*before[-_WORDS_BEFORE:], own)).lower()
        return any(word in near for word in words)
