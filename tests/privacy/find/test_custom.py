"""The operator's own words and patterns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.linear import TooManyMatchesError
from router.privacy.find.custom import Allowed, Custom, Listed, Recogniser
from router.privacy.find.words import Words
from router.privacy.spans import Span

EMPLOYEE = Recogniser("EMPLOYEE_ID", r"EMP-\d{5}", 0.6)


def found(custom: Custom, text: str, context: str = "") -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.entity) for one in custom.find(text, context)]


def test_a_pattern_finds_its_entity_with_its_score() -> None:
    assert list(Custom([EMPLOYEE]).find("ask EMP-12345 or EMP-1")) == [
        Span(4, 13, "EMPLOYEE_ID", 0.6)
    ]


def test_digits_of_every_script_are_digits() -> None:
    assert found(Custom([EMPLOYEE]), "EMP-١٢٣٤٥") == [("EMP-١٢٣٤٥", "EMPLOYEE_ID")]


@pytest.mark.parametrize(
    ("text", "context", "score"),
    [
        ("EMP-12345", "", 0.3),
        ("the badge EMP-12345", "", 0.65),
        ("EMP-12345 badge", "", 0.3),
        ("EMP-12345", "badge number", 0.65),
    ],
)
def test_a_word_near_before_it_raises_its_score(text: str, context: str, score: float) -> None:
    custom = Custom([EMPLOYEE._replace(score=0.3, context=("badge",))])
    (span,) = custom.find(text, context)
    assert span.score == pytest.approx(score)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Project Falcon", True), ("PROJECT FALCON!", True), ("(project falcon)", True),
        ("projects falcon", False), ("subproject falcon", False), ("project falcon2", False),
        ("project falcon_x", False), ("İ project falcon", True), ("\ud800 project falcon", True),
    ],
)  # fmt: skip
def test_a_denied_word_is_found_whole_in_any_letter_case(text: str, whole: bool) -> None:
    custom = Custom(denied=[Listed("Project Falcon", entity="DENIED")])
    assert bool(found(custom, text)) is whole
    if whole:
        ((value, entity),) = found(custom, text)
        assert (value.lower(), entity) == ("project falcon", "DENIED")


def test_a_word_of_another_script_and_one_of_signs() -> None:
    custom = Custom(denied=[Listed("ΟΔΟΣ", entity="A"), Listed("#7!", entity="B")])
    assert found(custom, "οδος x#7!y") == [("οδος", "A"), ("#7!", "B")]


def test_overlapping_words_are_all_found() -> None:
    custom = Custom(denied=[Listed(word, entity="D") for word in ("art of", "of art", "art")])
    assert len(found(custom, "art of art")) == 4


def test_a_denied_pattern_is_sure() -> None:
    custom = Custom(denied=[Listed(pattern=r"FALCON-\d+", entity="PROJECT")])
    assert list(custom.find("FALCON-7")) == [Span(0, 8, "PROJECT", 1.0)]


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        ([Listed("bob@x.io")], 1),
        ([Listed("x.io")], 2),
        ([Listed(pattern=r"\S+@x\.io")], 0),
        ([Listed(pattern=r"\S+@x\.io", entity="EMAIL_ADDRESS")], 0),
        ([Listed(pattern=r"\S+@x\.io", entity="PHONE_NUMBER")], 2),
        ([Listed("bob@x.io"), Listed("eve@x.io", entity="EMAIL_ADDRESS")], 0),
        ([], 2),
    ],
)
def test_a_finding_that_is_allowed_or_within_what_is_allowed_is_none(
    entries: list[Listed], left: int
) -> None:
    text = "bob@x.io, eve@x.io"
    spans = [Span(0, 8, "EMAIL_ADDRESS", 1.0), Span(10, 18, "EMAIL_ADDRESS", 1.0)]
    assert len(Allowed(entries).kept(text, spans)) == left


def test_a_finding_that_only_touches_what_is_allowed_stays() -> None:
    spans = [Span(0, 8, "EMAIL_ADDRESS", 1.0)]
    assert Allowed([Listed("bob")]).kept("bob@x.io", spans) == spans


_PIECES = st.sampled_from(["ab", "AB", " ", "_", "é", "abc", "b", "İ", "\ud800", "ς"])


@settings(deadline=None, max_examples=200)
@given(st.lists(_PIECES, max_size=8).map("".join), st.lists(_PIECES.filter(str.strip), min_size=1))
def test_nothing_is_found_in_a_text_that_holds_nothing(text: str, words: list[str]) -> None:
    table = Words(words)
    spans = list(table.spans(text))
    assert table.may_hold(text) or not spans
    for start, end, number in spans:
        assert end - start == len(words[number])


@settings(deadline=None, max_examples=200)
@given(
    st.text("EMP-0123 é\n", max_size=12),
    st.text("EMP-0123 é\n", max_size=4),
    st.sampled_from([r"EMP-\d\b", r"^\d", r"\s\d", r"\BM", r"P.\d$"]),
)
def test_what_is_quiet_between_quotation_marks_is_quiet_alone(
    text: str, around: str, pattern: str
) -> None:
    """So raw documents may be asked about in the place of their strings."""
    custom = Custom([Recogniser("X", pattern)])
    if not custom.may_hold(f'{around}"{text}"{around}'):
        assert not list(custom.find(text))


def test_words_that_stand_too_often_are_not_looked_at() -> None:
    words = Words(["a", "bc d"])
    assert len(list(words.spans("a " * 10_000 + "xa" * 5_000))) == 10_000
    with pytest.raises(TooManyMatchesError):
        list(words.spans("a " * 10_001))


@settings(deadline=None, max_examples=50)
@given(st.integers(4080, 4100), st.integers(0, 4))
def test_words_are_found_wherever_they_stand_in_a_long_text(at: int, blanks: int) -> None:
    words = ["Roe", "Jane Roe", "Jane Roe-Doe"]
    text = "." * at + "Jane Roe-Doe" + " " * blanks + "," * 4090 + "roe"
    found = sorted(Words(words).spans(text))
    assert found == [
        (at, at + 8, 1),
        (at, at + 12, 2),
        (at + 5, at + 8, 0),
        (len(text) - 3, len(text), 0),
    ]
