"""What the extended rules find in a text, all of them or those of some languages."""

from __future__ import annotations

from functools import lru_cache

from router.privacy.find.around import Around
from router.privacy.find.clusters import Clusters
from router.privacy.find.extended.extended import Extended
from router.privacy.kinds import DEFAULT_LANGUAGES, EXTENDED
from router.privacy.spans import Span, resolve

ALL = frozenset(EXTENDED)
KNOWN = frozenset[str]().union(*EXTENDED.values())


@lru_cache
def extended(languages: frozenset[str] = DEFAULT_LANGUAGES) -> tuple[Extended, Clusters]:
    rules = Extended(KNOWN, 0.35, languages)
    return rules, Clusters(rules.rules, None)


def spans(text: str, languages: frozenset[str] = DEFAULT_LANGUAGES) -> list[Span]:
    rules, clusters = extended(languages)
    around = Around(text)
    everything = (*clusters.find(text, around), *rules.find(text, around))
    return resolve(span for span in everything if span is not None)


def found(text: str, languages: frozenset[str] = DEFAULT_LANGUAGES) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.entity) for one in spans(text, languages)]
