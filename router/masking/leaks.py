"""Counts vendor words that masking left behind: what is no whole word, or a fault of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation

from router.masking.vocabulary import PROSE, Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEAST = 6
_INNOCENT = ("openair",)


def _means_a_vendor(entry: Entry) -> bool:
    word = entry.text
    always = entry.level is PROSE and word.isalpha() and len(word) >= _LEAST
    return always and word not in entry.new.lower()


class Leaks:
    """Looks at text after masking and before restoring; knows nothing of word boundaries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        entries = tuple(entries)
        words = [entry.text.encode() for entry in entries if _means_a_vendor(entry)]
        self._may = [entry.drop or _means_a_vendor(entry) for entry in entries]
        self._find = BytesAhoCorasick(
            words, implementation=Implementation.DFA
        ).find_matches_as_indexes

    def may_follow(self, found: Iterable[tuple[int, int, int]]) -> bool:
        """Whether, given what the matcher found in a text, some such word may be left behind.

        What goes without anything in its place may join such a word from what stood around it.
        """
        may = self._may
        return any(may[at] for at, _, _ in found)

    def count(self, text: str) -> int:
        """How many times a word that means nothing but a vendor stands in ``text``."""
        low = text.encode("utf-8", "surrogatepass").lower()
        found = len(self._find(low))
        if found:
            found -= sum(low.count(word.encode()) for word in _INNOCENT)
        return max(found, 0)
