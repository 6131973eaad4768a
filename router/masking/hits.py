"""Points at vendor words in the raw bytes of a whole JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        patterns = {word.lower() for word in (*words, *watched)}
        self._escapes = escapes_in((*words, *watched))
        self._find = BytesAhoCorasick(
            sorted(patterns), implementation=Implementation.DFA
        ).find_matches_as_indexes

    def find(self, raw: bytes) -> list[int] | None:
        """As :meth:`router.body.hints.Pointing.hits`.

        Matches overlap, so one that begins in front of a string hides none within it.
        """
        for escape in self._escapes:
            if raw.find(escape) >= 0:
                return None
        found = self._find(raw.lower(), True)  # noqa: FBT003  overlapping; a keyword costs as much as the search
        return [start for _, start, _ in found]
