"""One world for all hostile inputs; every test begins with an origin that behaves."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from router.auth.api_key import key_digest, mint_key
from router.downstream.limits import ProtocolLimits
from router.stores.keys import SqliteKeys
from router.stores.rows import KeyRow
from router.testing import answer
from tests.conftest import session_token
from tests.threats.wire import serving
from tests.world import CONFIG, World, world

if TYPE_CHECKING:
    from collections.abc import Iterator


class Fill(Protocol):
    """Makes a request of a template."""

    def __call__(self, template: bytes, service: str = "open", rest: str = "") -> bytes: ...


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    # Bad credentials and bad answers are many here, all from one address and one upstream.
    config = CONFIG.replace("auth_failures: 20/1m", "auth_failures: 100000/1m")
    config = config.replace("identity: full}", "identity: full, breaker: {failures: 1000}}")
    assert config.count("1000") >= CONFIG.count("1000") + 2
    with world(tmp_path_factory.mktemp("data"), config) as running:
        yield running


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    shared.origin.handler = serving(shared)
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()


@pytest.fixture(scope="session")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that waits for nobody, and inspects nothing."""
    limits = ProtocolLimits(
        head_timeout=0.2, body_grace=0.2, keep_alive=0.3, linger_timeout=0.2, body_rate=512
    )
    uninspected = [line for line in CONFIG.splitlines() if "privacy: " not in line or "off" in line]
    config = "\n".join(uninspected)
    with world(tmp_path_factory.mktemp("data"), config, limits) as running:
        running.origin.handler = serving(running)
        yield running


@pytest.fixture(scope="session")
def token(shared: World) -> str:
    """A session token that passes."""
    return session_token(shared.env)


@pytest.fixture(scope="session")
def api_key(shared: World) -> str:
    """An API key that passes."""
    key = mint_key()
    row = KeyRow(
        id="k-1",
        name="threats",
        user_id="u-2",
        scopes=frozenset({"*"}),
        platforms=frozenset(),
        expires_at=None,
        created_at=time.time(),
    )

    async def add() -> None:
        keys = SqliteKeys(Path(shared.env["ROUTER_DATA_DIR"]) / "router.db")
        await keys.add(row, key_digest(key.encode()))
        await keys.close()

    asyncio.run(add())
    return key


@pytest.fixture
def fill(token: str) -> Fill:
    """Fills a template: ``<P>`` a service's path, ``<H>`` Host and, where needed, a credential."""

    def filled(template: bytes, service: str = "open", rest: str = "") -> bytes:
        known = service in ("signed-in", "owned", "scoped", "limited", "guarded")
        fields = "Host: router\r\n" + (f"Authorization: Bearer {token}\r\n" if known else "")
        path = f"/lanonasis/api/{service}{rest}"
        return template.replace(b"<P>", path.encode()).replace(b"<H>", fields.encode())

    return filled
