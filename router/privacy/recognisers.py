"""Presidio's pattern recognisers, without a language model and without any network.

Imported by the worker process alone: the import takes seconds and 100 MB. What is left out is
Presidio's engine, whose context step is quadratic in the findings and whose exceptions quote the
text; what a recogniser finds and what a context word adds to its score are Presidio's.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from presidio_analyzer import PatternRecognizer
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.predefined_recognizers import EmailRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from tldextract import TLDExtract

from router.privacy.anchors import anchor
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORD: Final = re.compile(r"\w+")
SAMPLE: Final = (
    "Mail bob@example.com, call +1 212 555 0143, card 4111 1111 1111 1111, ssn 536-90-4399, "
    "licence A1234567, 10.1.2.3, fe80::1, 00:1b:44:11:3a:b7, GB82 WEST 1234 5698 7654 32"
)
"""Touches every recogniser, so that what they load lazily is loaded."""


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


@dataclass(frozen=True, slots=True)
class _Recogniser:
    entity: str
    analyse: Any
    anchor: re.Pattern[str]
    context: tuple[str, ...]
    needs_context: bool


class Recognisers:
    """Finds ``entities`` that score at least ``threshold``. Raises ValueError on unknown ones."""

    def __init__(self, entities: Iterable[str], threshold: float) -> None:
        self._threshold = threshold
        wanted = set(entities)
        self._recognisers = tuple(_select(wanted, threshold))
        missing = wanted.difference(recogniser.entity for recogniser in self._recognisers)
        if missing:
            raise ValueError(f"no recogniser finds {', '.join(sorted(missing))}")
        self._boost = LemmaContextAwareEnhancer()

    def find(self, text: str) -> list[Span]:
        """All findings in ``text``, whose digits must be plain; overlapping ones too."""
        folded = text.lower()
        words = _Words(text)
        found: list[Span] = []
        for recogniser in self._recognisers:
            if recogniser.anchor.search(text) is None:
                continue
            if recogniser.needs_context and not _holds_any(folded, recogniser.context):
                continue
            for result in recogniser.analyse(text, [recogniser.entity]):
                score = self._score(result, recogniser, words)
                if score >= self._threshold:
                    found.append(Span(result.start, result.end, recogniser.entity, score))
        return found

    def _score(self, result: Any, recogniser: _Recogniser, words: _Words) -> float:
        score = float(result.score)
        if score >= 1.0 or not recogniser.context:
            return score
        near = words.before(result.start, self._boost.context_prefix_count)
        if not any(_holds_any(word, recogniser.context) for word in near):
            return score
        raised = max(
            score + self._boost.context_similarity_factor,
            self._boost.min_score_with_context_similarity,
        )
        return float(min(raised, 1.0))


class _Words:
    """The words of a text, split only when a finding asks for its neighbours."""

    __slots__ = ("_ends", "_text", "_words")

    def __init__(self, text: str) -> None:
        self._text = text
        self._words: list[str] = []
        self._ends: list[int] = []

    def before(self, start: int, count: int) -> Sequence[str]:
        """The ``count`` words before the one at ``start``, and that one, in lower case."""
        if not self._ends:
            for match in _WORD.finditer(self._text):
                self._words.append(match.group())
                self._ends.append(match.end())
        index = bisect_right(self._ends, start)
        return [word.lower() for word in self._words[max(0, index - count) : index + 1]]


def _holds_any(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def _select(wanted: set[str], threshold: float) -> Iterable[_Recogniser]:
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    for predefined in registry.recognizers:
        recogniser = predefined
        entity = recogniser.supported_entities[0]
        if len(recogniser.supported_entities) != 1 or entity not in wanted:
            continue
        if isinstance(recogniser, EmailRecognizer):
            recogniser = OfflineEmailRecognizer()
        yield _Recogniser(
            entity=entity,
            analyse=recogniser.analyze,
            anchor=anchor(entity),
            context=tuple(word.lower() for word in recogniser.context),
            needs_context=_needs_context(recogniser, threshold),
        )


def _needs_context(recogniser: Any, threshold: float) -> bool:
    """Whether no pattern reaches the threshold by itself, and no checksum can lift it there."""
    patterns: list[Any] = getattr(recogniser, "patterns", [])
    if not patterns:
        return False
    if type(recogniser).validate_result is not PatternRecognizer.validate_result:
        return False
    return all(pattern.score < threshold for pattern in patterns)
