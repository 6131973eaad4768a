"""The public MCP conformance suite against the stand-in behind the router.

The suite sends no credential, so the router's ``mcp-handler`` is opened for it. Needs npm.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.demo.conformance import failed_scenarios
from tests.demo.conftest import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sdk.conftest import Stack

_TABLE = Path(__file__).parents[2] / "config" / "routes.yaml"

pytestmark = pytest.mark.full


@contextmanager
def _opened(stack: Stack, directory: Path) -> Iterator[str]:
    """A router of its own before the same upstreams, its ``mcp-handler`` without credentials."""
    table = _TABLE.read_text()
    opened = table.replace("    scopes: [ai:mcp]\n", "    auth: []\n    rate_limits: [6000/1m]\n")
    assert opened != table
    (directory / "config").mkdir()
    config = directory / "config" / "routes.yaml"
    config.write_text(opened)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["serve", "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    env = os.environ | stack.env | {"ROUTER_DATA_DIR": str(directory)}
    with subprocess.Popen([sys.executable, "-m", "router", *command], env=env) as process:
        try:
            assert eventually(lambda: process.poll() is not None or _ready(port), 60)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_the_router_loses_nothing_of_it(stack: Stack, tmp_path: Path) -> None:
    with _opened(stack, tmp_path) as router:
        failed = failed_scenarios(f"{router}/lanonasis/api/mcp-handler", tmp_path)
    assert failed == set()
