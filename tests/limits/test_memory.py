"""Counts in memory: all rules or none, bounded, and never loosened by a flood."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.limits.memory import MemoryLimiter
from router.limits.policy import Check, Rule

SECOND = 1_000_000_000
NARROW, WIDE = Rule("narrow", 3, 60), Rule("wide", 10, 3600, name="plan")


def test_all_or_nothing() -> None:
    limiter = MemoryLimiter()
    both = [Check(WIDE, "user:1"), Check(NARROW, "user:1")]
    for _ in range(3):
        assert limiter.hit(both, 0).allowed
    for _ in range(20):
        refused = limiter.hit(both, 0)
        assert not refused.allowed
        assert [(s.rule.id, s.remaining) for s in refused.states] == [("narrow", 0), ("wide", 7)]
        assert refused.retry_after == 20
    assert limiter.hit([Check(WIDE, "user:1")], 0).states[0].remaining == 6


def test_keys_and_rules_count_for_themselves() -> None:
    limiter = MemoryLimiter()
    for key in ("user:1", "user:2"):
        for _ in range(3):
            assert limiter.hit([Check(NARROW, key)], 0).allowed
        assert not limiter.hit([Check(NARROW, key)], 0).allowed
    assert limiter.hit([Check(Rule("other", 3, 60), "user:1")], 0).allowed


def test_no_rules_no_limit() -> None:
    assert MemoryLimiter().hit([], 0).allowed


def test_a_peek_uses_up_nothing_and_a_charge_does() -> None:
    limiter = MemoryLimiter()
    check = [Check(NARROW, "address:192.0.2.1")]
    for _ in range(9):
        peeked = limiter.peek(check, 0)
        assert (peeked.allowed, peeked.states[0].remaining) == (True, 3)
    for _ in range(3):
        limiter.charge(check, 0)
    refused = limiter.peek(check, 0)
    assert (refused.allowed, refused.retry_after) == (False, 20)
    limiter.charge(check, 0)  # more than the allowance is no longer debt
    assert limiter.peek(check, 20 * SECOND).allowed


def test_what_was_reserved_can_be_given_back() -> None:
    limiter = MemoryLimiter()
    assert limiter.hit([Check(WIDE, "k", 8)], 0).allowed
    assert not limiter.peek([Check(WIDE, "k", 8)], 0).allowed
    limiter.charge([Check(WIDE, "k", -6)], 0)
    assert limiter.hit([Check(WIDE, "k", 8)], 0).allowed


def test_a_thousand_at_once_on_a_hundred_a_day() -> None:
    limiter = MemoryLimiter()
    check = [Check(Rule("day", 100, 86400), "key:1")]
    assert sum(limiter.hit(check, 0).allowed for _ in range(1000)) == 100


def test_a_changed_limit_starts_anew() -> None:
    limiter = MemoryLimiter()
    for limit in (3, 5):
        rule = Rule("same", limit, 60)
        assert sum(limiter.hit([Check(rule, "k")], 0).allowed for _ in range(9)) == limit


def test_idle_keys_are_forgotten() -> None:
    limiter = MemoryLimiter()
    for number in range(500):
        limiter.hit([Check(NARROW, f"old:{number}")], 0)
    for number in range(200):
        limiter.hit([Check(NARROW, f"new:{number}")], 3600 * SECOND)
    assert len(limiter) <= 201


def test_a_flood_of_keys_tightens_and_never_loosens() -> None:
    limiter = MemoryLimiter(max_keys=100)
    known = [Check(NARROW, "known")]
    for _ in range(3):
        assert limiter.hit(known, 0).allowed
    flood = sum(limiter.hit([Check(NARROW, f"made-up:{n}")], 0).allowed for n in range(5000))
    assert flood == 99 + 3  # those there was room for, and one shared allowance
    assert not limiter.hit(known, 0).allowed
    assert len(limiter) == 101
    assert limiter.hit([Check(NARROW, "later")], 3600 * SECOND).allowed


def test_who_was_a_newcomer_takes_the_debt_along() -> None:
    limiter = MemoryLimiter(max_keys=1)
    assert limiter.hit([Check(NARROW, "first")], 0).allowed
    newcomer = [Check(NARROW, "newcomer")]
    assert sum(limiter.hit(newcomer, 10 * SECOND).allowed for _ in range(9)) == 3
    assert not limiter.hit(newcomer, 25 * SECOND).allowed  # the first is idle, there is room
    assert limiter.hit(newcomer, 30 * SECOND).allowed
    assert not limiter.hit(newcomer, 30 * SECOND).allowed


@pytest.mark.parametrize("count", [1, 100_000])
def test_a_hit_costs_the_same_however_many_keys(count: int) -> None:
    limiter = MemoryLimiter()
    for number in range(count):
        limiter.charge([Check(NARROW, f"k{number}")], 0)
    started = time.thread_time()
    for number in range(1000):
        limiter.hit([Check(NARROW, f"new{number}")], SECOND)
    assert time.thread_time() - started < 0.2


HITS = st.lists(
    st.tuples(st.integers(0, 30 * SECOND), st.sampled_from("abc"), st.sampled_from("xyz")),
    max_size=120,
)


@settings(deadline=None, max_examples=200)
@given(HITS, st.integers(1, 3))
def test_no_key_ever_gets_more_than_its_allowance(
    hits: list[tuple[int, str, str]], room: int
) -> None:
    limiter, now = MemoryLimiter(max_keys=room), 0
    passed: dict[tuple[str, str], list[int]] = {}
    for step, user, service in hits:
        now += step // 8
        checks = [Check(NARROW, user), Check(WIDE, service)]
        if limiter.hit(checks, now).allowed:
            for check in checks:
                passed.setdefault((check.rule.id, check.key), []).append(now)
    for (name, _), times in passed.items():
        rule = NARROW if name == "narrow" else WIDE
        for first, begin in enumerate(times):
            for last in range(first, len(times)):
                rate = (times[last] - begin) / SECOND * rule.limit / rule.period
                assert last - first + 1 <= rule.burst + rate + 1e-6


def test_a_key_of_its_own_that_is_idle_has_no_part_in_the_newcomers_debt() -> None:
    limiter = MemoryLimiter(max_keys=2)
    known = [Check(NARROW, "known")]
    assert limiter.hit(known, 0).allowed
    assert limiter.hit([Check(NARROW, "other")], 0).allowed
    assert sum(limiter.hit([Check(NARROW, f"n:{n}")], 0).allowed for n in range(9)) == 3
    assert sum(limiter.hit(known, 20 * SECOND).allowed for _ in range(9)) == 3
