"""Presidio's pattern recognisers taken apart: a pattern, what confirms it, which words support it.

The import takes a second or two, and 100 MB. What is left out is
Presidio's engine, whose context step is quadratic in the findings and whose exceptions quote the
text; what a recogniser finds and what a context word adds to its score are Presidio's.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import regex
from presidio_analyzer import PatternRecognizer
from presidio_analyzer.predefined_recognizers import EmailRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from tldextract import TLDExtract

from router.privacy.find.around import Around, Context
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_SLOW: Final = frozenset({"URL"})
_SECONDS: Final = 0.05
"""What their patterns may take on one word; over it TimeoutError."""


class OfflineEmailRecognizer(EmailRecognizer):
    """Presidio's, but asking nobody for the suffix list, and keeping private domains.

    An address on a known public suffix is certain; on any other (``bob@mail.corp.local``) the
    pattern's own score stands, where Presidio drops it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool | None:
        """True for a public domain, None (no opinion) for others."""
        domain = pattern_text.rpartition("@")[2]
        return True if self._suffixes(domain).fqdn else None


@dataclass(slots=True)  # not frozen: read for each run of digits
class Rule:
    """One pattern of one recogniser.

    ``weak``: it reaches the threshold only where one of the ``context`` words is near.
    """

    entity: str
    regex: str
    score: float
    threshold: float
    context: Context
    weak: bool
    matches: Callable[..., Iterator[Any]]
    validate: Callable[[str], bool | None] | None
    invalidate: Callable[[str], bool | None] | None
    name: str = field(default="", kw_only=True)
    """Of the recogniser and its pattern, for operators; empty: one of the router's own."""

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """What is found in ``text[start:end]``; the whole text tells what stands around it."""
        if self.weak and not around.holds(self.context):
            return
        for match in self.matches(text, start, end):
            score = self._judged(match.group())
            if 0 < score < 1 and self.context:
                score = around.raised(score, match.start(), self.context)
            if score and score >= self.threshold:
                yield Span(match.start(), match.end(), self.entity, score)

    def _judged(self, found: str) -> float:
        """The score by what confirms or refutes it; 0: it is none."""
        if not found:
            return 0.0
        valid = self.validate(found) if self.validate is not None else None
        if valid is False or (self.invalidate is not None and self.invalidate(found)):
            return 0.0
        return 1.0 if valid else self.score


@dataclass(slots=True)
class Whole:
    """A recogniser that is more than its patterns, and looks for itself."""

    recogniser: Any
    threshold: float
    context: Context

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """As :meth:`Rule.find`."""
        entity = self.recogniser.supported_entities[0]
        for result in self.recogniser.analyze(text[start:end], [entity]):
            begin = start + result.start
            score = around.raised(float(result.score), begin, self.context)
            if score >= self.threshold:
                yield Span(begin, start + result.end, entity, score)


def recognisers(entities: set[str]) -> dict[str, Any]:
    """Presidio's English recognisers of single ``entities``, by entity."""
    logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)  # it may quote the text
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    found: dict[str, Any] = {}
    for one in registry.recognizers:
        entity = one.supported_entities[0]
        if len(one.supported_entities) == 1 and entity in entities:
            found[entity] = OfflineEmailRecognizer() if isinstance(one, EmailRecognizer) else one
    return found


def _matching(pattern: str, flags: int, entity: str) -> Callable[..., Iterator[Any]]:
    matches = regex.compile(pattern, flags).finditer
    return partial(matches, timeout=_SECONDS) if entity in _SLOW else matches


def rules_of(recogniser: Any, threshold: float) -> list[Rule]:
    """A pattern recogniser's patterns, each on its own."""
    kind = type(recogniser)
    entity = recogniser.supported_entities[0]
    validates = kind.validate_result is not PatternRecognizer.validate_result
    invalidates = kind.invalidate_result is not PatternRecognizer.invalidate_result
    return [
        Rule(
            entity=entity,
            regex=pattern.regex,
            score=float(pattern.score),
            threshold=threshold,
            context=context_of(recogniser),
            weak=pattern.score < threshold and not validates,
            matches=_matching(pattern.regex, recogniser.global_regex_flags, entity),
            validate=recogniser.validate_result if validates else None,
            invalidate=recogniser.invalidate_result if invalidates else None,
            name=f"{recogniser.name}: {pattern.name}",
        )
        for pattern in recogniser.patterns
    ]


def context_of(recogniser: Any) -> Context:
    """The words that support a recogniser's findings, in lower case."""
    return Context(word.lower() for word in recogniser.context or ())
