"""VAT numbers of the European Union."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.privacy.find.extended.checksums import luhn, mod_11_10
from router.privacy.find.extended.vat import is_vat
from tests.privacy.find.extended.texts import found

CHECKED = [
    *("ATU13585627", "BE0428759497", "DE136695976", "FR40303265045", "HR33392005961"),
    *("IT00743110157", "NL004495445B01", "PL8567346215", "PT501964843"),
]
"""Examples of public documents on these checks."""


@pytest.mark.parametrize("number", CHECKED)
def test_a_checked_number_needs_no_word(number: str) -> None:
    assert found(f"from {number}, paid") == [(number, "VAT_NUMBER")]


@pytest.mark.parametrize("number", CHECKED)
def test_a_wrong_digit_is_noticed(number: str) -> None:
    at = 5
    wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
    assert not is_vat(wrong)
    assert found(f"from {wrong}, paid") == []


@given(st.integers(10_000_000, 99_999_999))
def test_german_numbers_have_one_check_digit(number: int) -> None:
    valid = [f"{number}{digit}" for digit in range(10) if mod_11_10(f"{number}{digit}")]
    assert [is_vat(f"DE{one}") for one in valid] == [True]
    assert is_vat(f"IT{valid[0]}00") is luhn(f"{valid[0]}00")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("VAT {}", "DE123456789"),
        ("USt-IdNr. {} ist", "DE 123 456 789"),
        ("TVA {}", "FR 40 303 265 046"),
        ("VAT no: {}.", "GB 123 4567 89"),
        ("BTW {}", "NL123456789B01"),
        ("NIF {}", "ESB12345678"),
        ("vat: {}", "IE1234567T"),
    ],
)
def test_a_word_tells_the_shape_of_one(text: str, number: str) -> None:
    assert found(text.format(number)) == [(number, "VAT_NUMBER")]


@pytest.mark.parametrize(
    "text", ["DE123456789", "private DE123456789", "VAT XX123456789", "VAT 20%", "VAT DE12345"]
)
def test_other_words_and_shapes_are_none(text: str) -> None:
    assert found(text) == []
