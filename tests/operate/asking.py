"""``router explain`` asked as an operator asks it, on a real configuration file."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from router.auth.api_key import key_digest, mint_key
from router.cli.explain import explain
from router.stores.keys import SqliteKeys
from router.stores.rows import KeyRow
from tests.world import CONFIG

if TYPE_CHECKING:
    from pathlib import Path

INNER = '  inner: {targets: ["${ORIGIN}"], credentials: {header: {X-Inner: "${WEBHOOK_SECRET}"}}}\n'
SERVICES = """
  inner: {upstream: inner, path: /inner, auth: []}
  by-address: {upstream: origin, path: /a, auth: [], rate_limits: [3/1m]}
  named: {upstream: origin, path: /named, paths: {/list: [GET], /*/parts: [POST]}}
  moded: {upstream: origin, path: /moded, auth: [], privacy: {mode: restore,
          modes: {IP_ADDRESS: observe, US_SSN: block}}}
  remembering: {upstream: origin, path: /mem, auth: [], privacy: restore, stateful: true}
  files: {upstream: origin, path: /files, auth: [], privacy: {mode: restore, uninspectable: pass}}
  own-words: {upstream: origin, path: /w, auth: [], privacy: {mode: restore,
              deny: [{word: Rumpelstiltskin, entity: SECRET_NAME}]}}
  small: {upstream: origin, path: /small, auth: [], max_body: 10B}
  pages-only: {upstream: origin, path: /p, check_origin: true}
"""

FILE = CONFIG.replace("  dead: {", f"{INNER}  dead: {{") + SERVICES.lstrip("\n")


@dataclass(slots=True)
class Asking:
    """The command, its configuration file and the environment that this reads."""

    file: Path
    env: dict[str, str]
    capsys: pytest.CaptureFixture[str]

    def run(self, method: str, url: str, *headers: str, **options: Any) -> tuple[int, str, str]:
        """Exit code, what stood on stdout and on stderr."""
        code = explain(self.file, method, url, headers=headers, **options)
        return (code, *self.capsys.readouterr())

    def told(self, method: str, url: str, *headers: str, **options: Any) -> dict[str, Any]:
        """The document; the exit code has to agree with it."""
        code, out, err = self.run(method, url, *headers, as_json=True, **options)
        assert err == ""
        document: dict[str, Any] = json.loads(out)
        assert code == (document["outcome"] == "refused")
        return document

    def token(self, **claims: object) -> str:
        """A session's JWT; ``claims`` replace the usual ones."""
        now = int(time.time())
        said = {"sub": "u-1", "email": "owner@example.com", "iss": self.env["SSO_JWT_ISS"]}
        told = said | {"iat": now, "exp": now + 600} | claims
        return jwt.encode(told, self.env["SSO_JWT_SECRET"], algorithm="HS256")

    def key(self, *scopes: str, platforms: tuple[str, ...] = ()) -> str:
        """An API key that is in the store."""
        key = mint_key()
        row = KeyRow(
            id=secrets.token_hex(8),
            name="ci",
            user_id="u-2",
            scopes=frozenset(scopes),
            platforms=frozenset(platforms),
            expires_at=None,
            created_at=time.time(),
        )

        async def add() -> None:
            store = SqliteKeys(self.store)
            await store.add(row, key_digest(key.encode()))
            await store.close()

        asyncio.run(add())
        return key

    @property
    def store(self) -> Path:
        """The file of API keys."""
        return self.file.parent.parent / "data" / "router.db"


@pytest.fixture
def asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Asking:
    """Nobody listens where its upstreams are."""
    env = {
        "ORIGIN": "http://127.0.0.1:9",
        "SSO_JWT_SECRET": secrets.token_urlsafe(32),
        "SSO_JWT_ISS": "https://auth.example.com",
        "WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "EDGE_FUNCTIONS_KEY": secrets.token_urlsafe(24),
        "ROUTER_ADMIN_TOKEN": secrets.token_urlsafe(24),
        "ROUTER_DATA_DIR": str(tmp_path / "data"),
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "config" / "routes.yaml"
    file.parent.mkdir()
    file.write_text(FILE)
    return Asking(file, env, capsys)
