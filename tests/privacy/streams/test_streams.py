"""Every kind of stream, cut anywhere: what was taken out comes back, whole, right and in time."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.privacy.streams.check import check
from tests.privacy.streams.kinds import KINDS
from tests.privacy.streams.said import values

if TYPE_CHECKING:
    from random import Random

_MANY = 10_000


def _try(kind: str, rng: Random) -> None:
    true = values(rng)
    check(KINDS[kind](rng, true), true, rng)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1 << 32))
def test_a_stream_says_what_was_meant(kind: str, seed: int) -> None:
    _try(kind, random.Random(seed))


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_streams_say_what_was_meant(kind: str) -> None:
    first = random.randrange(1 << 32) if "ROUTER_TEST_RANDOM" in os.environ else 0
    for seed in range(first, first + _MANY // len(KINDS) + 1):
        try:
            _try(kind, random.Random(seed))
        except AssertionError as error:
            raise AssertionError(f"{kind}, seed {seed}") from error
