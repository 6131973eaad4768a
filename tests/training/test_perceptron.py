"""What is learned: weights that tell examples apart, the same ones each time."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.perceptron import Example, averaged, scale_of
from training.texts import Text


def examples(seed: int) -> list[Example]:
    draw = Random(seed)
    told = []
    for _ in range(200):
        features = tuple(draw.sample(range(1, 8), k=3))
        told.append(((0, *features) if (name := 3 in features) else features, name))
    return told


@given(st.integers(0, 5))
def test_examples_that_can_be_told_apart_are(seed: int) -> None:
    told = examples(seed)
    weights = averaged(told, 8, 5, Random(1))
    for features, name in told:
        assert (sum(weights[one] for one in features) > 0) == name


def test_the_same_examples_give_the_same_weights() -> None:
    assert averaged(examples(1), 8, 3, Random(2)) == averaged(examples(1), 8, 3, Random(2))


@pytest.mark.parametrize(("wrong", "scale"), [(0, 1), (30, 64)])
def test_the_more_margins_are_wrong_the_wider_the_scale(wrong: int, scale: float) -> None:
    margins = [40.0] * 100
    found = scale_of(margins, [at >= wrong for at in range(100)])
    assert (found <= scale) if not wrong else (found >= scale / 4)


def test_a_text_without_its_names_has_signs_for_them() -> None:
    assert Text("Jane met Bob.", ((0, 4), (9, 12))).without_names() == "@ met @."
