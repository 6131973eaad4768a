"""A small world for behaviour tests: a router, a recording origin, a service for each policy."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from router.downstream.limits import ProtocolLimits
from router.testing import Origin, Running, running

CONFIG = """
brand: onasis
server:
  admin_token: ${ROUTER_ADMIN_TOKEN}
  max_inspected_body: 64KiB
  auth_failures: 20/1m
auth:
  issuers:
    sso: {secret: "${SSO_JWT_SECRET}", issuer: "${SSO_JWT_ISS}"}
  cookie: {name: lanonasis_session, issuers: [sso]}
  bearer: {issuers: [sso]}
  webhook: {secret: "${WEBHOOK_SECRET}"}
upstreams:
  origin:
    targets: ["${ORIGIN}"]
    credentials: {bearer: "${EDGE_FUNCTIONS_KEY}"}
    timeouts: {connect: 1s, first_byte: 700ms, idle: 700ms, total: 5s}
    breaker: {failures: 1000, open: 1s}
  owner: {targets: ["${ORIGIN}"], identity: full}
  dead: {targets: ["http://127.0.0.1:1"], breaker: {failures: 3, open: 10s}}
platforms:
  lanonasis: {title: LanOnasis, hosts: [lanonasis.com, "*.lanonasis.com"]}
  vortexcore: {title: VortexCore, hosts: [vortexcore.app], origins: ["https://studio.example"]}
masking:
  vendors: {openai: onasis}
  models: {onasis-chat: gpt-4o-mini}
defaults: {auth: [cookie, bearer, api_key], privacy: off, masking: false}
services:
  open: {upstream: origin, path: /up, auth: [], max_body: 4GiB, streaming: [sse]}
  masked: {upstream: origin, path: /masked, auth: [], masking: true, streaming: [sse]}
  private: {upstream: origin, path: /private, auth: [], privacy: restore, streaming: [sse]}
  both: {upstream: origin, path: /both, auth: [], privacy: restore, masking: true, streaming: [sse]}
  blocking: {upstream: origin, path: /blocking, auth: [], privacy: block}
  observed: {upstream: origin, path: /observed, auth: [], privacy: observe}
  replaced: {upstream: origin, path: /replaced, auth: [], privacy: replace}
  strict-models: {upstream: origin, path: /m, auth: [], masking: {models_policy: reject}}
  signed-in: {upstream: origin, path: /in}
  owned: {upstream: owner, path: /owned, methods: [GET, POST]}
  scoped: {upstream: origin, path: /scoped, scopes: [ai:chat]}
  personal: {upstream: origin, path: /personal, subjects: [owner@example.com]}
  limited: {upstream: origin, path: /limited, rate_limits: [3/1m]}
  limited-open: {upstream: origin, path: /limited, auth: [], rate_limits: [3/1m]}
  hooked: {upstream: origin, path: /hook, auth: [webhook], methods: [POST]}
  reading: {upstream: origin, path: /reading, auth: [], methods: [GET]}
  guarded: {upstream: origin, path: /guarded, methods: [GET], writes: true}
  gone: {upstream: dead, path: /, auth: []}
  login: {upstream: origin, path: /auth, auth: [], aliases: [/auth], well_known: [oauth-*],
          forward_credentials: true, cookies: [lanonasis_session]}
"""


def environment(origin: Origin, folder: Path) -> dict[str, str]:
    """What :data:`CONFIG` reads."""
    return {
        "ORIGIN": origin.url,
        "SSO_JWT_SECRET": secrets.token_urlsafe(32),
        "SSO_JWT_ISS": "https://auth.example.com",
        "WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "EDGE_FUNCTIONS_KEY": secrets.token_urlsafe(24),
        "ROUTER_ADMIN_TOKEN": secrets.token_urlsafe(24),
        "ROUTER_DATA_DIR": str(folder),
    }


@dataclass(slots=True, repr=False)
class World:
    """The router, the origin behind it, and the environment both were made of."""

    router: Running
    origin: Origin
    env: dict[str, str]

    @property
    def url(self) -> str:
        return self.router.url

    def path(self, service: str, rest: str = "", platform: str = "lanonasis") -> str:
        """The URL of a service, by path."""
        return f"{self.router.url}/{platform}/api/{service}{rest}"

    def connect(self, timeout: float = 5) -> socket.socket:
        """A raw connection to the router."""
        return socket.create_connection(("127.0.0.1", self.router.port), timeout)

    def ask(self, raw: bytes, *, until_close: bool = True) -> bytes:
        """Sends ``raw`` and gives what comes back until the router closes, or goes quiet."""
        with self.connect(3 if until_close else 0.5) as sock:
            sock.sendall(raw)
            return receive_all(sock)


def receive_all(sock: socket.socket) -> bytes:
    """Everything until the end of the stream or the socket's timeout."""
    pieces: list[bytes] = []
    with contextlib.suppress(TimeoutError, ConnectionResetError):
        while piece := sock.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


@contextlib.contextmanager
def world(
    folder: Path, config: str = CONFIG, limits: ProtocolLimits | None = None
) -> Iterator[World]:
    """Runs a world until the block ends."""
    with Origin() as origin:
        env = environment(origin, folder)
        with running(config, env, folder=Path(__file__).parent.parent, limits=limits) as router:
            yield World(router, origin, env)
