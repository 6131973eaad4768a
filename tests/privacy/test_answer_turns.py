"""Answers that are searched go through in small steps, and others have their turn in between."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from router.exchange import ResponseHead
from router.phases.editing import SEARCHED_AT_ONCE, Editing, edit
from router.phases.outbound import Outbound
from router.privacy.redact import Redactor

if TYPE_CHECKING:
    from router.privacy.detector import Detector
    from router.privacy.redact import Answers

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Sizes:
    """A filter that lets all pass and notes in which round of the loop how much came."""

    def __init__(self) -> None:
        self.fed: list[int] = []
        self.round = 0
        self.rounds: list[int] = []

    def feed(self, data: bytes) -> bytes:
        self.fed.append(len(data))
        self.rounds.append(self.round)
        return data

    def flush(self) -> bytes:
        return b"!"

    async def count(self) -> None:
        while True:
            self.round += 1
            await asyncio.sleep(0)


class Caller:
    def __init__(self) -> None:
        self.body = b""
        self.whole = False

    async def answer(self, status: int, fields: object, body: bytes) -> None:
        self.body, self.whole = body, True

    async def start(self, status: int, fields: object) -> None: ...

    async def write(self, piece: bytes, *, more: bool) -> None:
        self.body += piece


class Upstream:
    def __init__(self, pieces: list[bytes], *, told: bool) -> None:
        length = (b"content-length", b"%d" % sum(map(len, pieces)))
        self.head = ResponseHead(200, [length] if told else [])
        self._pieces = pieces

    @property
    def complete(self) -> bool:
        return not self._pieces

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


async def sent(editing: Editing, pieces: list[bytes], *, told: bool) -> tuple[Caller, ResponseHead]:
    caller: Any = Caller()
    upstream: Any = Upstream(pieces, told=told)
    head = ResponseHead(200, [])
    rounds = asyncio.ensure_future(editing.text.count())  # type: ignore[attr-defined]
    await edit(caller, upstream, head, editing)
    rounds.cancel()
    return caller, head


@pytest.mark.parametrize(
    ("sizes", "told"), [([10_000], True), ([40_000], True), ([65_536], False), ([9_000] * 3, True)]
)
async def test_a_searched_answer_is_fed_in_small_steps(sizes: list[int], told: bool) -> None:
    text = Sizes()
    pieces = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    whole = b"".join(pieces)
    caller, head = await sent(Editing(None, text, SEARCHED_AT_ONCE), pieces, told=told)
    assert caller.body == whole + b"!"
    assert max(text.fed) <= 2048
    large = [number for number, size in zip(text.rounds, text.fed, strict=True) if size > 512]
    assert len(set(large)) == len(large)
    length = [(b"content-length", b"10001")] if len(whole) == 10_000 else []
    assert (caller.whole, head.fields) == (bool(length), length)


async def test_another_answer_is_fed_at_once() -> None:
    text = Sizes()
    caller, _ = await sent(Editing(None, text), [b"a" * 10_000], told=True)
    assert (caller.whole, text.fed) == (True, [10_000])


@pytest.mark.parametrize(
    ("answers", "most"), [("replace", 2048), ("observe", 2048), ("off", 16 * 1024)]
)
async def test_steps_are_small_where_answers_are_searched(
    detector: Detector, answers: Answers, most: int
) -> None:
    service: Any = SimpleNamespace(
        redactor=Redactor(detector, answers=answers),
        masking=None,
        hooks=SimpleNamespace(response_filter=[lambda _exchange, _head: Sizes()]),
    )
    exchange = SimpleNamespace(outcome=SimpleNamespace(entities={}))
    call: Any = SimpleNamespace(service=service, redaction=None, exchange=exchange)
    nothing: Any = None
    given = ResponseHead(200, [(b"content-type", b"text/plain")])
    outbound = Outbound(nothing, nothing)
    editing = outbound._editing(call, service, given, ResponseHead(200, []), {b"content-type"})
    assert editing is not None
    assert editing.at_once == most
