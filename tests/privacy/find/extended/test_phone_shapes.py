"""Phones by their shape or their word, valid for libphonenumber or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.privacy.find.extended.texts import found

SHAPED = [
    *("(555) 123-4567", "555-123-4567", "555.123.4567", "+1 (473) 723-4771", "+1-555-777-8888"),
    *("555-123-4567x89", "555-123-4567 ext. 12", "(200) 200-2200", "+1 (300) 901-3016 x1234"),
    *("08031234567", "0803 123 4567", "0701-234-5678", "2348031234567", "234 803 123 4567"),
    *("+234 803 123 4567", "+447700 921 916", "+46 (0)179 459 33", "+49 30 1234567-8"),
]


@pytest.mark.parametrize("number", SHAPED)
@pytest.mark.parametrize("text", ["{}", "it is {}.", "<b>{}</b>", '"{}",', "a\t{}\nb"])
def test_a_phone_is_found_by_its_shape(number: str, text: str) -> None:
    assert found(text.format(number)) == [(number, "PHONE_NUMBER")]


TOLD = [
    *("Phone:\n358 0594", "call me on 9472 7916", "tel. 72 128 827", "Mobile: 723 813 266"),
    *("fax=5551234567", "Tél. : 01 23 45 67 89", "teléfono 612 345 678", "(37) 788-063 office"),
    *("655 437 108 office", "phone number is 516466638", "WhatsApp: 9876543210"),
]


@pytest.mark.parametrize("text", TOLD)
def test_a_phone_is_found_by_its_word(text: str) -> None:
    number = text.strip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ :.=é\n")
    assert [entity for _, entity in found(text)] == ["PHONE_NUMBER"]
    assert found(text)[0][0].strip("(") == number.strip("(")


@given(st.integers(200, 999), st.integers(0, 999), st.integers(0, 9999))
def test_any_number_in_north_american_shape_is_one(area: int, exchange: int, line: int) -> None:
    number = f"({area}) {exchange:03}-{line:04}"
    assert found(f"reach {number} now") == [(number, "PHONE_NUMBER")]


@pytest.mark.parametrize(
    "text",
    [
        "5551234567",
        "1700000000000",
        "call 2 functions",
        "phone 12",
        "a + 1234567890",
        "f(123) 456",
        "range(100) 200 300",
        "Journal 71(2) (1999) 161-190",
        "+02:00 and +0000",
        "+1000000000",
        "call: 2024-01-02",
        "text 12/03/2024",
        "part 555-123-4567-A",
        "v555.123.4567.8",
        "978-0-306-40615-7",
        "phone 10.20.30.40",
        "12345678901",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert found(text) == []


def test_the_head_of_a_column_tells() -> None:
    text = "name;phone;city\nBo;72 128 827;Oslo\nAl;358 0594;Rome\n"
    assert [value for value, _ in found(text)] == ["72 128 827", "358 0594"]
