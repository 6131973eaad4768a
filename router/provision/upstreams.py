"""Upstreams from the configuration, and what the router proves itself with there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.upstream.bounds import Timeouts
from router.upstream.breaker import BreakerPolicy
from router.upstream.credentials import Bearer, Credential, Header, Mint
from router.upstream.health import HealthPolicy
from router.upstream.target import Target
from router.upstream.tls import tls_context
from router.upstream.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Callable

    from router.config import upstreams as configured


def upstream(
    name: str, said: configured.Upstream, on_error: Callable[[str, str], None]
) -> Upstream:
    """One upstream with its pools and its breaker; nothing is connected yet."""
    own_tls = any((said.tls.ca, said.tls.certificate, said.tls.key))
    health = None
    if said.health is not None:
        health = HealthPolicy(said.health.path.encode(), said.health.interval)
    return Upstream(
        name,
        [Target.parse(url) for url in said.targets],
        timeouts=Timeouts(
            said.timeouts.connect, said.timeouts.first_byte, said.timeouts.idle, said.timeouts.total
        ),
        tls=tls_context(said.tls.ca, said.tls.certificate, said.tls.key) if own_tls else None,
        retries=said.retries,
        breaker=BreakerPolicy(said.breaker.failures, said.breaker.open),
        health=health,
        on_error=on_error,
    )


def credentials(said: configured.Credentials) -> tuple[Credential, ...]:
    """What is added to every request; empty secrets add nothing."""
    found: list[Credential] = []
    if bearer := said.bearer.get_secret_value():
        found.append(Bearer(bearer))
    found += [
        Header(name, value)
        for name, secret in said.header.items()
        if (value := secret.get_secret_value())
    ]
    if said.mint is not None:
        mint = said.mint
        found.append(
            Mint(
                mint.issuer,
                mint.audience,
                mint.secret.get_secret_value(),
                mint.subject,
                mint.lifetime,
            )
        )
    return tuple(found)
