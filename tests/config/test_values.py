from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config.values import Rate, duration, duration_or_none, size


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("500ms", 0.5), ("30s", 30), ("15m", 900), ("1h30m", 5400), ("1d", 86400), ("1.5s", 1.5)],
)
def test_a_duration_is_read_in_seconds(said: str, seconds: float) -> None:
    assert duration(said) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "said", ["", "30", 30, "s", "-1s", "1 s", "0s", "1y", "9999d", True, None, "1e3s", "٣s", []]
)
def test_what_is_no_duration_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration(said)


def test_no_time_at_all_is_said_where_it_may_be() -> None:
    assert duration_or_none(0) == duration_or_none("0s") == 0.0


@pytest.mark.parametrize(
    ("said", "octets"),
    [("10MiB", 10 * 2**20), ("64kB", 64_000), ("1GiB", 2**30), ("12B", 12), ("7", 7), (4096, 4096)],
)
def test_a_size_is_read_in_bytes(said: object, octets: int) -> None:
    assert size(said) == octets


@pytest.mark.parametrize("said", ["", "10 Mb", "-1B", -1, 1.5, True, "iB", "kiB", "1TiB", None])
def test_what_is_no_size_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="size"):
        size(said)


@pytest.mark.parametrize(
    ("said", "rate"),
    [("200/15m", Rate(200, 900)), ("10/s", Rate(10, 1)), ("5/1d", Rate(5, 86400))],
)
def test_a_rate_is_calls_in_a_time(said: str, rate: Rate) -> None:
    assert Rate.parse(said) == rate


@pytest.mark.parametrize("said", ["", "200", "200/15", "0/1m", "-1/1m", "1/0s", "1.5/1m", 3, None])
def test_what_is_no_rate_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match=r"rate|duration"):
        Rate.parse(said)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_rate_is_read_back_as_it_is_shown(count: int, milliseconds: int) -> None:
    rate = Rate(count, milliseconds / 1000)
    again = Rate.parse(str(rate))
    assert again.count == rate.count
    assert again.period == pytest.approx(rate.period)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=20))
def test_no_refusal_repeats_what_was_said(said: str) -> None:
    """Shown by a sign that is in no message, behind any text."""
    for parse in (duration, size, Rate.parse):
        told = ""
        try:
            parse(said + "\u2603")
        except ValueError as error:
            told = str(error)
        assert told
        assert "\u2603" not in told
