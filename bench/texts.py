"""Texts made up for the benchmark: with personal data whose places are known, and without."""

from __future__ import annotations

import random
from dataclasses import dataclass

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
    labels: dict[str, list[tuple[int, int]]]


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
    text = ""
    labels: dict[str, list[tuple[int, int]]] = {}
    for _ in range(count):
        entity = chance.choice(list(KINDS))
        before, _, after = KINDS[entity].partition("{}")
        begin = chance.randrange(len(filler) - 40)
        text += f"{filler[begin : begin + 20].strip()}, {before}"
        found = value(chance, entity)
        labels.setdefault(entity, []).append((len(text), len(text) + len(found)))
        text += f"{found}{after}. "
    return Made(text, labels)
