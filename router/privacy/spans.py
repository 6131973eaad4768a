"""Where in a text something personal stands, and how overlapping findings become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Span(NamedTuple):
    """``text[start:end]`` is an ``entity``; ``score`` is 0 to 1, offsets are characters."""

    start: int
    end: int
    entity: str
    score: float


def resolve(found: Iterable[Span]) -> list[Span]:
    """The findings in order and apart from each other.

    Of findings that overlap the best one names the entity and grows over all of them, so that no
    half of a value is left standing. Best: the highest score, then the longest, then the first
    name in the alphabet, which makes the outcome independent of the order of the findings.
    """
    apart: list[Span] = []
    best = _NONE
    end = 0
    start = 0
    for span in sorted(found):
        if best is not _NONE and span.start < end:
            end = max(end, span.end)
            best = max(best, span, key=_rank)
            continue
        if best is not _NONE:
            apart.append(Span(start, end, best.entity, best.score))
        start, end, best = span.start, span.end, span
    if best is not _NONE:
        apart.append(Span(start, end, best.entity, best.score))
    return apart


_NONE = Span(0, 0, "", 0.0)


def _rank(span: Span) -> tuple[float, int, tuple[int, ...]]:
    return span.score, span.end - span.start, tuple(-ord(letter) for letter in span.entity)
