"""How well personal data is found in labelled texts, and how often where there is none.

Labelled texts are files of JSON lines, ``{"text": …, "spans": [[start, end, label], …]}``, offsets
in characters. A label counts as found when at least half of it is covered by findings of its kind;
a finding is right when at least half of it lies on labels of its kind. Kinds that a file labels
nowhere are left out of its figures.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from router.privacy.spans import Span

    Find = Callable[[str], list[Span]]

KINDS: Final[Mapping[str, str]] = {
    "ADDRESS": "STREET_ADDRESS",
    "API_KEY": "SECRET",
    "CREDIT_CARD": "CREDIT_CARD",
    "DATE_OF_BIRTH": "DATE_OF_BIRTH",
    "DE_IBAN": "IBAN_CODE",
    "DE_VAT_ID": "VAT_NUMBER",
    "EMAIL": "EMAIL_ADDRESS",
    "EMAIL_ADDRESS": "EMAIL_ADDRESS",
    "IBAN": "IBAN_CODE",
    "IBAN_CODE": "IBAN_CODE",
    "IP_ADDRESS": "IP_ADDRESS",
    "MAC_ADDRESS": "MAC_ADDRESS",
    "PER": "PERSON",
    "PERSON": "PERSON",
    "PERSON_NAME": "PERSON",
    "PHONE": "PHONE_NUMBER",
    "PHONE_NUMBER": "PHONE_NUMBER",
    "PASSWORD": "SECRET",
    "SECRET": "SECRET",
    "SOCIAL_SECURITY_NUMBER": "US_SSN",
    "SSN": "US_SSN",
    "STREET_ADDRESS": "STREET_ADDRESS",
    "US_DRIVER_LICENSE": "US_DRIVER_LICENSE",
    "US_SSN": "US_SSN",
    "person": "PERSON",
}
"""What the labels of usual sets are called here; others are out of scope."""


@dataclass(frozen=True)
class Labelled:
    """One text and its labels, by kind."""

    text: str
    labels: Mapping[str, list[tuple[int, int]]]


@dataclass
class Score:
    """Counts of one kind. ``leaking``: labelled characters that no finding of any kind covers."""

    labels: int = 0
    found: int = 0
    told: int = 0
    right: int = 0
    leaking: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The part of the labels that is found."""
        return self.found / max(self.labels, 1)

    @property
    def precision(self) -> float:
        """The part of the findings that is right."""
        return self.right / max(self.told, 1)


def read(path: Path) -> Iterator[Labelled]:
    """The texts of one file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        labels: dict[str, list[tuple[int, int]]] = {}
        for start, end, label in said["spans"]:
            if label in KINDS:
                labels.setdefault(KINDS[label], []).append((start, end))
        yield Labelled(said["text"], labels)


def score(find: Find, texts: Iterable[Labelled]) -> dict[str, Score]:
    """The figures of one file, by kind."""
    texts = list(texts)
    scores = {kind: Score() for kind in sorted({kind for one in texts for kind in one.labels})}
    for one in texts:
        spans = find(one.text)
        for kind, tally in scores.items():
            _tally(tally, kind, one, spans)
    return scores


def _tally(tally: Score, kind: str, one: Labelled, spans: list[Span]) -> None:
    labels = one.labels.get(kind, [])
    told = [(span.start, span.end) for span in spans if span.entity == kind]
    everything = [(span.start, span.end) for span in spans]
    tally.labels += len(labels)
    tally.told += len(told)
    for start, end in labels:
        if 2 * _covered(start, end, told) >= end - start:
            tally.found += 1
        else:
            tally.missed.append(_quoted(one.text, start, end))
        tally.leaking += end - start - _covered(start, end, everything)
    for start, end in told:
        if 2 * _covered(start, end, labels) >= end - start:
            tally.right += 1
        else:
            tally.wrong.append(_quoted(one.text, start, end))


def _covered(start: int, end: int, others: Iterable[tuple[int, int]]) -> int:
    """How much of ``start`` to ``end`` lies in ``others``, which may overlap each other."""
    inside: set[int] = set()
    for begin, stop in others:
        inside.update(range(max(start, begin), min(end, stop)))
    return len(inside)


def _quoted(text: str, start: int, end: int) -> str:
    around = f"{text[max(0, start - 40) : start]}[[{text[start:end]}]]{text[end : end + 30]}"
    return around.replace("\n", "⏎")


def false_spans(find: Find, texts: Iterable[str]) -> tuple[int, Counter[str]]:
    """How many words there are in texts without personal data, and what is found all the same."""
    words, kinds = 0, Counter[str]()
    for text in texts:
        words += len(text.split())
        kinds.update(span.entity for span in find(text))
    return words, kinds
