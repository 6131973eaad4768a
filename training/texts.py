"""What is learned from: a text, and where names stand in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """``names`` are offsets in characters, in order and apart. ``sure``: all names are labelled."""

    text: str
    names: tuple[tuple[int, int], ...] = ()
    sure: bool = True

    def without_names(self) -> str:
        """The text with a sign for each name."""
        kept, at = "", 0
        for start, end in self.names:
            kept += self.text[at:start] + "@"
            at = end
        return kept + self.text[at:]
