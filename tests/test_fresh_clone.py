"""README's two commands, as a newcomer runs them: a clone, an empty machine but for Python."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = re.findall(r"^(scripts/\w+)", (REPOSITORY / "README.md").read_text(), re.MULTILINE)


def test_the_readme_names_scripts_that_can_be_run() -> None:
    assert COMMANDS == ["scripts/demo", "scripts/test"]
    assert [name for name in COMMANDS if not os.access(REPOSITORY / name, os.X_OK)] == []


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone") / "router"
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(folder)], check=True)
    return folder


@pytest.mark.full
def test_the_demo_serves_from_a_fresh_clone_within_a_minute_of_its_install(clone: Path) -> None:
    subprocess.run([clone / "scripts" / "install", "demo"], cwd=clone, check=True)
    began = time.monotonic()
    with subprocess.Popen(
        [clone / "scripts" / "demo", "--port", "0"],
        cwd=clone,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        url = next(line.split("=", 1)[1].strip() for line in process.stdout if line[:2] == "R=")
        assert httpx.get(f"{url}/ready").status_code == 200
        assert time.monotonic() - began < 60
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.mark.full
def test_the_tests_start_from_a_fresh_clone(clone: Path) -> None:
    done = subprocess.run(
        [clone / "scripts" / "test", "tests/test_routing.py", "-q"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
