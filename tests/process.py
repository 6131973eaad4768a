"""The router as operators run it: ``python -m router serve`` in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.threats.wire import until


@dataclass(slots=True)
class Served:
    """A router's process. ``ports``: the callers' listener, then the operators' if there is one."""

    process: subprocess.Popen[bytes]
    ports: list[int]
    out: Path

    def connect(self, listener: int = 0, timeout: float = 5) -> socket.socket:
        """A raw connection to one of its listeners."""
        return socket.create_connection(("127.0.0.1", self.ports[listener]), timeout)

    def lines(self, event: str) -> list[dict[str, object]]:
        """Its log so far, of one kind."""
        return [one for one in _lines(self.out) if one["event"] == event]

    def terminate(self) -> None:
        """Asks it to end, as a supervisor does."""
        self.process.send_signal(signal.SIGTERM)

    def rss(self) -> int:
        """Its resident memory now, in bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE")


def _lines(out: Path) -> list[dict[str, object]]:
    whole = out.read_bytes().rpartition(b"\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def serve(config: Path, environment: Mapping[str, str], out: Path) -> subprocess.Popen[bytes]:
    """Starts it; its log goes to ``out``, what it says to people to ``out`` with ``.err``."""
    command = [sys.executable, "-m", "router", "serve", "--config", str(config), "--port", "0"]
    with out.open("wb") as stdout, out.with_suffix(".err").open("wb") as stderr:
        return subprocess.Popen(command, env=os.environ | environment, stdout=stdout, stderr=stderr)


@contextlib.contextmanager
def served(folder: Path, config: str, environment: Mapping[str, str]) -> Iterator[Served]:
    """Serves ``config`` until the block ends, or until it has ended by itself."""
    (folder / "config").mkdir()
    file = folder / "config" / "routes.yaml"
    file.write_text(config)
    out = folder / "log"
    process = serve(file, environment, out)
    try:
        running = Served(process, [], out)
        until(lambda: running.lines("started") or process.poll() is not None, 20)
        assert process.poll() is None, out.with_suffix(".err").read_text()
        listening = running.lines("started")[0]["listening"]
        assert isinstance(listening, list)
        running.ports = [int(one.rpartition(":")[2]) for one in listening]
        yield running
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
