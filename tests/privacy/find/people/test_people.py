"""Names of people: whole ones, wherever business texts have them, and little else."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.privacy.find.around import Around
from router.privacy.find.people.model import Model, dump, parse, shipped
from router.privacy.find.people.people import People
from router.privacy.spans import Span

PEOPLE = People(0.35)

_PIECES = st.one_of(
    st.text(max_size=8),
    st.text(st.characters(categories=["Lu", "Ll", "Mn", "Cs", "Zs", "Po"]), max_size=8),
    st.sampled_from(
        [
            *("Jane", "Okafor", "JANE", "jane", "Dr.", "J. R.", "van der", "O'Brien", "Jean-Luc"),
            *(" ", "\n", ": ", ", ", ".", "'s", "\u2019s", "@", "#", "-", '"', "name ", "Name: "),
            *("The", "Lagos", "Error", "ß", "İ", "ŉ", "\u0301", "\x00", "\ud800", "王", "Иван"),
        ]
    ),
)  # fmt: skip


def spans(text: str, people: People = PEOPLE) -> list[Span]:
    return [span for span in people.find(text, Around(text)) if span is not None]


def names(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sorted(spans(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi Sarah,\n\nplease call me.\n\nRegards,\nTunde Bakare", ["Sarah", "Tunde Bakare"]),
        ("Ticket from John Miller about the invoice", ["John Miller"]),
        ("Customer: Chiamaka Okonkwo\nCompany: Initech", ["Chiamaka Okonkwo"]),
        ("Patient Name: José Álvarez-Núñez, DOB 1980-01-02", ["José Álvarez-Núñez"]),
        ('{"owner": "Priya Nair", "city": "Pune"}', ["Priya Nair"]),
        ("id,name,city\n7,Wei Zhang,Beijing", ["Wei Zhang"]),
        ("[10:02] Fatima: did anyone hear from Yusuf Bello?", ["Fatima", "Yusuf Bello"]),
        ("Signed-off-by: Katarzyna Nowak <kn@example.org>", ["Katarzyna Nowak"]),
        ("customer_name Ngozi Eze", ["Ngozi Eze"]),
    ],
)
def test_names_are_found_in_what_businesses_write(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("J. R. Smith", "Mary Ann O'Brien", "Jean-Claude Dubois", "Ludwig van der Berg"),
        *("Maria de la Cruz", "Omar al-Rashid", "Zoë Müller", "Robert Downey Jr", "Thabo Nkosi"),
    ],
)
def test_a_name_is_found_whole(name: str) -> None:
    assert names(f"The form was signed by {name} on Monday.") == [name]


def test_titles_and_possessives_are_no_part_of_a_name() -> None:
    assert names("Dr. Okafor saw Mrs. Smith's son.") == ["Okafor", "Smith"]


@pytest.mark.parametrize(
    "text",
    [
        "PATIENT: JANE DOE",
        "my name is jane doe",
        "full_name jane doe",
        "The caller said: my name is jane doe",
    ],
)
def test_capitals_and_small_letters_where_they_tell(text: str) -> None:
    assert [name.lower() for name in names(text)] == ["jane doe"]


@pytest.mark.parametrize(
    "text",
    [
        "Error Handling\n\nUnhandled exceptions are reported.",
        "Licensed under the Apache License, Version 2.0. Runs on Microsoft Windows and Ubuntu.",
        "We moved from Lagos to London in March, on a Monday.",
        "from typing import Any, Dict, Optional",
        "Will the update be ready? May we have it? Mark it as done. Grant access to the team.",
        "Kubernetes talks to PostgreSQL; Redis and Kafka are next.",
        "Status: Open\nPriority: High\nEnvironment: Production",
        "TERMS AND CONDITIONS OF SALE",
        '{"status": "Pending Review", "service": "Billing Service"}',
        "the update will be ready in may, and mark it as done",
    ],
)
def test_headings_products_places_and_months_are_no_names(text: str) -> None:
    assert names(text) == []


def test_a_word_that_is_told_by_a_name_elsewhere_is_found_again() -> None:
    unsure = "Nobody knew whether Zvonimira minded."
    assert names(unsure + " Ask Zvonimira Horvat, the manager.")[-1] == "Zvonimira Horvat"
    assert names(unsure + " Ask Zvonimira Horvat, the manager.")[0] == "Zvonimira"


def test_a_higher_threshold_finds_a_part_of_it() -> None:
    text = "Jane Doe met Crystal. Hope paid for Austin, said Zvonimira. Nobody knew Quillon."
    found = [
        {(span.start, span.end): span.score for span in spans(text, People(threshold))}
        for threshold in (0.001, 0.35, 0.999)
    ]
    assert found[2].keys() <= found[1].keys() <= found[0].keys()
    assert len(found[2]) < len(found[0])
    assert all(score >= 0.999 for score in found[2].values())


@settings(deadline=None)
@given(st.lists(_PIECES, max_size=12).map("".join))
def test_no_text_fails_and_spans_lie_within_it(text: str) -> None:
    found = spans(text)
    assert PEOPLE.may_hold(text) or not found
    for start, end, entity, score in found:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert (entity, 0.35 <= score <= 1) == ("PERSON", True)


@pytest.mark.parametrize(
    "piece",
    [
        *("Aa ", "A", "A-", "A'a", "A. ", "aA", "van ", "Aa van ", "Jane ", "name ", "JANE DOE "),
        *("a", "jane ", "Ä", "e\u0301", "\ud800", "\x00", " ", "Zq Xv,"),
    ],
)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    def taken(size: int) -> float:
        text = (piece * size)[:size]
        begun = time.thread_time()
        spans(text)
        return time.thread_time() - begun

    taken(2_000)
    assert min(taken(20_000) for _ in range(3)) < 0.2


def test_others_get_their_turn() -> None:
    text = "Jane Doe, " * 400
    found = list(PEOPLE.find(text, Around(text)))
    turns = [at for at, one in enumerate(found) if one is None]
    assert len(turns) >= 8
    assert max(after - before for before, after in pairwise(turns)) < 100


def test_the_shipped_model_is_small_and_is_what_the_script_writes() -> None:
    model = shipped()
    assert parse(dump(model)) == model
    assert len(dump(model).encode()) < 1_500_000


def test_the_same_model_gives_the_same_bytes() -> None:
    model = Model({"jane": 1, "doe": 2, "the": 36}, {"l: ": -3, "s>": 2, "y¶|→|": 2}, 16.0)
    again = Model(dict(reversed(model.lexicon.items())), dict(model.weights), 16.0)
    assert dump(model) == dump(again)
    assert parse(dump(model)) == model


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(ValueError, match="scale"):
        parse("words\t1\tjane\n")


@given(st.floats(0.001, 0.999))
def test_margins_and_scores_are_each_others_reverse(score: float) -> None:
    model = Model({}, {}, 16.0)
    assert model.probability(model.margin(score)) == pytest.approx(score)
