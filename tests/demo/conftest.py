"""The example upstreams as a process of their own, once a session."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Origin:
    url: str
    env: dict[str, str]

    @property
    def functions(self) -> str:
        return f"{self.url}/functions/v1"

    @property
    def edge(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.env['EDGE_FUNCTIONS_KEY']}"}

    def received(self, path: str, having: str) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.url}/__received", params={"path": path})
        return [entry for entry in answer.json()["received"] if having in entry["body"]]


def eventually(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    env = {
        "EDGE_FUNCTIONS_KEY": secrets.token_urlsafe(24),
        "SSO_JWT_SECRET": secrets.token_urlsafe(32),
        "SSO_JWT_ISS": "https://auth.example.com",
        "ORION_SHARED_JWT_SECRET": secrets.token_urlsafe(32),
        "ORION_SHARED_JWT_ISS": "https://web.example.com",
        "ORION_SHARED_JWT_AUD": "orion-core",
        "AUTHORIZED_USER_EMAIL": "owner@example.com",
        "WEBHOOK_SECRET": secrets.token_urlsafe(24),
    }
    command = [sys.executable, "-m", "router.demo.origin", "--port", "0", "--pace", "0.001"]
    with subprocess.Popen(
        [*command, "--until-eof"],
        env=os.environ | env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        word, _, port = process.stdout.readline().strip().partition(" ")
        assert word == "port"
        yield Origin(f"http://127.0.0.1:{port}", env)
        process.stdin.close()
        assert process.wait(10) == 0
