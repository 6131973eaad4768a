"""``router serve``: the service itself."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import uvloop

from router.config.load import load
from router.config.problems import ConfigProblems
from router.provision.router import provision
from router.serving import Listen, Serving
from router.telemetry.logs import LogWriter, capture_standard_logging


def serve(config: Path, host: str | None, port: int | None, certificate: str, key: str) -> int:
    """Serves until SIGTERM, then drains; 1 where it cannot start, with every reason."""
    try:
        loaded = load(config, os.environ)
    except ConfigProblems as problems:
        for problem in problems.problems:
            print(problem, file=sys.stderr)
        return 1
    for warning in loaded.warnings:
        print(warning, file=sys.stderr)
    name, _, number = loaded.server.listen.rpartition(":")
    listen = Listen(host or name.strip("[]"), number_or(port, number), certificate, key)
    admin_name, _, admin_number = loaded.server.admin.rpartition(":")
    admin = Listen(admin_name.strip("[]"), int(admin_number)) if admin_number else None
    writer = LogWriter()
    capture_standard_logging(writer)
    try:
        router = provision(loaded, writer, config.resolve().parent.parent / "plugins")
        serving = Serving(router, listen, admin, started=lambda where: _tell(writer, where))
    except ConfigProblems as problems:
        for problem in problems.problems:
            print(problem, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot listen on {listen.host}:{listen.port}: {error.strerror}", file=sys.stderr)
        return 1
    _spare_the_collector()
    try:
        uvloop.run(serving.run())
    finally:
        writer.write("stopped")
        writer.close()
    return 0


def _spare_the_collector() -> None:
    """Lets the garbage collector alone with what was made so far, for it lives to the end.

    Looked through at every full collection it would cost each request, and requests leave few
    cycles behind.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def number_or(given: int | None, configured: str) -> int:
    """The port of the command line, or the configured one."""
    return int(configured) if given is None else given


def _tell(writer: LogWriter, where: list[tuple[str, int]]) -> None:
    writer.write("started", listening=[f"{host}:{port}" for host, port in where])
