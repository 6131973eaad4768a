"""The request side: personal data that a caller sends gives way to placeholders."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import partial
from typing import (
    TYPE_CHECKING,
    Final,
    Literal,
    NamedTuple,
    ParamSpec,
    Protocol,
    TypeVar,
    runtime_checkable,
)

from router.errors import DownstreamError, GatewayError
from router.privacy.answers import AnswerEditor
from router.privacy.bodies import BodyRules, Opaque
from router.privacy.documents import Numbers
from router.privacy.modes import NOTHING, Mode, Modes, OwnMode
from router.privacy.placeholders import Placeholders
from router.privacy.quiet import Quiet
from router.privacy.report import blocked, count, shapes
from router.privacy.request import Request, Sent
from router.privacy.selectors import Selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from router.body.filters import Editor
    from router.exchange import Fields
    from router.privacy.spans import Span

Answers = Literal["replace", "observe", "off"]
P = ParamSpec("P")
T = TypeVar("T")


class Finder(Protocol):
    """What finds personal data: :class:`router.privacy.detector.Detector`."""

    def may_hold(self, text: str) -> bool:
        """Whether anything could be found in ``text``."""
        ...

    def find(
        self, text: str, *, entities: frozenset[str] | None = None, threshold: float = 0.0
    ) -> list[Span]:
        """The findings in one short text, at once, in order and apart."""
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


@runtime_checkable
class Explains(Protocol):
    """A finder that can say which recogniser found what."""

    def explained(self, text: str, context: str = "") -> list[tuple[Span, str]]:
        """All findings in one text, unresolved, each with a recogniser's name."""
        ...


@dataclass(frozen=True, slots=True)
class Redaction:
    """A request as it may go on. ``counts``: findings per entity; ``values``: what to restore.

    ``modes`` are those of entities that have one of their own; ``shapes`` what findings look like
    that were only counted, never what they are.
    """

    body: bytes
    query: bytes
    rest: bytes
    fields: Fields
    counts: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, OwnMode] = field(default_factory=dict)
    shapes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def summary(self, mode: Mode) -> bytes:
        """The value of ``X-Privacy`` (``restore; EMAIL_ADDRESS=1``), empty if nothing was found.

        ``mode`` is the service's own.
        """
        return Modes(mode, self.modes, self.counts).summary(self.counts)


class Inspection(NamedTuple):
    """What was found in a request, item by item, empty where nothing was looked for.

    ``found`` is acted on, ``seen`` is counted only.
    """

    request: Request
    found: list[list[Span]]
    seen: list[list[Span]]


class Redactor:
    """One service's policy. Immutable, shared by its requests.

    ``mode``: ``restore`` and ``replace`` put placeholders in, ``block`` refuses the request,
    ``observe`` counts and changes nothing; ``modes`` says otherwise for single entities.
    ``answers`` is what becomes of what an upstream writes itself. ``entities`` (None: all that
    ``detector`` finds) and ``threshold`` narrow what counts.
    ``uninspectable`` is what becomes of bodies and
    files that cannot be read, ``media`` of images, audio and video among them (None: the same);
    ``keys``: member names are looked at; ``numbers``: which JSON numbers are; ``only`` and
    ``skip``: the places that are looked at (:class:`router.privacy.selectors.Selectors`).
    A ``secret`` makes numbers the same in every request, for upstreams that remember.
    ``max_text`` bounds what is looked through, in characters; twice that bounds it with the words
    before each text, which are looked through with it.
    """

    def __init__(
        self,
        detector: Finder,
        *,
        mode: Mode = "restore",
        modes: Mapping[str, OwnMode] | None = None,
        answers: Answers = "off",
        entities: Iterable[str] | None = None,
        threshold: float = 0.35,
        uninspectable: Opaque = "block",
        media: Opaque | None = None,
        secret: bytes = b"",
        keys: bool = True,
        numbers: Numbers = "telling",
        only: Iterable[str] = (),
        skip: Iterable[str] = (),
        max_text: int = 1 << 20,
    ) -> None:
        self._special: Final = dict(modes or {})
        self._modes = Modes(mode, modes, entities)
        self._entities = self._modes.looked_for
        self._answers: Final = answers
        self._detector = detector
        self._threshold = threshold
        self._secret = secret
        self._max_text = max_text
        self._rules = BodyRules(
            Selectors(only, skip),
            Quiet(detector.may_hold),
            media=media or uninspectable,
            other=uninspectable,
            keys=keys,
            numbers=numbers,
        )

    def answer_editor(self, inner: Editor | None, counts: dict[str, int]) -> Editor | None:
        """``inner``, and round it what looks for personal data in an answer if that is asked for.

        ``counts`` is added to, per entity.
        """
        if self._answers == "off":
            return inner
        find = partial(self._detector.find, entities=self._entities, threshold=self._threshold)
        return AnswerEditor(inner, find, counts, replace=self._answers == "replace")

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
            if self._modes.acting != NOTHING:
                raise
            return Redaction(body, query, rest, list(fields))

    async def inspect(self, sent: Sent) -> Inspection:
        """What is found in a request; raises what :meth:`redact` raises, but for ``block``."""
        large = sent.is_large
        request = await _run(large, Request, self._rules, sent)
        found = await self._find(request, self._modes.acting, large=large)
        blocked = await self._find(request, self._modes.blocked, large=large)
        if any(blocked):
            found = await _run(large, _over, blocked, found)
        seen = await self._find(request, self._modes.observed, large=large)
        if any(found) and any(seen):
            seen = await _run(large, _beside, seen, found)
        return Inspection(request, found, seen)

    @property
    def detector(self) -> Finder:
        """What finds for this service, its own lists included."""
        return self._detector

    @property
    def searches_answers(self) -> bool:
        """Whether personal data is looked for in what an upstream writes."""
        return self._answers != "off"

    def mode_of(self, entity: str) -> OwnMode:
        """What becomes of findings of ``entity``."""
        return self._modes.of(entity)

    def placeholders(self, tenant: str) -> Placeholders:
        """The map of a new request of ``tenant``."""
        return Placeholders(secret=self._secret, tenant=tenant)

    async def _redact(self, sent: Sent, tenant: str) -> Redaction:
        large = sent.is_large
        request, found, seen = await self.inspect(sent)
        counts = await _run(large, count, [*found, *seen])
        looks = shapes(request.items, seen) if any(seen) else {}
        if any(found):
            self._refuse(request, found, counts)
            placeholders = self.placeholders(tenant)
            parts = await _run(large, request.redacted, found, placeholders)
            values = placeholders.values_of(lambda one: self._modes.of(one) == "restore")
            return Redaction(*parts, counts, values, self._special, looks)
        fields = list(sent.fields) if self._modes.acting == NOTHING else request.fields
        return Redaction(sent.body, sent.query, sent.rest, fields, counts, {}, self._special, looks)

    def _refuse(self, request: Request, found: list[list[Span]], counts: Mapping[str, int]) -> None:
        """Raises where a finding's mode is ``block``."""
        if any(self._modes.of(entity) == "block" for entity in counts):
            raise blocked(
                request.items, found, counts, lambda entity: self._modes.of(entity) == "block"
            )

    async def _find(
        self, request: Request, entities: frozenset[str] | None, *, large: bool
    ) -> list[list[Span]]:
        if entities == NOTHING:
            return []
        found = await self._spans(request.texts, request.contexts, entities)
        if not request.spelt:
            return found
        texts = [spelling.text for _, spelling in request.spelt]
        contexts = [request.contexts[number] for number, _ in request.spelt]
        spelt = await self._spans(texts, contexts, entities)
        return await _run(large, request.joined, found, spelt)

    async def _spans(
        self, texts: Sequence[str], contexts: Sequence[str], entities: frozenset[str] | None
    ) -> list[list[Span]]:
        if sum(map(len, texts)) + sum(map(len, contexts)) > 2 * self._max_text:
            raise DownstreamError(413, "the text is too long to be inspected for personal data")
        return await self._detector.spans(
            texts,
            contexts=contexts,
            entities=entities,
            threshold=self._threshold,
            max_text=self._max_text,
        )


def _over(blocked: list[list[Span]], found: list[list[Span]]) -> list[list[Span]]:
    """What is ``blocked``, and of what was ``found`` what is no part of that."""
    return [
        sorted([*first, *others])
        for first, others in zip(blocked, _beside(found, blocked), strict=True)
    ]


def _beside(seen: list[list[Span]], found: list[list[Span]]) -> list[list[Span]]:
    """What was ``seen`` and is no part of what was ``found``, which is no longer there."""
    return [
        [span for span in spans if not _touches(span, taken)]
        for spans, taken in zip(seen, found, strict=True)
    ]


def _touches(span: Span, taken: Sequence[Span]) -> bool:
    at = bisect_right(taken, span.start, key=_end)
    return at < len(taken) and taken[at].start < span.end


def _end(span: Span) -> int:
    return span.end


async def _run(
    large: bool,  # noqa: FBT001  # a ParamSpec leaves no room for a keyword of our own
    work: Callable[P, T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    if large:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)
