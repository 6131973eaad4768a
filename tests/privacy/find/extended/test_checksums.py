"""Check digits: one in ten completes a number, and one wrong digit is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.privacy.find.extended.checksums import luhn, mod_11_10, mod_97_10, verhoeff

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMES = [luhn, verhoeff, mod_11_10]
NUMBERS = st.text("0123456789", min_size=8, max_size=18)


@pytest.mark.parametrize("valid", SCHEMES)
@given(number=NUMBERS)
def test_one_digit_in_ten_completes_a_number(valid: Callable[[str], bool], number: str) -> None:
    assert sum(valid(number + digit) for digit in "0123456789") == 1


@pytest.mark.parametrize("valid", SCHEMES)
@given(number=NUMBERS, place=st.integers(0, 7), other=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_noticed(
    valid: Callable[[str], bool], number: str, place: int, other: str
) -> None:
    whole = next(number + digit for digit in "0123456789" if valid(number + digit))
    wrong = whole[:place] + other + whole[place + 1 :]
    assert valid(wrong) is (other == whole[place])


@pytest.mark.parametrize(
    ("valid", "number"),
    [
        (luhn, "79927398713"),
        (verhoeff, "2363"),
        (mod_11_10, "07945"),
        (mod_97_10, "WEST12345698765432" + "GB82"),
    ],
)
def test_the_standards_own_examples_hold(valid: Callable[[str], bool], number: str) -> None:
    assert valid(number)
