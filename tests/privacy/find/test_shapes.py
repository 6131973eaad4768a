"""Whatever a pattern matches, its translation matches the shape of."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.privacy.anchors import ENTITIES, plain_digits
from router.privacy.find.rules import recognisers, rules_of
from router.privacy.find.shapes import ShapeTable, shape_of, shape_pattern

FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL
PATTERNS = sorted(
    {
        rule.regex
        for one in recognisers(set(ENTITIES) - {"PHONE_NUMBER", "URL"}).values()
        for rule in rules_of(one, 0.01)
    }
)


def test_shapes() -> None:
    assert shape_of("078-05-1120") == "000-00-0000"
    assert shape_of("GB82 é_\u017f\U0001f600") == "aa00 aaaa"


@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_a_pattern_matches_has_a_shape_that_is_looked_at(
    pattern: str, data: st.DataObject
) -> None:
    text = plain_digits(data.draw(st.from_regex(re.compile(pattern, FLAGS))))
    for found in re.finditer(pattern, text, FLAGS):
        assert shape_pattern(pattern).search(shape_of(found.group())) is not None
        assert ShapeTable(["1{999}", pattern]).candidates(text) == (1,)


@pytest.mark.parametrize(
    ("pattern", "shape", "matches"),
    [
        (r"\b[0-9]{3}-[0-9]{2}\b", "000-00", True),
        (r"\b[0-9]{3}-[0-9]{2}\b", "00-00", False),
        (r"(?<!x)4\d{3}(?=y)", "0000", True),
        (r"([:-])1\1", ":0:", True),
        (r"[^a]1", "-0", True),
        (r"(?>a+)1*?", "aa", True),
    ],
)
def test_translations(pattern: str, shape: str, matches: bool) -> None:
    assert (shape_pattern(pattern).search(shape) is not None) is matches


def test_long_shapes_are_judged_but_not_remembered() -> None:
    table = ShapeTable(["1{70}"])
    assert table.candidates("1" * 70) == (0,)
    assert table.candidates("1" * 69) == ()
    assert table._known.cache_info().currsize == 0
