"""Finds personal data in texts: memory first, then cheap refusal, then the finder in slices."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import secrets
import struct
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from router.errors import DownstreamError
from router.privacy.anchors import plain_digits
from router.privacy.engine.engine import Engine
from router.privacy.find.edges import plain_signs
from router.privacy.find.people.people import People
from router.privacy.kinds import Scope
from router.privacy.pieces import pieces
from router.privacy.prefilter import Prefilter
from router.privacy.slices import Slices
from router.privacy.spans import Span, resolve
from router.privacy.unavailable import PrivacyUnavailableError
from router.telemetry.logs import where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from router.privacy.find.finder import Finder

_log = logging.getLogger(__name__)

_KEY: Final = secrets.token_bytes(32)
"""Of the digests, so that nobody finds a text by trying: no digest is known outside."""

_FINDING: Final = struct.Struct("<IIHd")
"""Start and end in characters, the entity's number, the score: what is remembered of a finding."""

_REMEMBERED: Final = 16 << 10
_REMEMBERED_BYTES: Final = 1 << 10

_AGAIN: Final = 30.0
"""Seconds until loading is tried again."""

_LONG: Final = 32 << 10
"""Characters from which a text is looked through in pieces, so that no step takes long."""

_BEFORE: Final = 512
_BEHIND: Final = 4096
"""Characters that a piece sees of its neighbours: words before, and how long a finding may be."""

_TURN: Final = 64 << 10
"""Characters looked at before the loop has its turn; a text counts as some, however short."""

_EVERYTHING: Final = Scope()

_ANSWERS: Final = 256
"""Answers taken in before the loop has its turn."""

_ONE: Final = 64
"""What a text counts at least, in characters: what it costs to ask about an empty one."""


class Detector:
    """Finds ``entities`` that score at least ``threshold`` (0 to 1), at any service's wish fewer.

    None: the usual ones of ``scope``. Raises ValueError for an entity that nothing there finds.
    """

    def __init__(
        self,
        entities: Iterable[str] | None = None,
        *,
        threshold: float = 0.35,
        scope: Scope = _EVERYTHING,
    ) -> None:
        wanted = scope.usual if entities is None else frozenset(entities)
        if unknown := wanted - scope.known:
            raise ValueError(f"no recogniser finds {', '.join(sorted(unknown))}")
        self.entities = tuple(sorted(wanted))
        self._scope = scope
        self._numbers = {entity: number for number, entity in enumerate(self.entities)}
        self._threshold = threshold
        self._prefilter = Prefilter(wanted, scope)
        named = scope.names == "builtin" and "PERSON" in wanted
        self._people = People(threshold) if named else None
        self._memory = _Memory()
        self._slices = Slices()
        self._engine = Engine(scope.model, wanted, threshold) if scope.model else None
        self._finder: Finder | None = None
        self._loading: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether all is loaded: it takes seconds after :meth:`startup`."""
        return self._finder is not None and (self._engine is None or self._engine.ready)

    async def startup(self) -> None:
        """Begins to load the finder, and the language model; returns at once."""
        if self._engine is not None:
            self._engine.crew.start()
        self._loading = asyncio.get_running_loop().create_task(self._load())

    async def until_ready(self, timeout: float) -> None:  # noqa: ASYNC109  # a wait, nothing else
        """Returns when all is loaded; raises TimeoutError after ``timeout`` seconds."""
        async with asyncio.timeout(timeout):
            if self._loading is not None:
                await asyncio.shield(self._loading)
            if self._engine is not None:
                await self._engine.until_ready()

    async def shutdown(self) -> None:
        """Ends the model's processes; waits for a loading under way: a thread cannot be ended."""
        if self._engine is not None:
            await self._engine.crew.stop()
        if self._loading is not None:
            await asyncio.wait([self._loading])

    async def _load(self) -> None:
        """Loads the finder; tries again later where that fails, and says so."""
        while self._finder is None:
            try:
                self._finder = await asyncio.to_thread(
                    _loaded, self.entities, self._threshold, self._scope, self._people
                )
            except Exception as error:  # noqa: BLE001  # whatever it is, /ready waits for it
                _log.error("the detector of personal data did not load: %s", where(error))
                await asyncio.sleep(_AGAIN)

    def may_hold(self, text: str) -> bool:
        """Whether anything could be found in ``text``, or in a string of it if it is JSON.

        Microseconds, and errs on this side only.
        """
        if self._prefilter.may_hold(plain_signs(plain_digits(text))):
            return True
        if self._people is not None and self._people.may_hold(text):
            return True
        return self._engine is not None and self._engine.may_hold(text)

    def find(
        self, text: str, *, entities: frozenset[str] | None = None, threshold: float = 0.0
    ) -> list[Span]:
        """The findings in one short text, at once: what is looked at as it streams by.

        Raises PrivacyUnavailableError (503) where it could not be looked at.
        """
        if self._finder is None:
            raise PrivacyUnavailableError("loading")
        with _closed():
            found = self._finder.find(plain_signs(plain_digits(text)))
        return _chosen(found, entities, threshold)

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
            elif self._finder is not None or self.may_hold(question.text):
                unknown.append(question)
        if unknown:
            await self._examine(unknown, found)
        nothing: list[Span] = []
        chosen = [nothing] * len(texts)
        for number, (index, spans) in enumerate(found.items(), 1):
            chosen[index] = _chosen(spans, entities, threshold)
            if number % _ANSWERS == 0:
                await asyncio.sleep(0)
        return chosen

    def explained(self, text: str, context: str = "") -> list[tuple[Span, str]]:
        """All findings in one text with their recognisers' names: for operators, at once.

        Overlapping ones too, of every entity. PrivacyUnavailableError where it is not loaded.
        """
        if self._finder is None:
            raise PrivacyUnavailableError("loading")
        question = _Question(0, text, context)
        lead = question.lead
        return [
            (span._replace(start=span.start - lead, end=span.end - lead), name)
            for span, name in self._finder.explained(question.text)
            if span.start >= lead
        ]

    async def _examine(self, unknown: Sequence[_Question], found: dict[int, list[Span]]) -> None:
        finder = self._finder
        if finder is None:
            raise PrivacyUnavailableError("loading")
        size = sum(len(question.text) for question in unknown)
        spans: list[list[Span]] = []
        with _closed():
            await self._slices.run(_work(finder, unknown, spans), size)
        if self._engine is not None:
            named = await self._engine.find([question.text for question in unknown])
            spans = [[*some, *others] for some, others in zip(spans, named, strict=True)]
        numbers = self._numbers
        for number, (question, some) in enumerate(zip(unknown, spans, strict=True), 1):
            if number % _ANSWERS == 0:
                await asyncio.sleep(0)
            answer = b"".join(
                _FINDING.pack(start, end, numbers[entity], score)
                for start, end, entity, score in some
            )
            self._memory.put(question.digest, answer)
            self._add(found, question, answer)

    def _add(self, found: dict[int, list[Span]], question: _Question, answer: bytes) -> None:
        if answer:
            found.setdefault(question.index, []).extend(self._unpack(question.lead, answer))

    def _unpack(self, lead: int, answer: bytes) -> Iterator[Span]:
        for start, end, number, score in _FINDING.iter_unpack(answer):
            if start >= lead:
                yield Span(start - lead, end - lead, self.entities[number], score)


def _work(
    finder: Finder, questions: Iterable[_Question], found: list[list[Span]]
) -> Iterator[None]:
    """Adds what is found in each; yields wherever it may be left for a while."""
    for question in questions:
        spans: list[Span] = []
        found.append(spans)
        for text, offset, start, end in pieces(question.text, _LONG, _BEFORE, _BEHIND):
            for span in finder.steps(text):
                if span is None:
                    yield
                elif start <= span.start + offset < end:
                    spans.append(
                        span._replace(start=span.start + offset, end=span.end + offset)
                        if offset
                        else span
                    )
            yield


@contextmanager
def _closed() -> Iterator[None]:
    """Whatever goes wrong while a text is looked through: nothing passes unseen."""
    try:
        yield
    except PrivacyUnavailableError:
        raise
    except TimeoutError:
        raise PrivacyUnavailableError("overrun") from None
    except Exception as error:  # noqa: BLE001
        _log.error("personal data could not be looked for: %s", where(error))
        raise PrivacyUnavailableError("error") from None


def _loaded(
    entities: Iterable[str], threshold: float, scope: Scope, people: People | None
) -> Finder:
    """The finder, used once; imported here, since that takes a second or two and 100 MB."""
    from router.privacy.find.finder import SAMPLE, Finder  # noqa: PLC0415

    finder = Finder(entities, threshold, scope, people)
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
        self.digest = hashlib.blake2b(data, digest_size=16, key=_KEY).digest()


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
