"""``upstreams``: where requests go, as whom, and how long they may take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from router.config.paths import Path, Target
from router.config.secrets import FieldSecret, hmac_secret
from router.config.values import Duration, FieldName, Strict


class Mint(Strict):
    """A JWT made for each caller, signed HS256, in place of the caller's own credential."""

    issuer: str = ""
    """Its iss; empty: none."""

    audience: str = ""
    """Its aud; empty: none."""

    secret: SecretStr
    """What it is signed with, 32 bytes or more; empty: calls fail, with a warning at start."""

    subject: Literal["email", "id"] = "email"
    """What of the caller becomes sub."""

    lifetime: Duration = 300.0
    """From iat to exp."""

    _secret = field_validator("secret")(hmac_secret("HS256"))


class Credentials(Strict):
    """What the upstream wants to see; callers never see it."""

    bearer: FieldSecret = SecretStr("")
    """Sent as Authorization: Bearer; empty: not sent."""

    header: dict[FieldName, FieldSecret] = Field(default_factory=dict)
    """Fields with their values; an empty value is not sent."""

    mint: Mint | None = None
    """A token of its own for each caller."""


class Timeouts(Strict):
    """How long each step may take."""

    connect: Duration = 2.0
    """TCP and TLS to one address."""

    first_byte: Duration = 60.0
    """From the request sent to the answer's head."""

    idle: Duration = 60.0
    """Between two pieces of an answer."""

    total: Duration = 600.0
    """The whole exchange; never ends a stream."""


class Breaker(Strict):
    """When a target that fails is left alone."""

    failures: Annotated[int, Field(ge=1, le=10_000)] = 5
    """Failures in a row that open it."""

    open: Duration = 10.0
    """How long before one request tries again."""


class Health(Strict):
    """A question asked of each target, apart from callers' requests."""

    path: Path = "/health"
    """What is asked for; 2xx and 3xx are well."""

    interval: Duration = 5.0
    """From one question to the next, and how long an answer may take."""


class Tls(Strict):
    """TLS towards https targets; the system's authorities where nothing is said."""

    ca: str = ""
    """A PEM file of authorities to believe instead."""

    certificate: str = ""
    """A PEM file: the router's own certificate."""

    key: str = ""
    """The PEM file of its key."""


class Upstream(Strict):
    """One backend behind one or several targets."""

    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    """Base URLs that serve the same; calls are spread over them."""

    credentials: Credentials = Credentials()
    """What the router proves itself with."""

    identity: Literal["none", "id", "full"] = "id"
    """What is told of the caller: nothing, id and scopes, or e-mail and addresses too."""

    timeouts: Timeouts = Timeouts()
    """How long each step may take."""

    retries: Annotated[int, Field(ge=0, le=10)] = 1
    """How often a request is sent again when that is safe."""

    breaker: Breaker = Breaker()
    """When a failing target is left alone."""

    health: Health | None = None
    """Active checks; none where nothing is said."""

    tls: Tls = Tls()
    """TLS towards https targets."""
