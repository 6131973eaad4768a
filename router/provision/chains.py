"""Auth chains from the configuration: one a set of methods, shared by the services that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.auth.api_key import ApiKeyField, ApiKeys
from router.auth.bearer import Bearer
from router.auth.chain import AuthChain, Disabled
from router.auth.cookie import SessionCookie
from router.auth.issuer import Issuer
from router.auth.webhook import WebhookSecret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.auth.api_key import KeyStore
    from router.auth.attempt import Method
    from router.config import auth as configured


class Chains:
    """Makes each method once, so that all chains share its cache of identities."""

    def __init__(self, config: configured.Auth, store: KeyStore) -> None:
        self._config = config
        self._issuers = {
            name: made
            for name, said in config.issuers.items()
            if (made := issuer(name, said)) is not None
        }
        self._keys = ApiKeys(
            store, cache=config.api_key.cache, accept_hash=config.api_key.accept_hash
        )
        self._methods: dict[str, Method] = {
            "cookie": self._cookie(),
            "bearer": self._bearer(),
            "api_key": ApiKeyField(self._keys, header=config.api_key.header),
            "webhook": self._webhook(),
        }
        self._chains: dict[tuple[str, ...], AuthChain] = {}

    def chain(self, names: Sequence[str]) -> AuthChain:
        """The chain of these methods, in this order; none: an open service."""
        key = tuple(names)
        if key not in self._chains:
            self._chains[key] = AuthChain(
                [self._methods[name] for name in key], on_invalid=self._config.on_invalid
            )
        return self._chains[key]

    async def settle(self) -> None:
        """Writes when keys were last used; InternalError 503 where their store is down."""
        await self._keys.settle()

    def _named(self, names: Sequence[str]) -> list[Issuer]:
        return [self._issuers[name] for name in names if name in self._issuers]

    def _cookie(self) -> Method:
        issuers = self._named(self._config.cookie.issuers)
        return SessionCookie(self._config.cookie.name, issuers) if issuers else Disabled("cookie")

    def _bearer(self) -> Method:
        issuers = self._named(self._config.bearer.issuers)
        keys = self._keys if self._config.bearer.api_keys else None
        return Bearer(issuers, api_keys=keys) if issuers or keys else Disabled("bearer")

    def _webhook(self) -> Method:
        secret = self._config.webhook.secret.get_secret_value().encode()
        if not secret:
            return Disabled("webhook")
        return WebhookSecret([secret], header=self._config.webhook.header)


def issuer(name: str, said: configured.Issuer) -> Issuer | None:
    """None where its secret is empty: nothing it signed can pass."""
    secret = said.secret.get_secret_value().encode()
    if not secret:
        return None
    return Issuer(
        name,
        (secret,),
        said.algorithms,
        issuer=said.issuer,
        audience=said.audience,
        claims={"sub": said.claims.sub, "email": said.claims.email},
        services=frozenset(said.services),
    )
