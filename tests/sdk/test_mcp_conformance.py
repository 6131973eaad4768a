"""The public MCP conformance suite against the stand-in behind the router.

The suite sends no credential, so a hop before the router adds one to what it says. Needs npm.
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

import httpx
import pytest

from tests.demo.conformance import failed_scenarios
from tests.demo.conftest import eventually
from tests.sdk.conftest import token
from tests.sdk.credential import with_bearer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sdk.conftest import Stack

_TABLE = Path(__file__).parents[2] / "config" / "routes.yaml"
_SCOPES = "    scopes: [ai:mcp]\n"

pytestmark = pytest.mark.full


@contextmanager
def _unhurried(stack: Stack, directory: Path) -> Iterator[int]:
    """A router of its own before the same upstreams, whose ``mcp-handler`` takes 6,000 a minute."""
    table = _TABLE.read_text()
    unhurried = table.replace(_SCOPES, f"{_SCOPES}    rate_limits: [6000/1m]\n")
    assert unhurried != table
    (directory / "config").mkdir()
    config = directory / "config" / "routes.yaml"
    config.write_text(unhurried)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["serve", "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    env = os.environ | stack.env | {"ROUTER_DATA_DIR": str(directory)}
    with subprocess.Popen([sys.executable, "-m", "router", *command], env=env) as process:
        try:
            assert eventually(lambda: process.poll() is not None or _ready(port), 60)
            yield port
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


def test_the_router_loses_nothing_of_it_behind_its_auth_chain(stack: Stack, tmp_path: Path) -> None:
    with _unhurried(stack, tmp_path) as router:
        path = "/lanonasis/api/mcp-handler"
        assert httpx.post(f"http://127.0.0.1:{router}{path}", json={}).status_code == 401
        with with_bearer(router, token(stack, "owner@example.com")) as port:
            failed = failed_scenarios(f"http://127.0.0.1:{port}{path}", tmp_path)
    assert failed == set()
