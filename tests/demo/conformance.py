"""Runs the public MCP conformance suite."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SUITE = ["-p", "node@22", "-p", "@modelcontextprotocol/conformance@0.1.16", "conformance"]


def failed_scenarios(url: str, directory: Path) -> set[str]:
    """The names of the server scenarios that ``url`` fails, of more than 25 that it runs."""
    npx = shutil.which("npx")
    assert npx is not None, "install it: apt install npm"
    done = subprocess.run(
        [npx, "-y", *_SUITE, "server", "--suite", "all", "--url", url],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    summary = done.stdout.partition("=== SUMMARY ===")[2]
    verdicts = re.findall(r"^(✓|✗) ([a-z0-9-]+):", summary, re.MULTILINE)
    assert len(verdicts) > 25, done.stdout + done.stderr
    return {name for verdict, name in verdicts if verdict == "✗"}
