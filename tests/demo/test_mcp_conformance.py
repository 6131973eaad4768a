"""The public MCP conformance suite against the stand-in itself. Needs npm."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.demo.conformance import failed_scenarios

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.full


def test_the_stand_in_fails_no_scenario(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "EDGE_FUNCTIONS_KEY"}
    command = [sys.executable, "-m", "router.demo.origin", "--port", "0", "--until-eof"]
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().split()[1]
        url = f"http://127.0.0.1:{port}/functions/v1/mcp-handler"
        assert failed_scenarios(url, tmp_path) == set()
        process.terminate()
