"""Detectors of personal data side by side: the router's, plain Presidio, and peers if installed."""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from router.privacy.anchors import plain_digits
from router.privacy.find.edges import plain_signs
from router.privacy.find.finder import Finder
from router.privacy.find.people.people import People
from router.privacy.find.rules import recognisers
from router.privacy.kinds import PRESIDIO, Scope
from router.privacy.spans import Span, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    Find = Callable[[str], list[Span]]

THRESHOLD: Final = 0.35

_KINDS: Final = {
    "EMAIL": "EMAIL_ADDRESS",
    "PHONE": "PHONE_NUMBER",
    "SSN": "US_SSN",
    "SOCIAL_SECURITY_NUMBER": "US_SSN",
    "IBAN": "IBAN_CODE",
    "DE_IBAN": "IBAN_CODE",
    "DE_VAT_ID": "VAT_NUMBER",
    "NAME": "PERSON",
}
"""What peers call our kinds."""


def detectors() -> dict[str, Find]:
    """What there is to compare, by name; the router first."""
    scope = Scope()
    finder = Finder(scope.usual, THRESHOLD, scope, People(THRESHOLD))
    found: dict[str, Find] = {
        "router": lambda text: resolve(finder.find(plain_signs(plain_digits(text)))),
        "Presidio": presidio(),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if find_spec("datafog") is not None:
            found["datafog"] = _datafog(import_module("datafog"))
        if find_spec("scrubadub") is not None:
            found["scrubadub"] = _scrubadub(import_module("scrubadub"))
    return found


def presidio() -> Find:
    """Presidio's engine with the same recognisers and no language model."""
    registry = RecognizerRegistry(recognizers=list(recognisers(set(PRESIDIO.usual)).values()))
    engine = AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}]),
    )

    def find(text: str) -> list[Span]:
        found = engine.analyze(text, "en", score_threshold=THRESHOLD)
        return resolve(Span(one.start, one.end, one.entity_type, one.score) for one in found)

    return find


def _datafog(library: Any) -> Find:
    def find(text: str) -> list[Span]:
        return [
            Span(one.start, one.end, _KINDS.get(one.type, one.type), one.confidence)
            for one in library.scan(text).entities
        ]

    return find


def _scrubadub(library: Any) -> Find:
    scrubber = library.Scrubber()

    def find(text: str) -> list[Span]:
        kinds = ((one.beg, one.end, one.type.upper()) for one in scrubber.iter_filth(text))
        return [Span(start, end, _KINDS.get(kind, kind), 1.0) for start, end, kind in kinds]

    return find
