"""Digits as numbers of a region: the library's judgement, digit by digit."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumberMatcher

from router.privacy.find.phones.reading import read, stands_alone
from router.privacy.find.phones.regions import Region, is_international

REGIONS = [Region(name) for name in ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")]
_KINDS = [kind for kind in range(11) if kind != phonenumbers.PhoneNumberType.UNKNOWN]


def examples() -> list[tuple[int, str]]:
    """A country's code and one of its numbers, of each kind that each country has."""
    numbers = (
        phonenumbers.example_number_for_type(name, kind)
        for names in COUNTRY_CODE_TO_REGION_CODE.values()
        for name in names
        for kind in _KINDS
    )
    return [
        (one.country_code, phonenumbers.national_significant_number(one))
        for one in numbers
        if one is not None and one.country_code is not None
    ]


EXAMPLES = examples()
OWN = [one for one in EXAMPLES if one[0] in (1, 44, 49, 33, 972, 91, 55)]
_CODE = st.sampled_from(
    ["", "", "{}", "00{}", "011{}", "000{}", "{}0", "0{}", "+{}", "++{}", "+00{}"]
)
_TRUNK = st.sampled_from(["", "", "0", "1", "00", "90", "015", "180020", "80"])
_BEHIND = st.sampled_from(["", "", "", "7", "00", "123", "x12", " ext. 12", "xx1", "#", ",12#"])


def library(group: str, region: Region) -> bool:
    matcher = PhoneNumberMatcher(group, region.name, phonenumbers.Leniency.VALID)
    return matcher._parse_and_verify(group, 0) is not None


def judged(group: str, region: Region) -> bool | None:
    """As ``Phones`` judges, but for carriers, which it leaves to the library."""
    reading = read(group)
    if reading is None or not stands_alone(group, group, 0):
        return False
    if reading.carrier:
        return None
    if reading.plus:
        valid = is_international(reading.digits)
        return region.accepts_behind_plus(reading.digits) if valid is None else valid
    return region.accepts(reading.digits, reading.written)


@given(
    st.one_of(st.sampled_from(OWN), st.sampled_from(EXAMPLES)), _CODE, _TRUNK, _BEHIND, st.data()
)
def test_numbers_of_all_countries_are_judged_as_the_library_does(
    example: tuple[int, str], code: str, trunk: str, behind: str, data: st.DataObject
) -> None:
    number = list(example[1])
    if data.draw(st.booleans()):
        number[data.draw(st.integers(0, len(number) - 1))] = data.draw(
            st.sampled_from("0123456789")
        )
    group = code.format(example[0]) + trunk + "".join(number) + behind
    for region in REGIONS:
        ours = judged(group, region)
        assert ours is None or ours == library(group, region), (group, region.name)


@given(st.from_regex(r"\+?[0-9(][0-9x ()/-]{2,24}[0-9]", fullmatch=True))
def test_any_digits_are_judged_as_the_library_does(group: str) -> None:
    for region in REGIONS:
        ours = judged(group, region)
        assert ours is None or ours == library(group, region), (group, region.name)


@pytest.mark.parametrize("code", sorted(COUNTRY_CODE_TO_REGION_CODE))
def test_each_countrys_examples_are_international_numbers(code: int) -> None:
    for country, number in EXAMPLES:
        if country == code:
            assert is_international(f"{code}{number}") is True
