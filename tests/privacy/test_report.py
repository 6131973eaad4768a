"""What is told of findings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.privacy.parts import Inspected
from router.privacy.report import shapes
from router.privacy.spans import Span


def shape(value: str) -> str:
    item = Inspected(f"x{value}", ("$",))
    ((told,),) = shapes([item], [[Span(1, len(value) + 1, "X", 1.0)]]).values()
    return told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("536-90-4399", "000-00-0000"),
        ("Jane.Roe@Example.com", "Aaaa.Aaa@Aaaaaaa.aaa"),
        ("+1 (212) 555", "+0 (000) 000"),
        ("Łukasz 王伟 ٣\n", "Aaaaaa aa 0?"),
        ("1" * 60, "0" * 40 + "…"),
    ],
)
def test_a_shape_tells_kinds_of_characters_alone(value: str, told: str) -> None:
    assert shape(value) == told


@settings(deadline=None, max_examples=200)
@given(st.text(min_size=1, max_size=60))
def test_no_shape_holds_a_letter_or_a_digit_of_its_value(value: str) -> None:
    left = {char for char in shape(value) if char.isalnum()}
    assert left <= {"0", "a", "A"}
    assert len(shape(value)) <= 41


def test_shapes_are_few_and_each_is_told_once() -> None:
    texts = ["1", "2", *("1" * size for size in range(2, 20))]
    items = [Inspected(text, ("$",)) for text in texts]
    told = shapes(items, [[Span(0, len(text), "X", 1.0)] for text in texts])
    assert told == {"X": ("0", "00", "000", "0000", "00000")}
