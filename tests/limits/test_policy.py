"""GCRA in whole numbers: exact at every edge."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.limits.policy import (
    Check,
    Decision,
    Rule,
    State,
    charged,
    decide,
    judge,
    limit_fields,
    refusal,
    standing,
)

SECOND = 1_000_000_000
FIVE = Rule("r", 5, 60)


def admitted(rule: Rule, times: list[int]) -> list[int]:
    arrival, passed = 0, []
    for now in times:
        arrival, state = judge(Check(rule, "k"), arrival, now)
        if not state.retry_after:
            passed.append(now)
    return passed


def test_five_a_minute_admits_five_at_once_then_one_each_twelve_seconds() -> None:
    seconds = [0] * 9 + [11, 12, 12, 23, 24, 35, 36, 36]
    passed = admitted(FIVE, [SECOND * at for at in seconds])
    assert [at // SECOND for at in passed] == [0, 0, 0, 0, 0, 12, 24, 36]


def test_the_edge_is_a_nanosecond_wide() -> None:
    at = 12 * SECOND
    assert len(admitted(FIVE, [0] * 5 + [at - 1])) == 5
    assert len(admitted(FIVE, [0] * 5 + [at])) == 6


def test_a_rate_that_is_no_whole_number_of_nanoseconds_is_exact() -> None:
    rule = Rule("r", 7, 60)
    third = -(-60 * SECOND // 7)  # the first nanosecond at or after 60/7 s
    assert len(admitted(rule, [0] * 7 + [third - 1])) == 7
    assert len(admitted(rule, [0] * 7 + [third])) == 8
    assert len(admitted(rule, [60 * SECOND * at // 7 + 1 for at in range(7000)])) == 7000


def test_a_burst_of_its_own() -> None:
    rule = Rule("r", 60, 60, burst=3)
    assert admitted(rule, [0] * 9 + [SECOND] * 3) == [0, 0, 0, SECOND]


def test_how_it_stands() -> None:
    check = Check(FIVE, "k")
    arrival, state = judge(check, 0, 0)
    assert state == State(FIVE, 4, 12, 0)
    for _ in range(4):
        arrival, state = judge(check, arrival, 0)
    assert state == State(FIVE, 0, 60, 0)
    same, state = judge(check, arrival, SECOND)
    assert (same, state) == (arrival, State(FIVE, 0, 59, 11))
    _, state = judge(check, arrival, 12 * SECOND - 1)
    assert state.retry_after == 1
    assert standing(check, arrival, 30 * SECOND) == State(FIVE, 2, 30, 0)


def test_amounts() -> None:
    arrival, state = judge(Check(FIVE, "k", 3), 0, 0)
    assert state.remaining == 2
    same, state = judge(Check(FIVE, "k", 3), arrival, 0)
    assert (same, state.remaining, state.retry_after) == (arrival, 2, 12)
    arrival, state = judge(Check(FIVE, "k", 2), arrival, 0)
    assert (state.remaining, state.retry_after) == (0, 0)


def test_charging_and_giving_back() -> None:
    check = Check(FIVE, "k")
    arrival = charged(Check(FIVE, "k", 99), 0, 0)
    assert standing(check, arrival, 0) == State(FIVE, 0, 60, 0)
    arrival = charged(Check(FIVE, "k", -2), arrival, 0)
    assert standing(check, arrival, 0).remaining == 2
    arrival = charged(Check(FIVE, "k", -99), arrival, 0)
    assert standing(check, arrival, 0).remaining == 5


@pytest.mark.parametrize("wrong", [(0, 60), (-1, 60), (5, 0), (5, -1)])
def test_a_rule_needs_positive_numbers(wrong: tuple[int, float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        Rule("r", *wrong)


@pytest.mark.parametrize("name", ["", 'a"b', "a\r\nb", "é", "a b", "x" * 65])
def test_a_name_stands_in_a_field(name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        Rule("r", 1, 1, name=name)


def test_the_tightest_comes_first() -> None:
    wide, tight = State(Rule("a", 100, 60), 90, 6), State(Rule("b", 1000, 86400), 100, 9)
    assert decide([wide, tight]) == Decision(True, (tight, wide))
    short, long = State(FIVE, 0, 60, 12), State(Rule("c", 2, 3600), 0, 3600, 1800)
    assert decide([wide, short, long]) == Decision(False, (long, short, wide))
    assert decide([wide, short, long]).retry_after == 1800
    assert decide([]) == Decision(True)


def test_the_fields() -> None:
    minute, day = Rule("a", 100, 60), Rule("b", 5000, 86400, name="plan")
    one = decide([State(minute, 50, 30)])
    assert limit_fields(one) == [
        (b"ratelimit-policy", b'"default";q=100;w=60'),
        (b"ratelimit", b'"default";r=50;t=30'),
    ]
    two = decide([State(minute, 50, 30), State(day, 0, 86400, 17)])
    assert limit_fields(two) == [
        (b"ratelimit-policy", b'"plan";q=5000;w=86400, "default";q=100;w=60'),
        (b"ratelimit", b'"plan";r=0;t=86400, "default";r=50;t=30'),
        (b"retry-after", b"17"),
    ]
    assert limit_fields(Decision(True)) == []


def test_the_refusal() -> None:
    error = refusal(decide([State(FIVE, 0, 60, 12)]))
    assert (error.status, error.code) == (429, "rate_limited")
    assert dict(error.fields)[b"retry-after"] == b"12"


RULES = st.builds(
    Rule,
    st.just("r"),
    st.integers(1, 50),
    st.sampled_from([0.001, 0.3, 1, 7, 60, 3600, 86400]),
    st.integers(0, 60),
)
STEPS = st.lists(st.integers(0, 100 * SECOND), min_size=1, max_size=60)


@settings(deadline=None, max_examples=200)
@given(RULES, STEPS, st.floats(0.0, 1.0))
def test_never_more_than_burst_and_rate(rule: Rule, steps: list[int], scale: float) -> None:
    now, times = 0, []
    for step in steps:
        now += int(step * scale)
        times.extend([now] * 3)
    passed = admitted(rule, times)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            span = Fraction(passed[last] - passed[first], SECOND)
            assert last - first + 1 <= rule.burst + span * rule.limit / Fraction(rule.cost, SECOND)


@settings(deadline=None, max_examples=200)
@given(RULES, STEPS)
def test_who_waits_as_told_passes(rule: Rule, steps: list[int]) -> None:
    check, arrival, now = Check(rule, "k"), 0, 0
    for step in steps:
        now += step // 50
        arrival, state = judge(check, arrival, now)
        assert 0 <= state.remaining <= rule.burst
        if state.retry_after:
            assert judge(check, arrival, now + state.retry_after * SECOND)[1].retry_after == 0
        assert standing(check, arrival, now + state.reset * SECOND).remaining == rule.burst
