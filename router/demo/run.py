"""``router demo``: the stand-ins and the router, started, shown and ended together."""

from __future__ import annotations

import http.client
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from router.demo.children import Child, DemoError, start, stop, watch
from router.demo.guide import text
from router.demo.stage import EMAIL, USER, Stage, addresses, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

_HOST = "127.0.0.1"
_PORT = 8080
_START_SECONDS = 120.0
_ROOT = Path(__file__).parents[2]


def demo(port: int | None) -> int:
    """Runs the demo on ``port`` (None: 8080; 0: a free one) until Ctrl-C; gives the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with ExitStack() as ends:
            _run(_free_port(_PORT if port is None else port), ends)
    except DemoError as fault:
        sys.stderr.write(f"demo: {fault}\n")
        return 1
    except KeyboardInterrupt:
        sys.stdout.write("\nended.\n")
    return 0


def _run(port: int, ends: ExitStack) -> None:
    """Starts everything, prints the guide, watches; returns only by an exception."""
    config = _config()
    data = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="router-demo-")))
    env = environment(os.environ, data)
    children: list[Child] = []
    ends.callback(_end, children)

    command = [sys.executable, "-m", "router.demo.origin", "--port", "0", "--until-eof"]
    _say("starting the upstreams …")
    children.append(start("the upstreams", command, env, data / "upstreams.log"))
    origin_url = f"http://{_HOST}:{_printed_port(children[0])}"
    env |= addresses(origin_url)

    _say("starting the router …")
    listen = ["--host", _HOST, "--port", str(port)]
    command = [*_program(), "serve", "--config", str(config), *listen]
    children.append(start("the router", command, env, data / "router.log"))
    stage = Stage(
        router_url=f"http://{_HOST}:{port}",
        origin_url=origin_url,
        token=_printed(env, "eyJ", "token", "--sub", USER, "--email", EMAIL, "--expires", "12h"),
        api_key=_printed(
            env, "sk_", "keys", "create", "--name", "demo", "--user", USER, "--scopes", "*"
        ),
        admin_token=env["ROUTER_ADMIN_TOKEN"],
        data=data,
    )
    _wait(children[1], "is not ready", lambda: _ready(port))
    _say(text(stage))
    watch(children)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(children: list[Child]) -> None:
    """Stops the children; a second Ctrl-C must not leave them behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    stop(children)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _free_port(port: int) -> int:
    """``port`` if nobody has it; 0 gives any."""
    try:
        with socket.create_server((_HOST, port)) as probe:
            return int(probe.getsockname()[1])
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise DemoError(
            f"port {port} cannot be used ({reason}); choose another: --port N, or --port 0"
        ) from fault


def _config() -> Path:
    """The table of services; the stand-ins need the ``demo`` extra."""
    config = _ROOT / "config" / "routes.yaml"
    if not config.is_file():
        raise DemoError("config/routes.yaml is not there: run the demo from a checkout.")
    if importlib.util.find_spec("mcp") is None:
        raise DemoError("the example upstreams need the demo extra: pip install -e '.[demo]'")
    return config


def _program() -> list[str]:
    return [sys.executable, "-m", "router"]


def _printed(env: Mapping[str, str], prefix: str, *arguments: str) -> str:
    """The word with ``prefix`` that a command of the router prints: a key, a token."""
    done = subprocess.run(  # noqa: S603 - our own program, arguments as a list
        [*_program(), *arguments], env=env, capture_output=True, text=True, check=False
    )
    words = [word for word in done.stdout.split() if word.startswith(prefix)]
    if done.returncode or not words:
        raise DemoError(f"`router {arguments[0]}` failed: {done.stderr.strip() or 'no output'}")
    return words[0]


def _printed_port(origin: Child) -> int:
    """The port the stand-ins tell once they listen."""

    def told() -> list[str]:
        return re.findall(r"^port (\d+)\n", origin.log.read_text("utf-8", "replace"), re.MULTILINE)

    _wait(origin, "told no port", lambda: bool(told()))
    return int(told()[0])


def _wait(child: Child, otherwise: str, come: Callable[[], bool]) -> None:
    """Waits until ``come``; DemoError if the child ends or the time does."""
    deadline = time.monotonic() + _START_SECONDS
    while not come():
        child.check()
        if time.monotonic() > deadline:
            child.fail(f"{otherwise} after {_START_SECONDS:.0f} s")
        time.sleep(0.05)


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection(_HOST, port, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
