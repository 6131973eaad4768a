"""``server``: the listener, whom it trusts, what it bounds."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from router.config.paths import Address, AddressOrNone
from router.config.secrets import FieldSecret
from router.config.values import DurationOrNone, Network, Rate, RateLimit, Size, Strict

MIB = 1024 * 1024


class Server(Strict):
    """The process as a whole."""

    listen: Address = "127.0.0.1:8080"
    """Where callers come in, as host:port."""

    admin: AddressOrNone = ""
    """A second listener whose callers are operators; empty: none."""

    admin_token: FieldSecret = SecretStr("")
    """The operators' bearer; $ROUTER_ADMIN_TOKEN where nothing is said; empty: nobody's."""

    trusted_proxies: tuple[Network, ...] = ()
    """Peers whose X-Forwarded-For, -Proto and -Host, and X-Request-Id, are believed."""

    operators: tuple[Network, ...] = ()
    """Peers that may read operator pages without a token."""

    max_inspected_body: Size = 10 * MIB
    """The largest body that is read whole, for privacy, masking or a plugin; over it 413."""

    body_memory: Size = 256 * MIB
    """What all buffered bodies of one process may take together; over it 503."""

    drain: DurationOrNone = 30.0
    """How long requests may still run after SIGTERM."""

    ready_needs: tuple[Literal["keys"], ...] = ()
    """Stores without which /ready is 503 rather than degraded."""

    auth_failures: RateLimit = Rate(30, 60.0)
    """How many refused credentials one address may send."""
