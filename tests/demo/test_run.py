from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from router.demo import children, guide, stage
from router.demo.run import demo
from tests.demo.conftest import eventually

_SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
_DIE = [sys.executable, "-c", "print('out of luck'); raise SystemExit(3)"]
_WAIT_FOR_INPUT = [sys.executable, "-c", "import sys; sys.stdin.read()"]


def test_a_port_in_use_is_told_with_the_option_that_helps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert demo(port) == 1
    for number, handler in before.items():
        signal.signal(number, handler)
    told = capsys.readouterr().err
    assert str(port) in told
    assert "--port" in told


def test_a_childs_death_ends_the_watch_with_its_last_words(tmp_path: Path) -> None:
    living = children.start("one", _SLEEP, os.environ, tmp_path / "one.log")
    dying = children.start("the other", _DIE, os.environ, tmp_path / "other.log")
    with pytest.raises(children.DemoError) as caught:
        children.watch([living, dying])
    children.stop([living, dying])
    assert "the other ended by itself (exit code 3)" in str(caught.value)
    assert "out of luck" in str(caught.value)
    assert living.process.returncode == -signal.SIGTERM


def test_a_child_sees_its_input_end_when_the_demo_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys, time; from router.demo import children;"
        f"c = children.start('c', {_WAIT_FOR_INPUT!r}, os.environ, pathlib.Path(sys.argv[1]));"
        "print(c.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "c.log")], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert eventually(lambda: _gone(pid))


def _gone(pid: int) -> bool:
    """Ended, be it reaped or not: its parent is dead, and who reaps orphans may be slow."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def test_the_environment_reaches_no_true_deployment(tmp_path: Path) -> None:
    made = stage.environment({"REDIS_URL": "redis://real", "PATH": "/bin"}, tmp_path)
    assert "REDIS_URL" not in made
    assert made["PATH"] == "/bin"
    assert len(made["SSO_JWT_SECRET"]) >= 32
    assert len(made["ORION_SHARED_JWT_SECRET"]) >= 32
    assert made["SSO_JWT_SECRET"] != stage.environment({}, tmp_path)["SSO_JWT_SECRET"]


def test_the_guide_is_valid_shell_and_names_what_is_needed(tmp_path: Path) -> None:
    shown = stage.Stage("http://r", "http://u", "eyJ.x.y", "sk_live_1", "adm", tmp_path)
    page = guide.text(shown)
    assert all(word in page for word in ("http://r/dashboard", "sk_live_1", "eyJ.x.y", "adm"))
    script = guide.variables(shown) + "".join(commands for _, commands in guide.SECTIONS)
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
