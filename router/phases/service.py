"""One service of one platform, compiled: all that a request needs, found by one look-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from router.auth.chain import AuthChain
    from router.downstream.cors import CorsPolicy
    from router.exchange import ServiceInfo
    from router.limits.policy import Rule
    from router.masking.editor import Masking
    from router.masking.fields import FieldPolicy
    from router.origins import OriginPolicy
    from router.plugin import Hooks
    from router.privacy.redact import Redactor
    from router.upstream.credentials import Credential
    from router.upstream.upstream import Upstream

Mode = Literal["restore", "replace", "block", "observe", "off"]
Identity = Literal["none", "id", "full"]


_FILES = (b"multipart/", b"audio/", b"image/", b"video/", b"application/octet-stream")


@dataclass(frozen=True, slots=True, repr=False)
class Destination:
    """Where a service's calls go and what is said there of the caller.

    ``path`` has no trailing slash; ``request_fields`` are all names that pass from the caller,
    ``own_fields`` what the router says in every request to this service.
    """

    upstream: Upstream
    path: bytes
    credentials: tuple[Credential, ...]
    identity: Identity
    own_fields: tuple[tuple[bytes, bytes], ...]
    request_fields: frozenset[bytes]
    idempotent: bool


@dataclass(frozen=True, slots=True, repr=False)
class Service:
    """The policies of one (platform, service), in the order in which the gateway asks them.

    ``destination`` None: a plugin answers.

    ``subjects`` None: any caller. ``redactor`` None: privacy is off. ``masking`` None: answers
    pass unmasked. ``answers`` tells which response fields pass. ``metadata`` is the URL that tells
    where to get a token (RFC 9728), empty where the platform has none.
    """

    info: ServiceInfo
    labels: tuple[str, str]
    cors: CorsPolicy
    origins: OriginPolicy
    max_body: int
    auth_names: tuple[str, ...]
    auth: AuthChain
    metadata: bytes
    guarded_reads: bool
    checks_origin: bool
    scopes: frozenset[str]
    subjects: frozenset[str] | None
    limits: tuple[Rule, ...]
    limits_by_address: bool
    hooks: Hooks
    redactor: Redactor | None
    privacy_mode: Mode
    masking: Masking | None
    answers: FieldPolicy
    destination: Destination | None

    def reads_body(self, media_type: bytes | None) -> bool:
        """Whether a request body of this media type must be read whole before it is sent."""
        if self.redactor is not None or self.hooks.on_request_body:
            return True
        translates = self.masking is not None and self.masking.models.translates
        return translates and not is_file(media_type)


def is_json(media_type: bytes | None) -> bool:
    """Whether a ``Content-Type`` says JSON; none at all counts, since upstreams guess JSON too."""
    if media_type is None or media_type == b"application/json":
        return True
    essence = media_type.partition(b";")[0].strip().lower()
    return essence == b"application/json" or essence.endswith(b"+json")


def is_file(media_type: bytes | None) -> bool:
    """Whether a ``Content-Type`` says that no upstream will read JSON in the body."""
    if media_type is None or media_type == b"application/json":
        return False
    return media_type.lstrip().lower().startswith(_FILES)
