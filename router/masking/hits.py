"""Points at vendor words in the raw bytes of a whole JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUOTE = 0x22
_ESCAPES = {
    b'"': b'\\"', b"\\": b"\\\\", b"/": b"\\/", b"\b": b"\\b",
    b"\f": b"\\f", b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t",
}  # fmt: skip


def escapes_in(words: Sequence[bytes]) -> tuple[bytes, ...]:
    """The short escapes (RFC 8259 §7) as which a part of some word may stand in raw JSON."""
    return tuple(escape for char, escape in _ESCAPES.items() if any(char in word for word in words))


class Hits:
    """Compiled once for a vocabulary; see :meth:`find`."""

    def __init__(self, words: Sequence[bytes], watched: Sequence[bytes] = ()) -> None:
        """``watched`` are names a reader acts on (members it drops, model keys)."""
        self._escapes = escapes_in((*words, *watched))
        # A quotation mark stands in a string as its escape only. So no match reaches from one
        # string into another, and one that hides another (they do not overlap) is in the same.
        patterns = {word.lower() for word in (*words, *watched) if _QUOTE not in word}
        self._find = BytesAhoCorasick(
            sorted(patterns),
            matchkind=MatchKind.LeftmostFirst,
            implementation=Implementation.DFA,
        ).find_matches_as_indexes

    def find(self, raw: bytes) -> list[int] | None:
        """As :meth:`router.body.hints.Pointing.hits`."""
        for escape in self._escapes:
            if raw.find(escape) >= 0:
                return None
        return [start for _, start, _ in self._find(raw.lower())]
