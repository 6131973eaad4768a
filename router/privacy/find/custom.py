"""What the operator's own configuration finds: recognisers by pattern, words, what is allowed.

Pure, and linear in the text whatever the pattern is (:mod:`router.linear`).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from router.linear import Linear
from router.privacy.anchors import plain_digits
from router.privacy.find.around import Around, Context
from router.privacy.find.words import Words
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SURE: Final = 1.0


class Recogniser(NamedTuple):
    """Finds ``pattern`` (RE2) as an ``entity``; ``context``: words near before it that raise it.

    ``score`` is 0 to 1; a word near adds what it adds to Presidio's own.
    """

    entity: str
    pattern: str
    score: float = 0.6
    context: tuple[str, ...] = ()


class Listed(NamedTuple):
    """An entry of a list: an exact ``word``, or else a ``pattern``; ``entity`` may be empty."""

    word: str = ""
    pattern: str = ""
    entity: str = ""


class Custom:
    """Finds what ``recognisers`` and the ``denied`` entries say. Raises ValueError as Linear."""

    __slots__ = ("_any", "_entities", "_recognisers", "_words")

    def __init__(
        self, recognisers: Sequence[Recogniser] = (), denied: Sequence[Listed] = ()
    ) -> None:
        rules = [
            *recognisers,
            *(Recogniser(one.entity, one.pattern, _SURE) for one in denied if one.pattern),
        ]
        self._recognisers = [(Linear(rule.pattern), rule, Context(rule.context)) for rule in rules]
        self._any = Linear(*(rule.pattern for rule in rules)) if rules else None
        words = [one for one in denied if one.word]
        self._words = Words([one.word for one in words])
        self._entities = [one.entity for one in words]

    def may_hold(self, text: str) -> bool:
        """Whether anything could be found in ``text`` or in a piece of it; microseconds."""
        if self._any is not None and (self._any.anchored or self._any.found_in(plain_digits(text))):
            return True
        return self._words.may_hold(text)

    def find(self, text: str, context: str = "") -> Iterator[Span]:
        """All findings in ``text``, overlapping ones too; ``context`` are words before it."""
        for start, end, number in self._words.spans(text):
            yield Span(start, end, self._entities[number], _SURE)
        plain = plain_digits(text)
        if self._any is None or not self._any.found_in(plain):
            return
        lead = len(context) + 1 if context else 0
        around = Around(f"{context} {text}" if context else text)
        for pattern, rule, words in self._recognisers:
            for start, end in pattern.spans(plain):
                score = rule.score
                if words:
                    score = around.raised(score, start + lead, words)
                yield Span(start, end, rule.entity, score)


class Allowed:
    """Texts that are nobody's secret: a finding that is one, or lies within one, is none.

    An entry with an entity speaks of findings of that entity alone. Raises ValueError as Linear.
    """

    __slots__ = ("_patterns", "_words", "_words_of")

    def __init__(self, entries: Sequence[Listed] = ()) -> None:
        words = [one for one in entries if one.word]
        self._words = Words([one.word for one in words])
        self._words_of = [one.entity for one in words]
        self._patterns = [(Linear(one.pattern), one.entity) for one in entries if one.pattern]

    def kept(self, text: str, found: Sequence[Span]) -> list[Span]:
        """Of the findings in ``text`` those that are not allowed."""
        if not found:
            return []
        reach = _reaching(sorted(self._spans(text)))
        return [
            span
            for span in found
            if not any(
                _within(span, reach[entity]) for entity in ("", span.entity) if entity in reach
            )
        ]

    def _spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        for start, end, number in self._words.spans(text):
            yield start, end, self._words_of[number]
        for pattern, entity in self._patterns:
            for start, end in pattern.spans(plain_digits(text)):
                yield start, end, entity


def _reaching(allowed: Sequence[tuple[int, int, str]]) -> dict[str, list[tuple[int, int]]]:
    """By entity: where allowed texts begin, and how far those that have begun by then reach."""
    reach: dict[str, list[tuple[int, int]]] = {}
    for start, end, entity in allowed:
        known = reach.setdefault(entity, [])
        known.append((start, max(end, known[-1][1]) if known else end))
    return reach


def _within(span: Span, reach: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(reach, span.start, key=_begin) - 1
    return at >= 0 and span.end <= reach[at][1]


def _begin(reached: tuple[int, int]) -> int:
    return reached[0]
