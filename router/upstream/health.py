"""Asks a target at an interval whether it is well, apart from callers' requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.errors import UpstreamError
from router.upstream.request import encode_head

if TYPE_CHECKING:
    from router.upstream.balancer import Member

_FIELDS = [(b"user-agent", b"router-health"), (b"accept", b"*/*")]


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    """GET ``path`` every ``interval`` seconds; ``failures`` in a row are down, one success is up.

    2xx and 3xx within an interval are a success.
    """

    path: bytes
    interval: float = 5.0
    failures: int = 2


class HealthCheck:
    """Keeps ``member.healthy`` true to what the target answers."""

    __slots__ = ("_failures", "_head", "_member", "_policy", "_task")

    def __init__(self, member: Member, policy: HealthPolicy) -> None:
        self._member = member
        self._policy = policy
        self._head = encode_head(member.target, b"GET", policy.path, _FIELDS, b"")
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Asks at once, and then at every interval."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Asks no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while True:
            self._failures = 0 if await self._well() else self._failures + 1
            self._member.healthy = self._failures < self._policy.failures
            await asyncio.sleep(self._policy.interval)

    async def _well(self) -> bool:
        try:
            async with asyncio.timeout(self._policy.interval):
                return 200 <= await self._ask() < 400
        except UpstreamError as error:
            # Our own bound says nothing of the target: it is busy, so it was well just now.
            return error.proxy_error == "connection_limit_reached"
        except TimeoutError:
            return False

    async def _ask(self) -> int:
        """The status it answers with, on a connection of its own."""
        connection = await self._member.pool.open()
        try:
            connection.send(self._head, b"", no_body=False, total=0.0)
            return (await connection.head()).status
        finally:
            connection.abort()
