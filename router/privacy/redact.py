"""The request side: personal data that a caller sends gives way to placeholders."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, ParamSpec, Protocol, TypeVar

from router.errors import GatewayError
from router.privacy.bodies import BodyRules, Uninspectable
from router.privacy.placeholders import Placeholders
from router.privacy.quiet import Quiet
from router.privacy.report import blocked, count
from router.privacy.request import Request, Sent
from router.privacy.selectors import Selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from router.exchange import Fields
    from router.privacy.spans import Span

Mode = Literal["restore", "replace", "block", "observe"]
P = ParamSpec("P")
T = TypeVar("T")


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
        max_text: int = 1 << 20,
    ) -> list[list[Span]]:
        """The findings in each text, in order and apart."""
        ...


@dataclass(frozen=True, slots=True)
class Redaction:
    """A request as it may go on. ``counts``: findings per entity; ``values``: what to restore."""

    body: bytes
    query: bytes
    rest: bytes
    fields: Fields
    counts: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

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
    ``max_text`` bounds what is looked through, in characters.
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
        max_text: int = 1 << 20,
    ) -> None:
        self.mode: Final = mode
        self._detector = detector
        self._entities = None if entities is None else frozenset(entities)
        self._threshold = threshold
        self._secret = secret
        self._max_text = max_text
        self._rules = BodyRules(Selectors(skip), Quiet(detector.may_hold), uninspectable, keys)

    async def redact(
        self,
        body: bytes,
        content_type: bytes | None = None,
        query: bytes = b"",
        rest: bytes = b"",
        *,
        fields: Sequence[tuple[bytes, bytes]] = (),
        tenant: str = "",
    ) -> Redaction:
        """The request with personal data taken out of its path, query, body and ``fields``.

        ``body`` is in no content coding; ``fields`` are the caller's lines that are to be sent,
        names in lower case. ``tenant`` (a principal's id) keeps the numbers of a remembering
        upstream apart. Raises DownstreamError (400, 413, 415; 422 ``pii_blocked`` in mode
        ``block``, and for a precondition with a finding) and InternalError (503
        ``privacy_unavailable``); in mode ``observe`` only what it could not look at is not counted.
        """
        sent = Sent(body, content_type or b"", query, rest, fields)
        try:
            return await self._redact(sent, tenant)
        except GatewayError:
            if self.mode != "observe":
                raise
            return Redaction(body, query, rest, list(fields))

    async def _redact(self, sent: Sent, tenant: str) -> Redaction:
        large = sent.is_large
        request = await _run(large, Request, self._rules, sent)
        found = await self._find(request, large=large)
        counts = count(found)
        if self.mode == "observe":
            return Redaction(sent.body, sent.query, sent.rest, list(sent.fields), counts)
        if not counts:
            return Redaction(sent.body, sent.query, sent.rest, request.fields)
        if self.mode == "block":
            raise await _run(large, blocked, request.items, found)
        placeholders = Placeholders(secret=self._secret, tenant=tenant)
        parts = await _run(large, request.redacted, found, placeholders)
        values = placeholders.values if self.mode == "restore" else {}
        return Redaction(*parts, counts, values)

    async def _find(self, request: Request, *, large: bool) -> list[list[Span]]:
        found = await self._spans(request.texts, request.contexts)
        if not request.spelt:
            return found
        texts = [spelling.text for _, spelling in request.spelt]
        contexts = [request.contexts[number] for number, _ in request.spelt]
        return await _run(large, request.joined, found, await self._spans(texts, contexts))

    async def _spans(self, texts: Sequence[str], contexts: Sequence[str]) -> list[list[Span]]:
        return await self._detector.spans(
            texts,
            contexts=contexts,
            entities=self._entities,
            threshold=self._threshold,
            max_text=self._max_text,
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
