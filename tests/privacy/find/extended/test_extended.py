"""The extended rules together: what they cost, and what a text must hold for them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.privacy.find.around import Around
from router.privacy.find.extended.needs import NEEDS
from router.privacy.kinds import DEFAULT_LANGUAGES, Scope
from router.privacy.prefilter import Prefilter
from tests.privacy.find.extended.texts import ALL, KNOWN, extended, found, spans

REPEATED = [
    *("a", "1", "1 ", "12 ", "1-", "1.", "1/2/19 ", "A1", "sk-", "eyJ", ".eyJ", "eyJa.", "AKIA"),
    *(
        "-----BEGIN ",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "token=",
        'token: "',
        "Bearer ",
        "pass:'",
    ),
    *("://a:", "token>", "password is ", "1 A St ", "12 Aa Aa Aa ", "address: 1 A ", "Via Aa 1 "),
    *("1 Rue De ", "Apt 1 ", "1 A St, Aa Aa, Aa Aa, ", "+1 ", "+1-", "(555) ", "phone 1234567 "),
    *("dob 1990 ", "dob,1990-01-01,", "iban GB12 ", "vat DE 1234567 ", "nin 12345678901 "),
    *("ssn 123-45-6789 ", "4111 ", "4111111111111 ", "card 4111111111111 ", "\n1990-01-01,x,y"),
]


@pytest.mark.parametrize("languages", [DEFAULT_LANGUAGES, ALL])
@pytest.mark.parametrize("piece", REPEATED)
def test_hostile_texts_take_a_bounded_time(piece: str, languages: frozenset[str]) -> None:
    rules, clusters = extended(languages)
    text = (piece * 20_000)[:20_000] + "1"
    begun = time.thread_time()
    around = Around(text)
    for _ in (*clusters.find(text, around), *rules.find(text, around)):
        pass
    assert time.thread_time() - begun < 0.2  # some 20 ms


PIECES = st.sampled_from(
    [
        *("1", "12", "1946", "1234", "12345", "123456789", "12345678901", "abc", "AB", "A", "C"),
        *(" ", " ", " ", "-", ".", "/", ":", ", ", "\n", "(", ")", "+", "=", '"', "x", "@", "\t"),
        *(
            "4111 1111 1111 1111",
            "DE89 3704",
            "123-45-6789",
            "nin",
            "NIN ",
            "vat ",
            "IBAN ",
            "ssn ",
        ),
        *(
            "born ",
            "dob ",
            "July ",
            "né le ",
            "address: ",
            "Main ",
            "Street",
            "Calle ",
            "Apt ",
            "St",
        ),
        *(
            "password",
            "token",
            "s3cr3tpa55",
            "aB3dE5fG7hI9jK1lM3nO5pQ7",
            "s" + "k-",
            "eyJ",
            "Bearer ",
        ),
        *(
            "phone ",
            "fax",
            "0803 123 4567",
            "(555) 123-4567",
            "account ",
            "12 34 56 C",
            "HRB",
            "KFZ ",
        ),
        *("card ", "Hauptstraße ", "Box ", "ABCPE1234F", "AB123456C", "12345678Z", "M-AB"),
    ]
)


@settings(deadline=None, max_examples=400)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_is_found_has_what_its_entity_needs(text: str) -> None:
    for span in spans(text, ALL):
        assert Prefilter({span.entity}, Scope(ALL)).may_hold(text)


@pytest.mark.parametrize("languages", [DEFAULT_LANGUAGES, ALL])
def test_text_without_personal_data_needs_no_look(languages: frozenset[str]) -> None:
    rules, _ = extended(languages)
    prose = "The committee met on a grey morning to talk, and nobody said a word: it was 10 to 3. "
    assert not Prefilter(rules.entities, Scope(languages)).may_hold(
        prose.replace("10 to 3", "late")
    )


def test_needs_are_those_of_known_entities() -> None:
    assert NEEDS.keys() <= KNOWN


@settings(deadline=None, max_examples=200)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_findings_lie_within_the_text_and_apart(text: str) -> None:
    position = 0
    for value, _ in found(text, ALL):
        assert value
        position = text.index(value, position) + len(value)
