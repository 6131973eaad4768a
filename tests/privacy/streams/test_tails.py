"""The streams' own judge of tails, and the oracle of texts, can be wrong too."""

from __future__ import annotations

import pytest

from tests.privacy.streams.said import Said
from tests.privacy.streams.tails import held


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a <", 2),
        ("a <PERSON_1", 2),
        ("a <PERSON_1>", 12),
        ("a <PERSON_2", 11),
        ("a <pers", 2),
        ("a &lt;PERSON_1&g", 2),
        ("a &lt;PERSON_1>", 15),
        ("a \\<PERSON\\_1\\", 2),
        ("a \\\\<PERSON_1\\", 2),
        ("a \\u003cPERSON_1\\u003", 2),
        ("a <PERSON_1\\", 11),
    ],
)
def test_a_beginning_is_told(text: str, at: int) -> None:
    assert held(text, ["PERSON_1", "PERSON_12"]) == at


def test_what_is_heard_of_a_part() -> None:
    said = Said([("ab", "ab"), ("<X_1>", "Ada"), ("c", "c")])
    assert [said.heard_of(at) for at in (0, 1, 2, 7, 8)] == ["", "a", "ab", "abAda", "abAdac"]
