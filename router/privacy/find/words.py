"""Exact words and phrases of the operator's, in any letter case, where they stand whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ahocorasick_rs import AhoCorasick, MatchKind

from router.linear import TooManyMatchesError, encodable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WINDOW: Final = 4096
_MOST: Final = 10_000
"""Whole words in one text, as :mod:`router.linear` has it of matches."""


class Words:
    """Finds ``words`` by one automaton, however many they are; microseconds for clean text.

    A word that begins or ends with a letter, a digit or ``_`` stands whole where none of these
    stands beside it.
    """

    __slots__ = ("_automaton", "_longest", "_words")

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [_folded(word) for word in words]
        self._longest = max(map(len, self._words), default=0)
        self._automaton = AhoCorasick(self._words, matchkind=MatchKind.Standard)

    def may_hold(self, text: str) -> bool:
        """Whether a word stands in ``text``, whole or not."""
        return bool(self._words) and bool(self._automaton.find_matches_as_indexes(_folded(text)))

    def spans(self, text: str) -> Iterator[tuple[int, int, int]]:
        """First and last character of each whole word, overlapping ones too, and its number.

        Raises TooManyMatchesError.
        """
        if not self._words:
            return
        folded, left = _folded(text), _MOST
        for start, end, number in self._matches(folded):
            if _apart(folded, start) and _apart(folded, end):
                if (left := left - 1) < 0:
                    raise TooManyMatchesError
                yield start, end, number

    def _matches(self, folded: str) -> Iterator[tuple[int, int, int]]:
        """All of them, window by window: the automaton gives a list, of whatever length."""
        find = self._automaton.find_matches_as_indexes
        for begin in range(0, len(folded), _WINDOW):
            window = folded[begin : begin + _WINDOW + self._longest - 1]
            for number, start, end in find(window, overlapping=True):
                if start < _WINDOW:
                    yield begin + start, begin + end, number


def _apart(text: str, at: int) -> bool:
    """Whether no word goes on over the place ``at``."""
    return not (0 < at < len(text) and _joins(text[at - 1]) and _joins(text[at]))


def _joins(char: str) -> bool:
    return char.isalnum() or char == "_"


def _folded(text: str) -> str:
    """In one letter case, character by character, so that places stay what they are."""
    if text.isascii():
        return text.lower()
    return encodable(text).replace("\u0130", "i").lower().replace("\u03c2", "\u03c3")
