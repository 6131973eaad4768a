"""An averaged perceptron: which features tell a name, learned one word after the other."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

Example = tuple[tuple[int, ...], bool]
"""The numbers of a word's features, and whether it is part of a name."""

_SURE_NAME, _SURE_OTHER = 8.0, 11.0
"""A word is learned from until it is told apart by so much; what is none, by more."""


def averaged(
    examples: Sequence[Example], features: int, rounds: int, random: Random
) -> list[float]:
    """The mean of the weights over all steps. Reorders nothing that it is given."""
    weights = [0.0] * features
    sums = [0.0] * features
    step = 0
    order = list(range(len(examples)))
    for _ in range(rounds):
        random.shuffle(order)
        for at in order:
            numbers, told = examples[at]
            step += 1
            margin = 0.0
            for number in numbers:
                margin += weights[number]
            if margin > _SURE_NAME if told else -margin > _SURE_OTHER:
                continue
            change = 1.0 if told else -1.0
            for number in numbers:
                weights[number] += change
                sums[number] += change * step
    return [weight - total / step for weight, total in zip(weights, sums, strict=True)]


def scale_of(margins: Sequence[float], told: Sequence[bool]) -> float:
    """The scale by which margins make the best probabilities."""
    best, least = 1.0, float("inf")
    for candidate in (2**power for power in range(-2, 12)):
        loss = sum(
            log(1 + exp(min(50.0, (-margin if name else margin) / candidate)))
            for margin, name in zip(margins, told, strict=True)
        )
        if loss < least:
            best, least = float(candidate), loss
    return best
