"""Patterns that a configuration gives, matched in linear time whatever they are held against.

RE2's syntax: no look-around and no references back, since these are what makes a pattern take
exponential time on a text that a caller chose. The only place that knows the library.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import re2

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 1024
"""Characters that one finding may have; what is longer may be found in part."""

_WINDOW: Final = 4096
_MOST: Final = 10_000
"""Matches in one text: each may cost a look to the end of its window."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NO_ANCHOR: Final = re.compile(r"\\[^AzQ]|\[\^", re.DOTALL)
_ANCHOR: Final = re.compile(r"\\[AzQ]|[\^$]")


class TooManyMatchesError(Exception):
    """A pattern matches more often in one text than is worth looking at."""


class Linear:
    """One or more patterns, any of which may match. Raises ValueError where RE2 does not take one.

    ``anchored``: one may speak of where the text begins or ends, so that a text may match though
    no longer text in which it stands does.
    """

    __slots__ = ("_regexp", "anchored")

    def __init__(self, *patterns: str) -> None:
        options = re2.Options()
        options.log_errors = False
        options.never_capture = True
        try:
            self._regexp = re2.compile("|".join(f"(?:{one})" for one in patterns), options)
        except (re2.error, UnicodeEncodeError):
            raise ValueError("RE2 does not take this pattern") from None
        self.anchored = any(_ANCHOR.search(_NO_ANCHOR.sub("", one)) for one in patterns)

    @property
    def matches_nothing(self) -> bool:
        """Whether an empty text matches."""
        return self._regexp.fullmatch("") is not None

    def found_in(self, text: str) -> bool:
        """Whether there is a match anywhere in ``text``."""
        return self._regexp.search(encodable(text)) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the matches stand, leftmost first and apart, none of them empty.

        Raises TooManyMatchesError.

        A search that starts anew behind each match would be quadratic in the text; it never looks
        further than a window and the longest finding.
        """
        text = encodable(text)
        start, size, left = 0, len(text), _MOST
        while start < size:
            end = min(size, start + _WINDOW)
            low = max(0, start - 1)  # what stands beside tells where a word begins and ends
            piece = text[low : end + LONGEST + 1]
            done = end
            for match in self._regexp.finditer(piece, start - low, end + LONGEST - low):
                first, last = match.start() + low, match.end() + low
                if first >= end:
                    break
                if (left := left - 1) < 0:
                    raise TooManyMatchesError
                if first < last:
                    yield first, last
                    done = max(done, last)
            start = done


def encodable(text: str) -> str:
    """``text`` with a sign for each lone surrogate, which UTF-8 cannot hold; as long as before."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
