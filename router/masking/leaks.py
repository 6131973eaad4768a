"""Counts vendor words that masking left behind: what is no whole word, or a fault of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation

from router.masking.vocabulary import PROSE, Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from router.body.filters import Edit

_LEAST = 6
_INNOCENT = ("openair",)


def _means_a_vendor(entry: Entry) -> bool:
    word = entry.text
    always = entry.level is PROSE and word.isalpha() and len(word) >= _LEAST
    return always and word not in entry.new.lower()


def _may_join(text: str, edits: Iterable[Edit]) -> bool:
    """Whether a replacement and a letter next to it may be of one word."""
    for start, end, new in edits:
        if not new or (new[-1].isalpha() and text[end : end + 1].isalpha()):
            return True
        if start and new[0].isalpha() and text[start - 1].isalpha():
            return True
    return False


class Leaks:
    """Looks at text after masking and before restoring; knows nothing of word boundaries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        entries = tuple(entries)
        words = [entry.text.encode() for entry in entries if _means_a_vendor(entry)]
        self._bringing = frozenset(
            at
            for at, entry in enumerate(entries)
            if _means_a_vendor(entry) or any(word in entry.new.lower().encode() for word in words)
        )
        self._find = BytesAhoCorasick(
            words, implementation=Implementation.DFA
        ).find_matches_as_indexes

    def may_follow(
        self, found: Iterable[tuple[int, int, int]], text: str, edits: Iterable[Edit]
    ) -> bool:
        """Whether such a word may be left in ``text`` once ``edits`` are made.

        It was there (``found`` by the matcher), a replacement brings it along, or one makes a
        word with the letters around it.
        """
        for at, _, _ in found:
            if at in self._bringing:
                return True
        return _may_join(text, edits)

    def count(self, text: str) -> int:
        """How many times a word that means nothing but a vendor stands in ``text``."""
        low = text.encode("utf-8", "surrogatepass").lower()
        found = len(self._find(low))
        if found:
            found -= sum(low.count(word.encode()) for word in _INNOCENT)
        return max(found, 0)
