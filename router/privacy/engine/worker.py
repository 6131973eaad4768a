"""The process of a language model: one nursery that forks children, each killable.

``python -m router.privacy.engine.worker <fd> <json>`` loads the model once, then forks a child for
every socket it is handed over ``fd``. A child answers texts one by one; the kernel ends it when
one text has cost its budget of CPU time, which no Python code in the child could do (a pattern
match never lets go of the interpreter). An exception ends it just the same: what a child does not
answer has not been inspected, and its parent in the router says so to the caller.

Request frame: length (uint32), text (UTF-8, lone surrogates passed). Answer frame: the number of
findings (uint32), then for each start, end (uint32, characters), entity (uint8), score (float64).
A child says its process id (uint32) first. Little endian.

Texts stay in memory: no log lines, no core dumps, and stderr is closed before the first text.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import signal
import socket
import struct
import sys
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from router.privacy.engine.models import LanguageModel

LENGTH: Final = struct.Struct("<I")
FINDING: Final = struct.Struct("<IIBd")
COMMAND: Final = struct.Struct("<cI")
FORK: Final = b"f"
KILL: Final = b"k"
_SAMPLE: Final = "Jane Doe of Example Limited lives in London."
"""Loads what a model loads only when it is used."""


def main() -> None:
    """Loads the model, then serves the control socket until the router closes it."""
    control = socket.socket(fileno=int(sys.argv[1]))
    options = json.loads(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)

    # Imported here, since the router imports this module for its frames alone.
    from router.privacy.engine.models import LanguageModel  # noqa: PLC0415  # seconds and 100 MB

    finder = LanguageModel(options["names"], options["entities"], options["threshold"])
    finder.find(_SAMPLE)
    gc.collect()
    gc.freeze()  # what the children share with the nursery is never touched by their collector
    _silence()
    _nurse(control, finder, tuple(options["entities"]), options["budget"])


def _nurse(
    control: socket.socket, finder: LanguageModel, entities: tuple[str, ...], budget: float
) -> None:
    children: set[int] = set()
    while True:
        message, fds, _flags, _address = socket.recv_fds(control, COMMAND.size, 1)
        children.difference_update(_buried())
        if len(message) < COMMAND.size:
            break
        command, pid = COMMAND.unpack(message)
        if command == KILL and pid in children:  # not reaped yet: the id is still that child's
            os.kill(pid, signal.SIGKILL)
        elif command == FORK:
            child = os.fork()
            if child == 0:
                control.close()
                _serve(socket.socket(fileno=fds[0]), finder, entities, budget)
            os.close(fds[0])
            children.add(child)
    for child in children:
        os.kill(child, signal.SIGKILL)


def _buried() -> set[int]:
    """Reaps the children that have ended."""
    dead: set[int] = set()
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return dead
        if pid == 0:
            return dead
        dead.add(pid)


def _serve(
    router: socket.socket, finder: LanguageModel, entities: tuple[str, ...], budget: float
) -> None:
    """A child's whole life; never returns into the nursery's code."""
    code = 1
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        router.sendall(LENGTH.pack(os.getpid()))
        numbers = {entity: number for number, entity in enumerate(entities)}
        with router.makefile("rb") as frames:
            while (text := _read(frames)) is not None:
                signal.setitimer(signal.ITIMER_PROF, budget)
                found = finder.find(text)
                answer = b"".join(
                    FINDING.pack(span.start, span.end, numbers[span.entity], span.score)
                    for span in found
                )
                signal.setitimer(signal.ITIMER_PROF, 0)
                router.sendall(LENGTH.pack(len(found)) + answer)
        code = 0
    finally:
        os._exit(code)


def _read(frames: BinaryIO) -> str | None:
    head = frames.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    return frames.read(length).decode("utf-8", "surrogatepass")


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stderr.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
