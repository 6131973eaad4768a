"""Writes of one turn of the loop leave together at its end, whatever becomes of one of them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from router.turn import Turn

if TYPE_CHECKING:
    import pytest


async def test_what_is_added_runs_in_order_after_the_callbacks_that_are_due() -> None:
    seen: list[str] = []
    turn = Turn(asyncio.get_running_loop())
    turn.add(lambda: seen.append("first"))
    turn.add(lambda: seen.append("second"))
    seen.append("now")
    await asyncio.sleep(0)
    assert seen == ["now", "first", "second"]


async def test_one_that_fails_keeps_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []
    turn = Turn(asyncio.get_running_loop())

    def fail() -> None:
        raise RuntimeError("closed")

    turn.add(fail)
    turn.add(lambda: seen.append("other"))
    with caplog.at_level(logging.ERROR):
        await asyncio.sleep(0)
    assert seen == ["other"]
    assert "a write failed" in caplog.text


async def test_what_is_added_meanwhile_runs_in_the_next_turn() -> None:
    seen: list[str] = []
    turn = Turn(asyncio.get_running_loop())
    turn.add(lambda: turn.add(lambda: seen.append("later")))
    await asyncio.sleep(0)
    assert seen == []
    await asyncio.sleep(0)
    assert seen == ["later"]
