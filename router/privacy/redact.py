"""The request side: personal data that a caller sends gives way to placeholders."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, ParamSpec, Protocol, TypeVar

from router.body.encoding import codings_of, decode_whole
from router.errors import GatewayError
from router.privacy.bodies import BodyRules, Uninspectable
from router.privacy.placeholders import Placeholders
from router.privacy.quiet import Quiet
from router.privacy.report import blocked, count
from router.privacy.request import Request, Sent
from router.privacy.restore import Restorer
from router.privacy.selectors import Selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from router.privacy.parts import Inspected
    from router.privacy.spans import Span

Mode = Literal["restore", "replace", "block", "observe"]
P = ParamSpec("P")
T = TypeVar("T")

_LARGE: Final = 64 << 10
"""Bytes from which a body is taken apart in a thread, for the loop to have its turn."""


class Finder(Protocol):
    """What finds personal data: :class:`router.privacy.detector.Detector`."""

    def may_hold(self, text: str) -> bool:
        """Whether anything could be found in ``text``."""
        ...

    async def spans(
        self,
        texts: Sequence[str],
        *,
        contexts: Sequence[str] = (),
        entities: frozenset[str] | None = None,
        threshold: float = 0.0,
    ) -> list[list[Span]]:
        """The findings in each text, in order and apart."""
        ...


@dataclass(frozen=True, slots=True)
class Redaction:
    """A request as it may go on. ``counts`` is findings per entity; ``values`` is what to restore.

    ``decoded``: ``body`` is no longer in the content coding it came in; drop the field.
    """

    body: bytes
    query: bytes
    rest: bytes
    counts: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    decoded: bool = False

    def restorer(self) -> Restorer | None:
        """The editor that puts the values back into the answer; None when there are none."""
        return Restorer(self.values) if self.values else None

    def summary(self, mode: Mode) -> bytes:
        """The value of ``X-Privacy`` (``restore; EMAIL_ADDRESS=1``), empty if nothing was found."""
        if not self.counts:
            return b""
        found = ", ".join(f"{entity}={count}" for entity, count in sorted(self.counts.items()))
        return f"{mode}; {found}".encode()


class Redactor:
    """One service's policy. Immutable, shared by its requests.

    ``mode``: ``restore`` and ``replace`` put placeholders in, ``block`` refuses the request,
    ``observe`` counts and changes nothing. ``entities`` (None: all that ``detector`` finds) and
    ``threshold`` narrow what counts. ``uninspectable`` is what becomes of bodies that cannot be
    read; ``keys``: member names are looked at; ``skip``: paths of strings that are never text.
    A ``secret`` makes numbers the same in every request, for upstreams that remember.
    ``max_body`` bounds a decoded body, in bytes.
    """

    def __init__(
        self,
        detector: Finder,
        *,
        mode: Mode = "restore",
        entities: Iterable[str] | None = None,
        threshold: float = 0.35,
        uninspectable: Uninspectable = "block",
        secret: bytes = b"",
        keys: bool = True,
        skip: Iterable[str] = (),
        max_body: int = 10 << 20,
    ) -> None:
        self.mode: Final = mode
        self._detector = detector
        self._entities = None if entities is None else frozenset(entities)
        self._threshold = threshold
        self._secret = secret
        self._max_body = max_body
        self._rules = BodyRules(Selectors(skip), Quiet(detector.may_hold), uninspectable, keys)

    async def redact(
        self,
        body: bytes,
        content_type: bytes | None = None,
        content_encoding: bytes | None = None,
        query: bytes = b"",
        rest: bytes = b"",
        *,
        tenant: str = "",
    ) -> Redaction:
        """The request with personal data taken out of its path, query and body.

        ``tenant`` (a principal's id) keeps the numbers of a remembering upstream apart. Raises
        DownstreamError (400, 413, 415; 422 ``pii_blocked`` in mode ``block``) and InternalError
        (503 ``privacy_unavailable``); in mode ``observe`` only what it could not look at is
        not counted.
        """
        sent = Sent(body, content_type or b"", content_encoding or b"", query, rest)
        try:
            return await self._redact(sent, tenant)
        except GatewayError:
            if self.mode != "observe":
                raise
            return Redaction(body, query, rest)

    async def _redact(self, sent: Sent, tenant: str) -> Redaction:
        plain = sent.body
        if codings_of(sent.coding):
            plain = await asyncio.to_thread(decode_whole, plain, sent.coding, self._max_body)
        large = len(plain) > _LARGE
        request = await _run(large, Request, self._rules, sent, plain)
        found = await self._find(request.items)
        counts = count(found)
        if self.mode == "observe":
            return Redaction(sent.body, sent.query, sent.rest, counts)
        decoded = plain is not sent.body
        if not counts:
            return Redaction(plain, sent.query, sent.rest, decoded=decoded)
        if self.mode == "block":
            raise blocked(request.items, found)
        placeholders = Placeholders(secret=self._secret, tenant=tenant)
        parts = await _run(large, request.redacted, found, placeholders)
        values = placeholders.values if self.mode == "restore" else {}
        return Redaction(*parts, counts, values, decoded)

    async def _find(self, items: Sequence[Inspected]) -> list[list[Span]]:
        return await self._detector.spans(
            [item.text for item in items],
            contexts=[item.context for item in items],
            entities=self._entities,
            threshold=self._threshold,
        )


async def _run(
    large: bool,  # noqa: FBT001  # a ParamSpec leaves no room for a keyword of our own
    work: Callable[P, T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    if large:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)
