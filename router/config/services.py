"""``services``: what callers call."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from router.config.auth import Method
from router.config.masking import ServiceMasking
from router.config.paths import Path, PathPattern, WellKnown
from router.config.privacy import ServicePrivacy
from router.config.values import CookieName, FieldName, RateLimit, Size, Strict, Word, wrong

HttpMethod = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Methods = Annotated[tuple[HttpMethod, ...], Field(min_length=1)]

ANY_METHOD: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

_GUARDED: Final = frozenset({
    "host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    "content-length", "expect", "authorization", "cookie", "set-cookie", "forwarded", "via",
    "x-user-id", "x-user-email", "x-auth-method", "x-scopes", "x-platform", "x-service",
    "x-real-ip", "x-request-id",
})  # fmt: skip


def _passable(value: str) -> str:
    folded = value.lower()
    bare = folded.replace("_", "-")
    if bare in _GUARDED or bare.startswith(("proxy-", "x-forwarded-")):
        raise wrong("this field is the router's own: it can not be passed on")
    return folded


def _without_empty(value: object) -> object:
    """An empty entry is an unset variable: it names nobody."""
    if isinstance(value, list | tuple):
        return tuple(one for one in value if one != "")
    return value


PassedField = Annotated[FieldName, AfterValidator(_passable)]


class ServicePolicy(Strict):
    """What ``defaults`` may say for every service."""

    auth: tuple[Method, ...] = ("cookie", "bearer", "api_key")
    """Methods tried in this order; an empty list opens the service to all."""

    scopes: tuple[Word, ...] = ()
    """Scopes a caller must all have been granted."""

    rate_limits: tuple[RateLimit, ...] = ()
    """Calls per time, all of which hold."""

    limit_by: Literal["principal", "address"] = "principal"
    """Whom ``rate_limits`` count: who was recognised, or the address; an open service: that."""

    privacy: ServicePrivacy = ServicePrivacy()
    """Personal data on its way in and back."""

    masking: ServiceMasking = ServiceMasking()
    """Vendor names on their way out."""

    max_body: Size = 10 * 1024 * 1024
    """The largest request body; over it 413."""

    request_fields: tuple[PassedField, ...] = ()
    """Fields to the upstream beside the usual ones."""

    response_fields: tuple[PassedField, ...] = ()
    """Fields to the caller beside the usual ones."""

    @property
    def counts_addresses(self) -> bool:
        """Whether limits count addresses: an open service recognises nobody."""
        return self.limit_by == "address" or not self.auth


class ServiceSettings(ServicePolicy):
    """A service on one platform: what ``on`` may change."""

    title: str = ""
    """What people call it."""

    summary: str = ""
    """One sentence on what it does."""

    upstream: str = ""
    """Who answers; none only where a plugin does."""

    plugin: str = ""
    """The plugin that answers in an upstream's place."""

    path: Path = "/"
    """The upstream's path; what follows the service's name is appended."""

    methods: Methods = ANY_METHOD
    """What may be called; GET brings HEAD."""

    paths: dict[PathPattern, Methods] | None = None
    """Paths below the service and their methods; where given, nothing else is there."""

    subjects: Annotated[tuple[str, ...], BeforeValidator(_without_empty)] | None = None
    """The only callers, by e-mail address or id; an empty list is nobody."""

    streaming: tuple[Literal["sse", "ndjson", "bytes"], ...] = ()
    """How answers may stream, told in listings."""

    cookies: tuple[CookieName, ...] = ()
    """Cookies the upstream may set."""

    forward_credentials: bool = False
    """Whether the caller's own credentials and cookies go on to the upstream."""

    idempotent: bool = False
    """Whether the same call twice does no more than once, so that it may be sent again."""

    stateful: bool = False
    """Whether the upstream remembers earlier requests, so that placeholders must not change."""

    stores: bool = False
    """Whether the upstream keeps what it is sent and answers nothing that could be restored."""

    check_origin: bool = False
    """Whether a web origin that is not the platform's own is refused, whatever its credential."""

    writes: bool = False
    """Whether a GET does something too, so that a cookie needs a same-site origin for it."""


class Service(ServiceSettings):
    """One service of the table."""

    platforms: tuple[str, ...] | None = None
    """Where it stands; on every platform where nothing is said."""

    aliases: tuple[Path, ...] = ()
    """Other paths to it on a platform's own host."""

    well_known: tuple[WellKnown, ...] = ()
    """Names below /.well-known/ on a platform's own host that its upstream answers."""

    on: dict[str, ServiceSettings] = Field(default_factory=dict)
    """What one platform does differently: maps are merged, lists replaced."""
