"""Counts vendor words that masking left behind: what is no whole word, or a fault of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation

from router.masking.vocabulary import Entry, Level

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEAST = 6
_INNOCENT = ("openair",)


class Leaks:
    """Looks at text after masking and before restoring; knows nothing of word boundaries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        words = [
            entry.text.encode()
            for entry in entries
            if entry.level is Level.PROSE
            and entry.text.isalpha()
            and len(entry.text) >= _LEAST
            and entry.text not in entry.new.lower()
        ]
        self._find = BytesAhoCorasick(
            words, implementation=Implementation.DFA
        ).find_matches_as_indexes

    def count(self, text: str) -> int:
        """How many times a word that means nothing but a vendor stands in ``text``."""
        low = text.encode("utf-8", "surrogatepass").lower()
        found = len(self._find(low))
        if found:
            found -= sum(low.count(word.encode()) for word in _INNOCENT)
        return max(found, 0)
