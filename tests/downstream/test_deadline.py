"""Deadlines that are moved for nearly nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from router.downstream.deadline import Deadline
from tests.downstream.conftest import eventually


async def test_moves_later_and_earlier_and_away() -> None:
    loop = asyncio.get_running_loop()
    fired: list[float] = []
    began = loop.time()
    deadline = Deadline(loop, lambda: fired.append(loop.time() - began))
    deadline.set(0.01)
    deadline.set(0.05)
    await eventually(lambda: len(fired) == 1)
    assert fired[0] >= 0.045
    deadline.set(60)
    deadline.bring_forward(0.01)
    await eventually(lambda: len(fired) == 2)
    deadline.set(0.01)
    deadline.clear()
    deadline.bring_forward(0.02)
    await eventually(lambda: len(fired) == 3)
    deadline.set(0.01)
    deadline.close()
    await asyncio.sleep(0.03)
    assert len(fired) == 3


async def test_a_busy_deadline_arms_few_timers() -> None:
    loop = asyncio.get_running_loop()
    armed = 0
    call_later = loop.call_later

    class Counting:
        time = staticmethod(loop.time)

        def call_later(self, *args: Any) -> Any:
            nonlocal armed
            armed += 1
            return call_later(*args)

    deadline = Deadline(Counting(), lambda: None)  # type: ignore[arg-type]
    for _ in range(1000):
        deadline.set(10)
        deadline.clear()
    assert armed == 1
    deadline.close()
