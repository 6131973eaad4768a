"""Finds personal data in texts: memory first, then cheap refusal, then the finder in slices."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import struct
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from router.errors import DownstreamError
from router.privacy.anchors import DEFAULT_ENTITIES, ENTITIES, Prefilter, plain_digits
from router.privacy.find.edges import plain_signs
from router.privacy.slices import Slices
from router.privacy.spans import Span, resolve
from router.privacy.unavailable import PrivacyUnavailableError
from router.telemetry.logs import where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from router.privacy.find.finder import Finder

_log = logging.getLogger(__name__)

_FINDING: Final = struct.Struct("<IIHd")
"""Start and end in characters, the entity's number, the score: what is remembered of a finding."""

_REMEMBERED: Final = 16 << 10
_REMEMBERED_BYTES: Final = 1 << 10

_TURN: Final = 64 << 10
"""Characters looked at before the loop has its turn; a text counts as some, however short."""

_ONE: Final = 64
"""What a text counts at least, in characters: what it costs to ask about an empty one."""


class Detector:
    """Finds ``entities`` that score at least ``threshold`` (0 to 1), at any service's wish fewer.

    Raises ValueError for an entity that nothing finds.
    """

    def __init__(
        self, entities: Iterable[str] = DEFAULT_ENTITIES, *, threshold: float = 0.35
    ) -> None:
        self.entities = tuple(sorted(set(entities)))
        unknown = set(self.entities) - ENTITIES
        if unknown:
            raise ValueError(f"no recogniser finds {', '.join(sorted(unknown))}")
        self._numbers = {entity: number for number, entity in enumerate(self.entities)}
        self._threshold = threshold
        self._prefilter = Prefilter(self.entities)
        self._memory = _Memory()
        self._slices = Slices()
        self._finder: Finder | None = None
        self._loading: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether the finder is loaded: it takes seconds after :meth:`startup`."""
        return self._finder is not None

    async def startup(self) -> None:
        """Begins to load the finder; returns at once."""
        self._loading = asyncio.get_running_loop().create_task(self._load())

    async def until_ready(self, timeout: float) -> None:  # noqa: ASYNC109  # a wait, nothing else
        """Returns when the finder is loaded; raises TimeoutError after ``timeout`` seconds."""
        if self._loading is not None:
            await asyncio.wait_for(asyncio.shield(self._loading), timeout)

    async def shutdown(self) -> None:
        """Waits for a loading under way: a thread cannot be ended."""
        if self._loading is not None:
            await asyncio.wait([self._loading])

    async def _load(self) -> None:
        self._finder = await asyncio.to_thread(_loaded, self.entities, self._threshold)

    def may_hold(self, text: str) -> bool:
        """Whether anything could be found in ``text``; microseconds, and errs on this side only."""
        return self._prefilter.may_hold(plain_signs(plain_digits(text)))

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

        ``contexts``, where given, are the words that stand before each text (a member's name). The
        lists are not to be changed: texts in which nothing is found share one. Raises
        DownstreamError (413) for more than ``max_text`` characters and PrivacyUnavailableError
        (503) when a text could not be inspected: never a guess.
        """
        if sum(map(len, texts)) > max_text:
            raise DownstreamError(413, "the text is too long to be inspected for personal data")
        found: dict[int, list[Span]] = {}
        unknown: list[_Question] = []
        examined = 0
        for index, text in enumerate(texts):
            examined += len(text) + _ONE
            if examined > _TURN:
                examined = 0
                await asyncio.sleep(0)
            question = _Question(index, text, contexts[index] if contexts else "")
            answer = self._memory.get(question.digest)
            if answer is not None:
                self._add(found, question, answer)
            elif self._prefilter.may_hold(question.text):
                unknown.append(question)
        if unknown:
            await self._examine(unknown, found)
        nothing: list[Span] = []
        chosen = [nothing] * len(texts)
        for index, spans in found.items():
            chosen[index] = _chosen(spans, entities, threshold)
        return chosen

    async def _examine(self, unknown: Sequence[_Question], found: dict[int, list[Span]]) -> None:
        finder = self._finder
        if finder is None:
            raise PrivacyUnavailableError("loading")
        size = sum(len(question.text) for question in unknown)
        try:
            await self._slices.run(self._work(finder, unknown, found), size)
        except PrivacyUnavailableError:
            raise
        except TimeoutError:
            raise PrivacyUnavailableError("overrun") from None
        except Exception as error:  # noqa: BLE001  # whatever it is, nothing passes unseen
            _log.error("personal data could not be looked for: %s", where(error))
            raise PrivacyUnavailableError("error") from None

    def _work(
        self, finder: Finder, unknown: Iterable[_Question], found: dict[int, list[Span]]
    ) -> Iterator[None]:
        """Adds what is found and remembers it; yields wherever it may be left for a while."""
        for question in unknown:
            spans: list[Span] = []
            for span in finder.steps(question.text):
                if span is None:
                    yield
                else:
                    spans.append(span)
            numbers = self._numbers
            answer = b"".join(
                _FINDING.pack(start, end, numbers[entity], score)
                for start, end, entity, score in spans
            )
            self._memory.put(question.digest, answer)
            self._add(found, question, answer)
            yield

    def _add(self, found: dict[int, list[Span]], question: _Question, answer: bytes) -> None:
        if answer:
            found.setdefault(question.index, []).extend(self._unpack(question.lead, answer))

    def _unpack(self, lead: int, answer: bytes) -> Iterator[Span]:
        for start, end, number, score in _FINDING.iter_unpack(answer):
            if start >= lead:
                yield Span(start - lead, end - lead, self.entities[number], score)


def _loaded(entities: Iterable[str], threshold: float) -> Finder:
    """The finder, used once; imported here, since that takes a second or two and 100 MB."""
    from router.privacy.find.finder import SAMPLE, Finder  # noqa: PLC0415

    finder = Finder(entities, threshold)
    finder.find(SAMPLE)
    gc.collect()
    gc.freeze()  # what was imported stays: no collection need look at it again
    return finder


def _chosen(spans: list[Span], entities: frozenset[str] | None, threshold: float) -> list[Span]:
    """What a service asked for, resolved among itself: what it did not ask for hides nothing."""
    return resolve(
        span
        for span in spans
        if span.score >= threshold and (entities is None or span.entity in entities)
    )


class _Question:
    """A text to be looked at; ``lead``: characters of it that are only its context."""

    __slots__ = ("digest", "index", "lead", "text")

    def __init__(self, index: int, text: str, context: str) -> None:
        self.index = index
        plain = plain_signs(plain_digits(text))
        self.lead = len(context) + 1 if context else 0
        self.text = f"{context} {plain}" if context else plain
        data = self.text.encode("utf-8", "surrogatepass")
        self.digest = hashlib.sha256(data).digest()


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
