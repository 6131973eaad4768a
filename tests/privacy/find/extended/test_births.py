"""Dates of birth: any spelling of a date, directly behind a word."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.privacy.find.extended.texts import ALL, found

DATES = [
    *("1946-07-03", "03/07/1946", "3.7.1946", "03/07/46", "3 July 1946", "July 3rd, 1946"),
    *("12-Mar-1988", "May 5, 1990", "19460703", "12th March 1988", "1946/07/03", "3. 7. 1946"),
]
TOLD = [
    *("born {}", "Born on {}", "DOB: {}", "D.O.B. {}", "date of birth is {}", '"dob": "{}"'),
    *('"dateOfBirth": "{}"', "<birthDate>{}</birthDate>", "born in Lagos on {}", "birthday\n{}"),
]
ABROAD = [
    ("geboren am {}", "3. Juli 1946"),
    ("Geburtsdatum: {}", "03.07.1946"),
    ("né le {}", "3 juillet 1946"),
    ("née le {}", "1er août 1946"),
    ("nacido el {}", "3 de julio de 1946"),
    ("fecha de nacimiento: {}", "03/07/1946"),
    ("nato il {}", "3 luglio 1946"),
    ("data di nascita {}", "03/07/1946"),
    ("urodzony {}", "03.07.1946"),
    ("data de nascimento: {}", "03-07-1946"),
]


@pytest.mark.parametrize("text", TOLD)
@pytest.mark.parametrize("date", DATES)
def test_a_date_behind_its_word_is_found(text: str, date: str) -> None:
    assert found(text.format(date)) == [(date, "DATE_OF_BIRTH")]


@pytest.mark.parametrize(("text", "date"), ABROAD)
def test_other_languages_have_their_words(text: str, date: str) -> None:
    assert (date, "DATE_OF_BIRTH") in found(text.format(date), ALL)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)))
def test_dates_in_a_column_are_found_by_its_head(date: dt.date) -> None:
    text = f'name,address,dob\nBo,"1 Rd, X",{date}\n'
    assert (str(date), "DATE_OF_BIRTH") in found(text)
    assert found(text.replace("dob", "due")) == []


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02",
        "released 3 July 1946",
        "born free; version 1.2.2019.3",
        "newborn 2019-01-01",
        "NATO 2022-03-01",
        "born" + " a" * 20 + " 2019-01-01",
        "born in 1985",
        "dob 12 of 2019-01-01",
    ],
)
def test_other_dates_are_none(text: str) -> None:
    assert found(text, ALL) == []
