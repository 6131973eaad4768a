"""Patterns from a configuration: what they find, and that no text makes them slow."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.linear import LONGEST, Linear, TooManyMatchesError


@pytest.mark.parametrize("pattern", ["(?=x)y", r"(a)\1", "(", "(?<!a)b", r"\d{5000}", "\ud800"])
def test_what_could_take_exponential_time_or_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="RE2 does not take this pattern"):
        Linear(pattern)


@pytest.mark.parametrize(
    ("pattern", "anchored"),
    [
        (r"^a", True), ("a$", True), (r"\Aa", True), (r"a\z", True), (r"\\A", False),
        (r"\^a\$", False), ("[^a]b", False), (r"\[^a", True), (r"\bEMP\b", False),
    ],
)  # fmt: skip
def test_a_pattern_that_speaks_of_the_texts_ends_is_known(pattern: str, anchored: bool) -> None:
    assert Linear(pattern).anchored is anchored


@settings(deadline=None, max_examples=200)
@given(
    pattern=st.sampled_from([r"\bE-[0-9]{2}\b", "a+b?", "é.", r"\Bx", "(?i)ß", "^a", "b$"]),
    text=st.lists(
        st.sampled_from(["E-12", "a", "b", "é", " ", "x", "ß", "\U0001f600"]), max_size=12
    ).map("".join),
    times=st.sampled_from([1, 3000]),
)
def test_it_finds_what_the_standard_library_finds(pattern: str, text: str, times: int) -> None:
    text = f"{text}, " * times
    expected = [
        one.span() for one in re.finditer(pattern, text, re.ASCII if "ß" not in pattern else 0)
    ]
    assert list(Linear(pattern).spans(text)) == expected


def test_a_lone_surrogate_is_a_character_like_any_other() -> None:
    assert list(Linear("b").spans("\ud800b")) == [(1, 2)]


def test_a_finding_may_stand_across_windows_and_be_as_long_as_it_says() -> None:
    text = "." * 4090 + "a" * LONGEST + "." + "b" * 10
    assert list(Linear("a+|b+").spans(text)) == [
        (4090, 4090 + LONGEST),
        (4091 + LONGEST, 4101 + LONGEST),
    ]


def test_no_text_makes_it_slower_than_linear() -> None:
    def seconds(size: int) -> float:
        began = time.thread_time()
        text = ("a" * 50 + "c" * 2000) * (size // 2050)
        assert sum(1 for _ in Linear("a.*b|a").spans(text)) == text.count("a")
        return time.thread_time() - began

    assert seconds(256_000) < 12 * max(seconds(64_000), 0.02)


@pytest.mark.parametrize("pattern", ["a", r"\b(?:a.*b)?"])
def test_what_matches_everywhere_is_given_up(pattern: str) -> None:
    with pytest.raises(TooManyMatchesError):
        list(Linear(pattern).spans("a " * 20_000))
