"""Texts that wait to be looked at, so that every request gets its turn."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence


class Job:
    """The texts of one request and the answers to them."""

    __slots__ = ("answers", "done", "left", "texts")

    def __init__(self, texts: Sequence[bytes], done: asyncio.Future[None]) -> None:
        self.texts = texts
        self.answers = [b""] * len(texts)
        self.left = len(texts)
        self.done = done


Turn: TypeAlias = tuple[Job, int]


class Turns:
    """Texts that wait, by request; requests take turns. Those given up are skipped."""

    def __init__(self) -> None:
        self._jobs: deque[tuple[Job, deque[int]]] = deque()
        self.waiting = 0

    def add(self, job: Job, indices: Sequence[int]) -> None:
        """Lets the texts of ``job`` at ``indices`` wait, behind those of others."""
        if indices:
            self._jobs.append((job, deque(indices)))
            self.waiting += len(indices)

    def put_back(self, turn: Turn) -> None:
        """Lets one text wait again, before all others."""
        job, index = turn
        self._jobs.appendleft((job, deque((index,))))
        self.waiting += 1

    def take(self, most: int) -> list[Turn]:
        """At most ``most`` texts, each request's next one in turn."""
        taken: list[Turn] = []
        while self._jobs and len(taken) < most:
            job, indices = self._jobs.popleft()
            if job.done.done():
                self.waiting -= len(indices)
                continue
            taken.append((job, indices.popleft()))
            self.waiting -= 1
            if indices:
                self._jobs.append((job, indices))
        return taken
