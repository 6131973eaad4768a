"""``auth``: how callers prove who they are."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator

from router.config.secrets import SECRET_BYTES, Algorithm, FieldSecret, check_secret
from router.config.values import CookieName, DurationOrNone, FieldName, Strict, wrong

Method = Literal["cookie", "bearer", "api_key", "webhook"]

_ASYMMETRIC: Final = ("RS", "PS", "ES", "Ed")


def _algorithm(value: object) -> object:
    if isinstance(value, str) and value.startswith(_ASYMMETRIC):
        raise wrong("this version verifies with a shared secret only: HS256, HS384, HS512")
    if isinstance(value, str) and value.casefold() == "none":
        raise wrong("an unsigned token proves nothing: HS256, HS384, HS512")
    return value


class Claims(Strict):
    """Where a token says what, if not in the usual claim."""

    sub: str = "sub"
    """The claim that holds the user's id."""

    email: str = "email"
    """The claim that holds the user's e-mail address."""


class Issuer(Strict):
    """Who signs JWTs, and how they are checked."""

    algorithms: Annotated[
        tuple[Annotated[Algorithm, BeforeValidator(_algorithm)], ...], Field(min_length=1)
    ] = ("HS256",)
    """What a token may be signed with."""

    secret: SecretStr = SecretStr("")
    """The shared secret, as long as the hash or longer; empty: no token of this issuer passes."""

    issuer: str = ""
    """What iss must be; empty: not checked."""

    audience: str = ""
    """What aud must be or hold; empty: not checked."""

    claims: Claims = Claims()
    """Which claim says what."""

    services: tuple[str, ...] = ()
    """The services its tokens are good for; empty: all."""

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr, info: object) -> SecretStr:
        algorithms: tuple[str, ...] = getattr(info, "data", {}).get("algorithms", ())
        longest = max(algorithms, key=SECRET_BYTES.__getitem__, default="HS256")
        check_secret(value.get_secret_value(), longest)
        return value


class Cookie(Strict):
    """A session cookie that holds a JWT."""

    name: CookieName = "lanonasis_session"
    """The cookie's name."""

    issuers: tuple[str, ...] = ()
    """Whose tokens it may hold."""


class Bearer(Strict):
    """Authorization: Bearer."""

    issuers: tuple[str, ...] = ()
    """Whose JWTs pass."""

    opaque: Literal["", "oauth"] = ""
    """The store that knows tokens that are no JWT; empty: they are refused."""

    api_keys: bool = True
    """Whether an API key may come this way: SDKs know no other."""


class ApiKey(Strict):
    """A long-lived key, stored as its SHA-256."""

    header: FieldName = "X-API-Key"
    """The field it comes in."""

    store: Literal["keys"] = "keys"
    """The store that knows it."""

    cache: DurationOrNone = 5.0
    """How long a key is believed without asking again."""

    accept_hash: bool = False
    """Whether the stored hash itself passes, for clients that send it."""


class Webhook(Strict):
    """A shared secret in a field, for cron and other machines."""

    header: FieldName = "X-Webhook-Secret"
    """The field it comes in."""

    secret: FieldSecret = SecretStr("")
    """What it must be; empty: nothing passes."""


class Auth(Strict):
    """The methods a service's ``auth`` can name."""

    on_invalid: Literal["next", "reject"] = "next"
    """What a wrong credential does: the next method is tried, or 401 at once."""

    issuers: dict[str, Issuer] = Field(default_factory=dict)
    """Who signs JWTs, by name."""

    cookie: Cookie = Cookie()
    """Session cookies."""

    bearer: Bearer = Bearer()
    """Bearer tokens."""

    api_key: ApiKey = ApiKey()
    """API keys."""

    webhook: Webhook = Webhook()
    """Shared secrets of machines."""
