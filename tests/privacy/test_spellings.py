"""Escapes undone, and findings led back to where they stand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.privacy.spans import Span
from router.privacy.spellings import spelt_out

_PIECES = st.lists(
    st.sampled_from(
        [*"ab@\\%&;", "\\u0040", "\\x2e", "%40", "%C3%A9", "&#64;", "&amp;", "&#1;", "\\n", "é"]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\\u0040b", "a@b"),
        ('a\\x40b\\/\\"', 'a@b/"'),
        ("\\ud83d\\ude00 \\n", "😀 \n"),
        ("%41%C3%A9%zz", "Aé%zz"),
        ("a&#64;&#x40;&commat;&nonsense;&b", "a@@@&nonsense;&b"),
        ("C:\\data\\u12", "C:\\data\\u12"),
    ],
)
def test_escapes_are_undone(text: str, plain: str) -> None:
    spelling = spelt_out(text)
    assert (text if spelling is None else spelling.text) == plain


def test_a_text_without_escapes_has_one_spelling() -> None:
    assert spelt_out("50% & more \\d") is None
    assert spelt_out("plain") is None


@pytest.mark.parametrize(
    ("text", "found", "stands"),
    [
        ("x a\\u0040b y", "a@b", "a\\u0040b"),
        ("%41%40%42", "A@B", "%41%40%42"),
        ("%C3%A9a", "a", "a"),
        ("x \\+1 2\\-3", "+1 2-3", "+1 2\\-3"),
        ("&#1;a@b", "a@b", "a@b"),
    ],
)
def test_a_finding_leads_back(text: str, found: str, stands: str) -> None:
    spelling = spelt_out(text)
    assert spelling is not None
    start = spelling.text.index(found)
    span = spelling.back(Span(start, start + len(found), "X", 0.5))
    assert (text[span.start : span.end], span.entity, span.score) == (stands, "X", 0.5)


@settings(deadline=None, max_examples=300)
@given(text=_PIECES, data=st.data())
def test_what_is_cut_out_covers_the_finding_and_leaves_the_rest(
    text: str, data: st.DataObject
) -> None:
    spelling = spelt_out(text)
    if spelling is None or not spelling.text or re.search(r"\\[\\%&]", text):
        return  # what such a backslash keeps from being an escape is one in a slice without it
    start = data.draw(st.integers(0, len(spelling.text) - 1))
    end = data.draw(st.integers(start + 1, len(spelling.text)))
    span = spelling.back(Span(start, end, "X", 0.5))
    assert 0 <= span.start < span.end <= len(text)
    inner = spelt_out(text[span.start : span.end])
    shown = text[span.start : span.end] if inner is None else inner.text
    assert spelling.text[start:end] in shown
    whole = spelling.back(Span(0, len(spelling.text), "X", 0.5))
    rest = text[: whole.start] + text[whole.end :]
    assert rest.replace("&#1;", "").replace("\\", "") == ""
