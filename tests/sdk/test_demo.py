"""``router demo`` as a newcomer uses it: start it, paste what it prints, end it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from router.demo.guide import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shown() -> Iterator[str]:
    """What the demo printed; it is ended like by Ctrl-C afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "router", "demo", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if "masked_total" in line:
                break
        yield "".join(lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def _pasted(shown: str, number: int) -> str:
    """What a section's commands print, run as they stand on the page."""
    variables = "".join(re.findall(r"^(?:R|U|J|KEY|ADMIN|TOKEN)=.*\n", shown, re.MULTILINE))
    commands = SECTIONS[number][1]
    assert commands in shown
    done = subprocess.run(
        ["bash"], input=variables + commands, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_personal_data_is_true_for_the_caller_and_hidden_from_the_vendor(shown: str) -> None:
    answer, _, vendor = _pasted(shown, 0).partition('{"received"')
    assert "jane.roe@example.com" in answer
    assert "jane.roe@example.com" not in vendor
    assert "ai-chat" in vendor


def test_the_stream_ends_with_done(shown: str) -> None:
    printed = _pasted(shown, 1)
    assert printed.rstrip().endswith("data: [DONE]")
    assert printed.count("data: ") > 10


def test_no_vendor_shows(shown: str) -> None:
    assert _pasted(shown, 2) == "nobody said openai\n"


def test_the_limit_is_hit(shown: str) -> None:
    assert re.search(r"\d+ 200\n +\d+ 429", _pasted(shown, 3))


def test_whoami_services_and_metrics_answer(shown: str) -> None:
    printed = _pasted(shown, 4)
    assert '"email"' in printed
    assert '"services"' in printed
    assert "router_pii_entities_total" in printed
