"""What the connections of one server have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from router.downstream.answer import DateClock
from router.downstream.limits import ProtocolLimits
from router.errors import GatewayError
from router.turn import Turn

OnReject: TypeAlias = Callable[[GatewayError, str, str], None]
"""Told of a refusal: what the caller was told, under which request id, and the peer's address."""


class Shared:
    """Limits, the Date clock, whom to tell of refusals, and whether the server drains."""

    __slots__ = ("_turn", "clock", "draining", "limits", "on_reject")

    def __init__(self, limits: ProtocolLimits, on_reject: OnReject | None) -> None:
        self.limits = limits
        self.on_reject = on_reject
        self.clock = DateClock()
        self.draining = False
        self._turn: Turn | None = None

    def turn(self, loop: asyncio.AbstractEventLoop) -> Turn:
        """What gathers the writes of all connections; they live on one ``loop``."""
        if self._turn is None:
            self._turn = Turn(loop)
        return self._turn

    def idle_seconds(self) -> float:
        """How long a connection may stay without a request."""
        return self.limits.drain_grace if self.draining else self.limits.keep_alive

    def fresh_seconds(self) -> float:
        """How long a connection may stay before its first request is complete."""
        return self.limits.drain_grace if self.draining else self.limits.head_timeout
