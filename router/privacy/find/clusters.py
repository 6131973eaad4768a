"""Digits and what is joined to them, looked at by shape: cards, licences, accounts, dates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from presidio_analyzer.predefined_recognizers.generic.iban_patterns import regex_per_country

from router.privacy.find.shapes import ShapeTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from router.privacy.find.around import Around
    from router.privacy.find.rules import Rule, Whole
    from router.privacy.spans import Span

_CLUSTER: Final = re.compile(r"[0-9](?:\w|[-./:+ ](?=[0-9])|-(?=[A-Za-z]))*+")
"""From a digit on: word characters, and what a separator joins to them."""

_REACH: Final = 64
"""Characters before the first digit that are looked at."""

_WINDOW: Final = 1024
_OVERLAP: Final = 128
_EDGE: Final = 16
"""A long cluster is looked at in windows. What ends near the edge of one may be cut: it is found
whole in the next, which begins before it."""

_IBAN: Final = r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}"
_IBAN_START: Final = re.compile(_IBAN, re.IGNORECASE)
_COUNTRIES: Final = frozenset(regex_per_country)
_LONGEST_IBAN: Final = 60
"""Characters with separators, and what tells its end."""


class Clusters:
    """Runs ``rules``, no match of which reaches over a cluster; ``iban`` goes on from its start.

    ``settles`` tells of a finding that is the whole of a cluster whether it can be nothing else:
    such a cluster is not looked at any further, by ``Phones`` neither.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        iban: Whole | None,
        *,
        settles: Callable[[Span, str], bool] | None = None,
    ) -> None:
        self._rules = tuple(rules)
        self._settles = settles
        self._iban = iban
        patterns = [rule.regex for rule in rules]
        self._table = ShapeTable(patterns if iban is None else [*patterns, _IBAN])

    def find(self, text: str, around: Around) -> Iterator[Span | None]:
        """All findings, in the order of the text and the rules; None for others' turn."""
        position = 0
        while (match := _CLUSTER.search(text, position)) is not None:
            start, end = match.span()
            start = _begin(text, start, max(position, start - _REACH))
            position = end
            while end - start > _WINDOW:
                cut = start + _WINDOW
                for span in self._within(text, start, cut, around):
                    if span.end < cut - _EDGE:
                        yield span
                start = cut - _OVERLAP
                yield None
            yield from self._within(text, start, end, around)
            yield None

    def _within(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        rules, settles = self._rules, self._settles
        for number in self._table.candidates(text[start:end]):
            if number == len(rules):
                yield from self._ibans(text, start, end, around)
                continue
            for span in rules[number].find(text, start, end + 1, around):
                yield span
                whole = span.start == start and span.end == end
                if whole and settles is not None and settles(span, text):
                    around.settled[end] = start
                    return

    def _ibans(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        assert self._iban is not None, "its shape is in the table only then"
        for match in _IBAN_START.finditer(text, start, end):
            begin = match.start()
            if text[begin : begin + 2].upper() not in _COUNTRIES:
                continue
            yield from self._iban.find(text, begin, begin + _LONGEST_IBAN, around)


def _begin(text: str, start: int, low: int) -> int:
    """Where the word before a digit at ``start`` begins, one joined to it by ``-`` included."""
    while start > low and (text[start - 1].isalnum() or text[start - 1] in "_-"):
        start -= 1
    return start
