"""What the phases read and send goes by the cycle itself, without ASGI's messages."""

from __future__ import annotations

import pytest

from router.downstream.answer import AnswerError
from router.downstream.asgi import BodyMemory, Downstream, Receive, Scope, Send
from tests.downstream.conftest import Serve, eventually

LENGTH = b"content-length"


class Mirror:
    """Answers with the body it was sent, all of it at once."""

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        memory = BodyMemory(1 << 23)
        downstream = Downstream(scope, memory)
        body = await downstream.read_all(1 << 23)
        assert memory.held == len(body)
        fields = [(LENGTH, b"%d" % len(body))]
        await downstream.answer(200, fields, b"" if scope["method"] == "HEAD" else body)
        downstream.release()
        assert memory.held == 0


@pytest.mark.parametrize("size", [1, 16_384, 16_385, 65_536, 65_537, 3_000_000])
async def test_a_body_comes_and_goes_whole_and_the_connection_stays(
    serve: Serve, size: int
) -> None:
    caller = await (await serve(Mirror())).call()
    for _ in range(2):
        body = bytes(range(256)) * (size // 256) + b"a" * (size % 256)
        caller.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + body)
        assert (await caller.answer())[2] == body
    caller.send(b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    caller.send(b"%x\r\n%b\r\n" % (size, body))
    caller.send(b"0\r\n\r\n")
    assert (await caller.answer())[2] == body


async def test_no_body_is_an_empty_one(serve: Serve) -> None:
    caller = await (await serve(Mirror())).call(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await caller.answer())[2] == b""
    caller.send(b"HEAD /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
    assert dict((await caller.head())[1])[LENGTH] == b"5"
    caller.send(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await caller.answer())[0] == 200


async def test_what_must_not_be_sent_leaves_the_answer_unsent(serve: Serve) -> None:
    raised: list[bool] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        downstream = Downstream(scope, BodyMemory(0))
        with pytest.raises(AnswerError):
            await downstream.answer(200, [(b"x-a", b"b\r\nc: d")], b"hello")
        with pytest.raises(AnswerError):
            await downstream.answer(200, [(LENGTH, b"4")], b"hello")
        assert downstream.recall()
        await downstream.answer(500, [(LENGTH, b"2")], b"no")
        raised.append(True)

    caller = await (await serve(app)).call(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    status, _, body = await caller.answer()
    assert (status, body) == (500, b"no")
    await eventually(lambda: raised == [True])


async def test_a_caller_who_reads_late_gets_a_large_answer_whole(serve: Serve) -> None:
    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        downstream = Downstream(scope, BodyMemory(0))
        await downstream.answer(200, [(LENGTH, b"%d" % (8 << 20))], bytes(8 << 20))

    running = await serve(app)
    caller = await running.call(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", limit=4096)
    await eventually(lambda: running.connections[0].outlet.write_paused)
    assert (await caller.head())[0] == 200
    assert await caller.reader.readexactly(8 << 20) == bytes(8 << 20)
