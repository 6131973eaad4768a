"""Speed and quality of the detector of personal data, beside plain Presidio, on made-up texts."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from router.privacy.anchors import DEFAULT_ENTITIES
from router.privacy.find.finder import Finder
from router.privacy.find.rules import recognisers
from router.privacy.spans import Span, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

THRESHOLD = 0.35
CLEAN = (
    "The committee met on a grey morning to talk about the garden, and nobody wanted to be first "
    "to speak; then a woman in the second row stood up and asked whether there would be roses. "
)
NUMBERS = (
    "In 2024 the committee met at 10:30 to talk about 3 gardens, v1.2 of the plan and 15 people; "
    "then a woman in row 2 stood up and asked about 40 roses (p. 12), which would cost 1,250.00. "
)


@dataclass
class Made:
    """A text and where its personal data stands."""

    text: str
    spans: list[tuple[int, int, str]]


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def card(chance: random.Random) -> str:
    number = [4, *(int(digit) for digit in digits(chance, 14))]
    doubled = [
        digit if at % 2 else (2 * digit - 9 if digit > 4 else 2 * digit)
        for at, digit in enumerate(number)
    ]
    whole = "".join(map(str, number)) + str(-sum(doubled) % 10)
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4))


def value(chance: random.Random, entity: str) -> str:
    match entity:
        case "EMAIL_ADDRESS":
            return f"{chance.choice(['jane', 'bob.r', 'a_lee'])}{digits(chance, 3)}@example.com"
        case "PHONE_NUMBER":
            return f"+1 212 {chance.randrange(200, 999)} {digits(chance, 4)}"
        case "CREDIT_CARD":
            return card(chance)
        case "US_SSN":
            area, group = chance.randrange(100, 665), chance.randrange(10, 99)
            return f"{area}-{group}-{chance.randrange(1000, 9999)}"
        case _:
            return ".".join(str(chance.randrange(1, 255)) for _ in range(4))


KINDS = {
    "EMAIL_ADDRESS": "mail {}",
    "PHONE_NUMBER": "call {} now",
    "CREDIT_CARD": "my card is {}",
    "US_SSN": "ssn {}",
    "IP_ADDRESS": "the machine at {}",
}


def made(chance: random.Random, count: int, filler: str = NUMBERS) -> Made:
    """``count`` findings, each in a phrase of its own, with a piece of ``filler`` between."""
    text, spans = "", []
    for _ in range(count):
        entity = chance.choice(list(KINDS))
        before, _, after = KINDS[entity].partition("{}")
        begin = chance.randrange(len(filler) - 40)
        text += f"{filler[begin : begin + 20].strip()}, {before}"
        found = value(chance, entity)
        spans.append((len(text), len(text) + len(found), entity))
        text += f"{found}{after}. "
    return Made(text, spans)


def presidio() -> Callable[[str], list[Span]]:
    """Presidio's engine with the same recognisers and no language model."""
    registry = RecognizerRegistry(recognizers=list(recognisers(set(DEFAULT_ENTITIES)).values()))
    engine = AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}]),
    )

    def find(text: str) -> list[Span]:
        found = engine.analyze(text, "en", score_threshold=THRESHOLD)
        return resolve(Span(one.start, one.end, one.entity_type, one.score) for one in found)

    return find


def cpu(find: Callable[[str], object], texts: list[str], seconds: float) -> float:
    """CPU µs a text: the median of rounds over all of ``texts``."""
    rounds: list[float] = []
    until = time.monotonic() + seconds
    while len(rounds) < 3 or time.monotonic() < until:
        begun = time.thread_time()
        for text in texts:
            find(text)
        rounds.append((time.thread_time() - begun) / len(texts) * 1e6)
    return sorted(rounds)[len(rounds) // 2]


def quality(find: Callable[[str], list[Span]], texts: list[Made]) -> tuple[float, float]:
    """Recall and precision; a span counts when at least half of it is covered by its kind."""
    hits = labels = right = told = 0
    for one in texts:
        found = find(one.text)
        labels += len(one.spans)
        told += len(found)
        told_of = [(span.start, span.end, span.entity) for span in found]
        hits += sum(any(_covers(other, label) for other in told_of) for label in one.spans)
        right += sum(any(_covers(label, span) for label in one.spans) for span in told_of)
    return hits / labels, right / max(told, 1)


def _covers(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    """Whether ``one`` covers at least half of ``other``, and is of its kind."""
    start, end, kind = other
    return one[2] == kind and 2 * (min(end, one[1]) - max(start, one[0])) >= end - start


def main(seconds: float = 2.0) -> None:
    chance = random.Random(1)
    finder = Finder(DEFAULT_ENTITIES, THRESHOLD)
    finders: dict[str, Callable[[str], list[Span]]] = {
        "router": lambda text: resolve(finder.find(text)),
        "Presidio": presidio(),
    }
    texts = {
        "200 characters, clean": [CLEAN[:200]],
        "200 characters, numbers": [NUMBERS[:200]],
        "200 characters, 4 findings": [made(chance, 4).text[:200] for _ in range(20)],
        "20,000 characters, clean": [CLEAN * 104],
        "20,000 characters, dense": [made(chance, 400).text[:20_000]],
        "20,000 digits in groups": [" ".join(digits(chance, 4) for _ in range(4000))],
    }
    print(f"{'CPU µs a text':28}" + "".join(f"{name:>12}" for name in finders))
    for name, some in texts.items():
        times = [cpu(find, some, seconds) for find in finders.values()]
        print(f"{name:28}" + "".join(f"{spent:>12.1f}" for spent in times))
    labelled = [made(chance, 5) for _ in range(300)]
    print(f"\n{'1,500 findings made up':28}{'recall':>12}{'precision':>12}")
    for name, find in finders.items():
        recall, precision = quality(find, labelled)
        print(f"{name:28}{recall:>12.3f}{precision:>12.3f}")
