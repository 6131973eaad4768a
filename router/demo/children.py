"""The demo's child processes: started together, watched together, ended together."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_GRACE = 15.0
"""Seconds a child may take to end after SIGTERM."""

_LAST_LINES = 20


class DemoError(Exception):
    """The demo cannot start or go on; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running process; what it prints is in ``log``."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raises DemoError if it has ended."""
        if self.process.poll() is not None:
            self.fail(f"ended by itself (exit code {self.process.returncode})")

    def fail(self, what: str) -> NoReturn:
        """Raises DemoError with ``what`` and the last lines it printed."""
        lines = self.log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]
        told = "".join(f"\n  {line}" for line in lines)
        raise DemoError(f"{self.name} {what}{'; its last lines:' if told else '.'}{told}")


def start(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
    """Starts ``command`` in a session of its own, so that Ctrl-C reaches the demo alone.

    Its standard input is a pipe that ends when the demo does, however that happens.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program, arguments as a list
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Child(name, process, log)


def watch(children: Iterable[Child]) -> NoReturn:
    """Waits until a child ends, then raises DemoError."""
    watched = tuple(children)
    while True:
        for child in watched:
            child.check()
        time.sleep(0.2)


def stop(children: Iterable[Child]) -> None:
    """Ends all children, last started first: SIGTERM, and after 15 s SIGKILL."""
    ending = tuple(children)[::-1]
    for child in ending:
        child.process.terminate()
    deadline = time.monotonic() + _GRACE
    for child in ending:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        if child.process.stdin is not None:
            child.process.stdin.close()
