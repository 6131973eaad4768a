"""Finds personal data in texts: cheap refusal first, then memory, then the worker process."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from router.errors import DownstreamError
from router.privacy.anchors import DEFAULT_ENTITIES, ENTITIES, Prefilter, plain_digits
from router.privacy.crew import Crew, CrewOptions
from router.privacy.segments import TARGET, Segment, segments
from router.privacy.spans import Span, resolve
from router.privacy.worker import FINDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_REMEMBERED: Final = 4096
_REMEMBERED_BYTES: Final = 1 << 10

_TURN: Final = 64 << 10
"""Characters looked through before the loop has its turn; a text counts as some, however short."""

_ANSWERS: Final = 512
"""Answers taken in before the loop has its turn."""

_ONE: Final = 64
"""What a text counts at least, in characters: what it costs to ask about an empty one."""


class Detector:
    """Finds ``entities`` that score at least ``threshold`` (0 to 1), at any service's wish fewer.

    ``budget`` is what one text (a piece of at most 8 KiB, mostly) may cost in CPU seconds,
    ``patience`` in seconds by the clock, waiting included. Raises ValueError for an entity that
    nothing finds.
    """

    def __init__(
        self,
        entities: Iterable[str] = DEFAULT_ENTITIES,
        *,
        threshold: float = 0.35,
        children: int = 2,
        budget: float = 1.0,
        patience: float = 10.0,
    ) -> None:
        self.entities = tuple(sorted(set(entities)))
        unknown = set(self.entities) - ENTITIES
        if unknown:
            raise ValueError(f"no recogniser finds {', '.join(sorted(unknown))}")
        self._prefilter = Prefilter(self.entities)
        self._memory = _Memory()
        self._crew = Crew(
            CrewOptions(
                entities=self.entities,
                threshold=threshold,
                children=children,
                budget=budget,
                patience=patience,
            )
        )

    @property
    def ready(self) -> bool:
        """Whether a worker is loaded: it takes seconds after :meth:`startup`."""
        return self._crew.ready

    async def startup(self) -> None:
        """Begins to load the worker; returns at once."""
        self._crew.start()

    async def until_ready(self, timeout: float) -> None:  # noqa: ASYNC109  # a wait, nothing else
        """Returns when a worker is loaded; raises TimeoutError after ``timeout`` seconds."""
        async with asyncio.timeout(timeout):
            await self._crew.loaded.wait()

    async def shutdown(self) -> None:
        """Ends the worker process and its children."""
        await self._crew.stop()

    def may_hold(self, text: str) -> bool:
        """Whether anything could be found in ``text``; microseconds, and errs on this side only."""
        return self._prefilter.may_hold(plain_digits(text))

    async def spans(
        self,
        texts: Sequence[str],
        *,
        contexts: Sequence[str] = (),
        entities: frozenset[str] | None = None,
        threshold: float = 0.0,
        max_text: int = 1 << 20,
    ) -> list[list[Span]]:
        """The findings in each text, in order and apart, of ``entities`` (None: all) alone.

        ``contexts``, where given, are the words that stand before each text (a member's name).
        Awaits a worker only for what neither the prefilter nor memory can answer. The lists are
        not to be changed: texts in which nothing is found share one. Raises DownstreamError (413)
        for more than ``max_text`` characters and InternalError (503, ``privacy_unavailable``)
        when a text could not be inspected: never a guess.
        """
        if sum(map(len, texts)) > max_text:
            raise DownstreamError(413, "the text is too long to be inspected for personal data")
        found: dict[int, list[Span]] = {}
        unknown: list[_Question] = []
        examined = 0
        for index, text in enumerate(texts):
            for piece in _pieces(text, contexts[index] if contexts else ""):
                examined += len(piece.text) + _ONE
                if examined > _TURN:
                    examined = 0
                    await asyncio.sleep(0)
                if not self._prefilter.may_hold(piece.text):
                    continue
                question = _Question(index, piece)
                answer = self._memory.get(question.digest)
                if answer is None:
                    unknown.append(question)
                else:
                    self._add(found, question, answer)
        if unknown:
            await self._ask(unknown, found)
        nothing: list[Span] = []
        chosen = [nothing] * len(texts)
        for number, (index, spans) in enumerate(found.items(), 1):
            chosen[index] = _chosen(spans, entities, threshold)
            if number % _ANSWERS == 0:
                await asyncio.sleep(0)
        return chosen

    async def _ask(self, unknown: Sequence[_Question], found: dict[int, list[Span]]) -> None:
        """Adds what the worker finds."""
        answers = await self._crew.run([question.data for question in unknown])
        for number, (question, answer) in enumerate(zip(unknown, answers, strict=True), 1):
            self._memory.put(question.digest, answer)
            self._add(found, question, answer)
            if number % _ANSWERS == 0:
                await asyncio.sleep(0)

    def _add(self, found: dict[int, list[Span]], question: _Question, answer: bytes) -> None:
        if answer:
            found.setdefault(question.index, []).extend(self._unpack(question.piece, answer))

    def _unpack(self, piece: Segment, answer: bytes) -> Iterator[Span]:
        for start, end, number, score in FINDING.iter_unpack(answer):
            if start >= piece.lead:
                offset = piece.offset
                yield Span(start + offset, end + offset, self.entities[number], score)


def _pieces(text: str, context: str) -> Iterable[Segment]:
    plain = plain_digits(text)
    if len(plain) > TARGET:
        return segments(plain)
    if context:
        return (Segment(f"{context} {plain}", -len(context) - 1, len(context) + 1),)
    return (Segment(plain, 0, 0),)


def _chosen(spans: list[Span], entities: frozenset[str] | None, threshold: float) -> list[Span]:
    """What a service asked for, resolved among itself: what it did not ask for hides nothing."""
    return resolve(
        span
        for span in spans
        if span.score >= threshold and (entities is None or span.entity in entities)
    )


class _Question:
    __slots__ = ("data", "digest", "index", "piece")

    def __init__(self, index: int, piece: Segment) -> None:
        self.index = index
        self.piece = piece
        self.data = piece.text.encode("utf-8", "surrogatepass")
        self.digest = hashlib.blake2b(self.data, digest_size=16).digest()


class _Memory:
    """The answers to the texts last asked about, by digest: offsets, never a text.

    Bounded in number, and each answer in bytes, so that a text made of findings fills nothing.
    """

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: OrderedDict[bytes, bytes] = OrderedDict()

    def get(self, digest: bytes) -> bytes | None:
        answer = self._answers.get(digest)
        if answer is not None:
            self._answers.move_to_end(digest)
        return answer

    def put(self, digest: bytes, answer: bytes) -> None:
        if len(answer) > _REMEMBERED_BYTES:
            return
        self._answers[digest] = answer
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
