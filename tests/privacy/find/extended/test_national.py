"""Numbers of countries: by shape and check digit, or told by a word."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.privacy.find.extended.checksums import verhoeff
from router.privacy.find.extended.extended import Extended
from router.privacy.find.extended.national import KINDS
from router.privacy.kinds import EXTENDED
from tests.privacy.find.extended.texts import ALL, KNOWN, found

SEEDS = st.integers(0, 10_000)


def digits(seed: int, count: int, first: str = "123456789") -> str:
    chance = random.Random(seed)
    return chance.choice(first) + "".join(chance.choices("0123456789", k=count - 1))


def aadhaar(seed: int) -> str:
    number = digits(seed, 11, "23456789")
    return next(number + digit for digit in "0123456789" if verhoeff(number + digit))


def spanish(number: str) -> str:
    return number + "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def french(seed: int) -> str:
    chance = random.Random(seed)
    born = f"{chance.choice('12')}{chance.randrange(100):02}{chance.randrange(1, 13):02}"
    number = f"{born}{chance.randrange(1, 96):02}{digits(seed, 3)}{digits(seed + 1, 3)}"
    return f"{number}{97 - int(number) % 97:02}"


def pesel(seed: int) -> str:
    chance = random.Random(seed)
    number = f"{chance.randrange(100):02}{chance.choice(['01', '12'])}{chance.randrange(10, 29)}"
    number += digits(seed, 4)
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return number + str(-sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 10)


@given(SEEDS)
def test_numbers_in_groups_that_their_check_digit_confirms_need_no_word(seed: int) -> None:
    number = aadhaar(seed)
    grouped = f"{number[:4]} {number[4:8]} {number[8:]}"
    assert found(f"it is {grouped}, yes") == [(grouped, "IN_AADHAAR")]
    wrong = f"{number[:4]} {number[4:8]} {number[8:11]}{(int(number[11]) + 1) % 10}"
    assert found(f"it is {wrong}, yes") == []


@given(SEEDS)
def test_spanish_and_french_numbers_carry_their_own_check(seed: int) -> None:
    nif, nir = spanish(digits(seed, 8)), french(seed)
    assert (nif, "ES_NIF") in found(f"con {nif}.", ALL)
    assert (nir, "FR_NIR") in found(f"avec {nir}.", ALL)


@given(SEEDS)
def test_a_pesel_needs_its_word(seed: int) -> None:
    number = pesel(seed)
    assert (number, "PL_PESEL") in found(f"PESEL: {number}", ALL)
    assert "PL_PESEL" not in {entity for _, entity in found(f"zamówienie {number}", ALL)}


TOLD = [
    ("NIN: {}", "12345678901", "NG_NIN"),
    ('{{"nin": "{}"}}', "12345678901", "NG_NIN"),
    ("his National Identification Number is {}", "12345678901", "NG_NIN"),
    ("BVN {}", "22123456789", "NG_BVN"),
    ("Account number: {}, GTBank", "0123456789", "NG_NUBAN"),
    ("send it to my Zenith account {}", "2012345678", "NG_NUBAN"),
    ("plate number {}", "ABC-123DE", "NG_VEHICLE_REGISTRATION"),
    ("aadhaar no. {}", "123412341234", "IN_AADHAAR"),
    ("PAN {}", "ABCPE1234F", "IN_PAN"),
    ("voter id {}", "ABC1234567", "IN_VOTER"),
    ("passport no. {}", "K1234567", "IN_PASSPORT"),
    ("vehicle {}", "KA01AB1234", "IN_VEHICLE_REGISTRATION"),
    ("nino: {}", "QQ123456C", "UK_NINO"),
    ("vehicle reg {}", "AB12CDE", "UK_VEHICLE_REGISTRATION"),
]


@pytest.mark.parametrize(("text", "number", "entity"), TOLD)
def test_a_word_tells_what_a_number_is(text: str, number: str, entity: str) -> None:
    assert (number, entity) in found(text.format(number))


@pytest.mark.parametrize(
    "text",
    [
        "running 12345678901",
        "company 12345678901",
        "12345678901",
        "id 0123456789",
        "account_id: 1234567890",
        "accountant 0123456789",
        "NIN" + " and so on" * 6 + " 12345678901",
        "NIN 12345678901.5",
        "NIN a12345678901",
        "uid 123456789012",
        "epic 12",
    ],
)
def test_only_a_whole_word_that_is_near_tells(text: str) -> None:
    assert found(text) == []


def test_of_two_words_the_nearer_one_tells() -> None:
    text = "NIN 12345678901 BVN 22345678901"
    assert found(text) == [("12345678901", "NG_NIN"), ("22345678901", "NG_BVN")]


def test_the_head_of_a_column_tells() -> None:
    text = 'name,nin,city\n"Obi, A.",12345678901,Lagos\nAda,22345678901,Abuja\n'
    assert found(text) == [("12345678901", "NG_NIN"), ("22345678901", "NG_NIN")]
    assert found(text.replace("nin", "sum")) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("NI number {}", "AB 12 34 56 C"),
        ("{}", "AB123456C"),
        ("{}", "AB-12-34-56-C"),
    ],
)
def test_national_insurance_numbers_are_found_in_any_spacing(text: str, number: str) -> None:
    assert found(text.format(number)) == [(number, "UK_NINO")]


@pytest.mark.parametrize("prefix", ["BG", "GB", "NT", "DA", "AO"])
def test_prefixes_that_are_not_given_out_are_none(prefix: str) -> None:
    assert found(f"{prefix} 12 34 56 C and {prefix}123456C") == []


def test_languages_that_are_not_named_find_nothing() -> None:
    nif = spanish("12345678")
    assert found(f"DNI {nif}") == []
    assert (nif, "ES_NIF") in found(f"DNI {nif}", frozenset({"es"}))


def test_only_what_is_wanted_is_found() -> None:
    rules = Extended({"NG_NIN", "ES_NIF"}, 0.35)
    assert rules.entities == {"NG_NIN"}
    assert {rule.entity for rule in rules.rules} == {"NG_NIN"}


def test_every_entity_belongs_to_one_language() -> None:
    assert sum(map(len, EXTENDED.values())) == len(KNOWN)


def test_every_country_has_the_kinds_that_are_said_to_be_found() -> None:
    for country, entities in EXTENDED.items():
        if country != "en":
            assert {kind.entity for kind in KINDS if kind.country == country} == entities
