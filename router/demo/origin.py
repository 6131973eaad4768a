"""Runs the example upstreams: ``python -m router.demo.origin --port 0`` prints ``port N``."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
import warnings
from dataclasses import dataclass

import uvicorn

from router.demo.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """``pace`` is seconds between streamed pieces; ``until_eof`` ends with standard input."""

    host: str
    port: int
    pace: float
    until_eof: bool


def options(arguments: list[str]) -> Options:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m router.demo.origin", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free one")
    parser.add_argument("--pace", type=float, default=0.01, help="seconds between pieces")
    parser.add_argument(
        "--until-eof", action="store_true", help="end when standard input does: with its parent"
    )
    return Options(**vars(parser.parse_args(arguments)))


async def serve(chosen: Options) -> None:
    """Serves until SIGTERM or SIGINT; prints the port once it listens."""
    # mcp warns of features that newer protocol versions drop; a stand-in serves the older too
    from mcp.shared.exceptions import MCPDeprecationWarning  # noqa: PLC0415 - takes seconds

    warnings.simplefilter("ignore", MCPDeprecationWarning)
    from router.demo.upstreams import create_app  # noqa: PLC0415 - imports mcp, as above

    loopback = chosen.host in ("127.0.0.1", "localhost", "::1")
    app = create_app(Settings.from_environment(os.environ, pace=chosen.pace, loopback=loopback))
    config = uvicorn.Config(
        app,
        server_header=False,
        access_log=False,
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=2,  # an MCP client's open stream must not hold it up
    )
    server = uvicorn.Server(config)
    listener = socket.create_server((chosen.host, chosen.port), backlog=1024)
    if chosen.until_eof:
        _end_with_input(server)
    sys.stdout.write(f"port {listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve(sockets=[listener])


def _end_with_input(server: uvicorn.Server) -> None:
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            server.should_exit = True

    loop.add_reader(sys.stdin.fileno(), readable)


if __name__ == "__main__":
    asyncio.run(serve(options(sys.argv[1:])))
