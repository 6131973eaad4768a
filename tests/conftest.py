"""What tests of many rooms share: an origin that keeps what it receives, and the whole stack."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jwt
import pytest
from hypothesis import settings

from router.testing import Origin, running

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same examples each time, so that a red run is a change's fault; `scripts/test --full` takes
# new ones.
settings.register_profile("repeatable", derandomize=True)
if "ROUTER_TEST_RANDOM" not in os.environ:
    settings.load_profile("repeatable")

REPOSITORY = Path(__file__).parent.parent
ROUTES = REPOSITORY / "config" / "routes.yaml"


@dataclass(frozen=True, slots=True)
class Stack:
    """The real table in front of the example upstreams, and credentials that pass."""

    router_url: str
    origin_url: str
    sso_token: str
    api_key: str
    admin_token: str
    env: dict[str, str]


def secret_environment(folder: Path) -> dict[str, str]:
    """Every secret the table reads, generated."""
    return {
        "SSO_JWT_SECRET": secrets.token_urlsafe(32),
        "SSO_JWT_ISS": "https://auth.example.com",
        "ORION_SHARED_JWT_SECRET": secrets.token_urlsafe(32),
        "ORION_SHARED_JWT_ISS": "https://web.example.com",
        "ORION_SHARED_JWT_AUD": "orion-core",
        "AUTHORIZED_USER_EMAIL": "owner@example.com",
        "EDGE_FUNCTIONS_KEY": secrets.token_urlsafe(24),
        "WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "ROUTER_ADMIN_TOKEN": secrets.token_urlsafe(24),
        "ROUTER_DATA_DIR": str(folder),
    }


def session_token(env: dict[str, str], **claims: object) -> str:
    """An SSO token of ``env``; ``claims`` replace the usual ones, None removes one."""
    now = int(time.time())
    said = {"sub": "u-1", "email": "owner@example.com", "iat": now, "exp": now + 600}
    said["iss"] = env["SSO_JWT_ISS"]
    said |= claims
    told = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(told, env["SSO_JWT_SECRET"], algorithm="HS256")


def api_key(env: dict[str, str], scopes: str = "*", *options: str) -> str:
    """A key made by the command line, as an operator makes one."""
    command = [sys.executable, "-m", "router", "keys", "create", "--name", "test", "--user", "u-2"]
    command += ["--scopes", scopes, "--config", str(ROUTES), *options]
    done = subprocess.run(command, env=os.environ | env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as serving:
        yield serving


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    env = secret_environment(tmp_path_factory.mktemp("data"))
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
        url = f"http://127.0.0.1:{process.stdout.readline().split()[1]}"
        names = ("EDGE_FUNCTIONS", "CHAT_SERVICE", "AUTH_GATEWAY", "FABRIC")
        env |= {f"{name}_URL": url for name in names}
        with running(ROUTES, env, folder=REPOSITORY) as router:
            yield Stack(
                router.url,
                url,
                session_token(env),
                api_key(env),
                env["ROUTER_ADMIN_TOKEN"],
                env,
            )
        process.stdin.close()
        process.wait(10)
