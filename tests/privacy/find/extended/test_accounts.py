"""Cards, IBANs and social security numbers beyond what Presidio accepts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.privacy.find.extended.checksums import luhn
from tests.privacy.find.extended.texts import found

SEEDS = st.integers(0, 10_000)
ISSUERS = [
    *(("4", 16), ("4", 19), ("51", 16), ("2221", 16), ("2720", 16), ("37", 15), ("3056", 14)),
    *(("36", 14), ("6011", 16), ("65", 16), ("3530", 16), ("62", 19), ("5018", 12), ("6304", 12)),
    *(("506100", 19), ("2131", 15), ("6304", 13)),
]


def card(prefix: str, size: int, seed: int) -> str:
    rest = "".join(random.Random(seed).choices("0123456789", k=size - len(prefix) - 1))
    return next(prefix + rest + last for last in "0123456789" if luhn(prefix + rest + last))


@pytest.mark.parametrize(("prefix", "size"), ISSUERS)
@given(seed=SEEDS, text=st.sampled_from(["my card {}", "Visa: {}", "{} is my card", "cc={}"]))
def test_a_card_is_found_with_its_word(prefix: str, size: int, seed: int, text: str) -> None:
    number = card(prefix, size, seed)
    assert (number, "CREDIT_CARD") in found(text.format(number))


@given(SEEDS, st.sampled_from([" ", "-", "\u00a0", "\t", "\u202f"]))
def test_groups_need_no_word(seed: int, apart: str) -> None:
    number = card("2223", 16, seed)
    grouped = apart.join(number[at : at + 4] for at in range(0, 16, 4))
    assert found(f"take {grouped} then") == [(grouped, "CREDIT_CARD")]
    wrong = grouped[:-1] + str((int(grouped[-1]) + 1) % 10)
    assert found(f"take {wrong} then") == []


@given(SEEDS)
def test_ranges_without_times_or_counters_need_no_word(seed: int) -> None:
    number = card("2300", 16, seed)
    assert found(f"x {number} y") == [(number, "CREDIT_CARD")]


@pytest.mark.parametrize(("prefix", "size"), [("17", 13), ("1", 19), ("5018", 12), ("4", 19)])
@given(seed=SEEDS)
def test_counters_and_times_are_none(prefix: str, size: int, seed: int) -> None:
    number = card(prefix, size, seed)
    assert found(f"epoch {number} order") == []
    assert found(f"0.{number}") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("card number {}", "4111 1111 1111 1112"),
        ("Visa: {}", "4111-1111-1111-1112"),
        ("my credit card is {}", "4111111111111112"),
        ("Amex {}", "3782 822463 10006"),
    ],
)
def test_a_mistyped_card_needs_its_word(text: str, number: str) -> None:
    assert found(text.format(number)) == [(number, "CREDIT_CARD")]
    assert found(f"number {number}") == []


def test_tables_of_numbers_in_fours_are_no_cards() -> None:
    assert found("84AF 527D 5282 5281 5290 5293") == []
    assert found("5421 5457 5459 5423 5432 5482 5494") == []


IBANS = [
    ("IBAN {}", "DE89 3704 0044 0532 0130 01"),
    ("{}", "DE89 3704 0044 0532 0130 01"),
    ("iban: {}", "gb82west12345698765431"),
    ("IBAN: {}", "GB82 WEST 1234 5698 7654 31"),
    ("Bank: IBAN {}\nSWIFT", "NL68743690832610883717"),
]


@pytest.mark.parametrize(("text", "number"), IBANS)
def test_an_iban_is_found_though_it_is_mistyped(text: str, number: str) -> None:
    assert found(text.format(number)) == [(number, "IBAN_CODE")]


@pytest.mark.parametrize(
    "text",
    ["DE89 3704 0044 0532 0130", "AB12 3456 7890 1234 5678 90", "iban GB12", "GB82WEST123456987"],
)
def test_what_has_no_countrys_length_is_no_iban(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("{}", "123-45-6789"),
        ("SSN {}", "123 45 6789"),
        ("ssn: {}", "900-12-3456"),
        ("social security number {}", "123456789"),
        ("SSN:{};DOB", "666-12-3456"),
    ],
)
def test_social_security_numbers_are_found(text: str, number: str) -> None:
    assert found(text.format(number)) == [(number, "US_SSN")]


def test_a_word_anywhere_supports_the_shape_of_one() -> None:
    text = "name,ssn\n" + "x\n" * 60 + "974-74-9974"
    assert found(text) == [("974-74-9974", "US_SSN")]


@pytest.mark.parametrize(
    "text",
    [
        *("974-74-9974", "666-12-3456", "SSN 000-12-3456", "SSN 123-00-4567", "123 45 6789"),
        *("SSN 123-45-67890", "1123-45-6789", "123456789"),
    ],
)
def test_what_nobody_was_given_is_none_without_a_word(text: str) -> None:
    assert found(text) == []
