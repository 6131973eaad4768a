"""When a connection serves another request, and when it must not (RFC 9112 §9.3)."""

from __future__ import annotations

import asyncio

import pytest

from router.downstream.asgi import AnswerCut, Receive, Scope, Send
from router.downstream.limits import ProtocolLimits
from tests.downstream.conftest import Serve, echo, read_body, respond

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n"
OLD = b"GET /a HTTP/1.0\r\nHost: x\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("request_head", "stays"),
    [
        (GET, True),
        (GET + b"Connection: keep-alive\r\n", True),
        (GET + b"Connection: x, y\r\n", True),
        (GET + b"Connection: close\r\n", False),
        (GET + b"connection: x, CLOSE ,y\r\n", False),
        (GET + b"Connection: x\r\nConnection: close\r\n", False),
        (OLD, False),
        (OLD + b"Connection: Keep-Alive\r\n", True),
        (OLD + b"Connection: keep-alive, close\r\n", False),
        (GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n", False),
        (GET + b"Upgrade: h2c\r\nHTTP2-Settings: AA\r\n", False),
    ],
)
async def test_who_stays(serve: Serve, request_head: bytes, stays: bool) -> None:
    running = await serve(echo)
    caller = await running.call(request_head + b"\r\n")
    status, fields, body = await caller.answer()
    assert (status, body) == (200, b"GET /a? ")
    if stays:
        assert fields.get(b"connection") == (b"keep-alive" if b"1.0" in request_head else None)
        caller.send(request_head + b"\r\n")
        assert (await caller.answer())[2] == b"GET /a? "
    else:
        assert fields[b"connection"] == b"close"
        assert await caller.rest() == b""


@pytest.mark.parametrize("option", [b"Connection: close", b"Upgrade: x"])
async def test_nothing_behind_a_last_request_is_read(serve: Serve, option: bytes) -> None:
    running = await serve(echo)
    caller = await running.call(GET + option + b"\r\n\r\n" + GET + b"\r\n")
    await caller.answer()
    assert await caller.rest() == b""
    assert running.server.server_state.total_requests == 1


async def test_pipelined_requests_are_answered_in_order(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        await asyncio.sleep(0.02 if scope["raw_path"] == b"/0" else 0)
        await respond(send, scope["raw_path"] + body)

    running = await serve(app)
    requests = b"".join(
        b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n%d" % (n, n) for n in range(9)
    )
    caller = await running.call(requests)
    assert [(await caller.answer())[2] for _ in range(9)] == [b"/%d%d" % (n, n) for n in range(9)]
    assert running.server.server_state.total_requests == 9


async def test_what_is_wrong_behind_a_good_request_is_told_after_its_answer(serve: Serve) -> None:
    running = await serve(echo)
    caller = await running.call(GET + b"\r\n" + b"nonsense\r\n\r\n" + GET + b"\r\n")
    assert (await caller.answer())[0] == 200
    assert (await caller.answer())[0] == 400
    assert await caller.rest() == b""


async def early(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without a look at the body."""
    if scope["method"] == "POST":
        await respond(send, b"no", 401)
    else:
        await respond(send, b"next")


async def test_a_small_rest_of_a_body_is_skipped_and_never_read_as_a_request(serve: Serve) -> None:
    running = await serve(early)
    smuggled = GET + b"\r\n"
    caller = await running.call(POST + b"Content-Length: %d\r\n\r\n" % len(smuggled))
    status, fields, _ = await caller.answer()
    assert status == 401
    assert b"connection" not in fields
    caller.send(smuggled[:10])
    await asyncio.sleep(0.01)
    caller.send(smuggled[10:] + GET + b"\r\n")
    assert (await caller.answer())[2] == b"next"
    assert running.server.server_state.total_requests == 2


async def test_a_rest_that_does_not_come_ends_the_connection(serve: Serve) -> None:
    running = await serve(early, ProtocolLimits(linger_timeout=0.1))
    caller = await running.call(POST + b"Content-Length: 10\r\n\r\n")
    assert (await caller.answer())[0] == 401
    assert await caller.rest() == b""


async def test_an_answered_caller_who_leaves_gets_no_second_answer(serve: Serve) -> None:
    running = await serve(early)
    caller = await running.call(POST + b"Content-Length: 10\r\n\r\n")
    assert (await caller.answer())[0] == 401
    caller.writer.write_eof()
    assert await caller.rest() == b""


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 3000000",
        b"Transfer-Encoding: chunked",
        b"Content-Length: 10\r\nExpect: 100-continue",
    ],
)
async def test_a_long_unknown_or_uncertain_rest_closes(serve: Serve, framing: bytes) -> None:
    running = await serve(early)
    caller = await running.call(POST + framing + b"\r\n\r\n")
    status, fields, body = await caller.answer()
    assert (status, fields[b"connection"], body) == (401, b"close", b"no")
    caller.send(GET + b"\r\n")
    assert await caller.rest() == b""
    assert running.server.server_state.total_requests == 1


async def test_an_early_answer_reaches_a_caller_who_is_still_sending(serve: Serve) -> None:
    running = await serve(early)
    caller = await running.call(POST + b"Content-Length: 3000000\r\n\r\n" + b"a" * 3000000)
    assert (await caller.answer())[0] == 401
    assert await caller.rest() == b""


class TestExpectations:
    HEAD = POST + b"Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n"

    async def test_continue_is_told_when_the_body_is_wanted(self, serve: Serve) -> None:
        running = await serve(echo)
        caller = await running.call(self.HEAD)
        assert (await caller.head())[0] == 100
        caller.send(b"hello" + GET + b"\r\n")
        assert (await caller.answer())[2] == b"POST /a? hello"
        assert (await caller.answer())[2] == b"GET /a? "

    async def test_continue_is_not_told_to_a_caller_who_did_not_wait(self, serve: Serve) -> None:
        running = await serve(echo)
        caller = await running.call(self.HEAD + b"hello")
        assert (await caller.answer())[2] == b"POST /a? hello"

    async def test_continue_is_not_told_before_a_refusal(self, serve: Serve) -> None:
        running = await serve(early)
        caller = await running.call(self.HEAD)
        status, fields, _ = await caller.answer()
        assert (status, fields[b"connection"]) == (401, b"close")

    async def test_continue_is_not_told_to_1_0(self, serve: Serve) -> None:
        running = await serve(echo)
        caller = await running.call(self.HEAD.replace(b"HTTP/1.1", b"HTTP/1.0"))
        caller.send(b"hello")
        assert (await caller.answer())[2] == b"POST /a? hello"


class TestUnfinishedAnswers:
    """The caller must never take half an answer for a whole one."""

    START = {"type": "http.response.start", "status": 200, "headers": []}  # noqa: RUF012  never changed
    PIECE = {"type": "http.response.body", "body": b"half", "more_body": True}  # noqa: RUF012  never changed

    async def test_failure_before_the_head_is_a_problem(
        self, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            raise ValueError("the secret of " + scope["path"])

        running = await serve(app)
        caller = await running.call(GET + b"\r\n" + GET + b"\r\n")
        status, fields, body = await caller.answer()
        assert (status, fields[b"connection"]) == (500, b"close")
        assert b'"code":"internal_error"' in body
        assert b"secret" not in body
        assert await caller.rest() == b""
        assert "ValueError" in caplog.text
        assert "secret" not in caplog.text

    @pytest.mark.parametrize("method", [b"GET", b"POST"])
    async def test_no_answer_at_all_is_a_problem(self, serve: Serve, method: bytes) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            return

        running = await serve(app)
        caller = await running.call(
            method + b" /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
        )
        assert (await caller.answer())[0] == 500
        assert await caller.rest() == b""

    @pytest.mark.parametrize("field", [(b"a", b"b\r\nc: d"), (b"a\n", b"b"), (b"a", b"\0")])
    async def test_a_field_that_would_split_the_answer_is_a_problem(
        self, serve: Serve, field: tuple[bytes, bytes]
    ) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await respond(send, b"ok", 200, field)

        running = await serve(app)
        caller = await running.call(GET + b"\r\n")
        assert (await caller.answer())[0] == 500

    @pytest.mark.parametrize("end", ["return", "raise", "cut", "cancel"])
    @pytest.mark.parametrize("version", [b"1.1", b"1.0"])
    @pytest.mark.parametrize("sized", [False, True])
    async def test_failure_behind_the_head_is_no_clean_end(
        self, serve: Serve, end: str, version: bytes, sized: bool
    ) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            fields = [(b"content-length", b"8")] if sized else []
            await send({**self.START, "headers": fields})
            await send(self.PIECE)
            await asyncio.sleep(0.01)
            if end == "raise":
                raise ValueError
            if end == "cut":
                raise AnswerCut
            if end == "cancel":
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
                await asyncio.sleep(1)

        running = await serve(app)
        caller = await running.call(GET.replace(b"1.1", version) + b"\r\n")
        assert (await caller.head())[0] == 200
        data, reset = b"", False
        try:
            while piece := await asyncio.wait_for(caller.reader.read(100), 5):
                data += piece
        except ConnectionResetError:
            reset = True
        assert b"0\r\n\r\n" not in data
        assert b"half" in data or reset
        if version == b"1.0" and not sized:
            assert reset, "without framing only a reset is no clean end"

    async def test_a_body_longer_than_its_length_is_cut(self, serve: Serve) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({**self.START, "headers": [(b"content-length", b"6")]})
            await send(self.PIECE)
            await send(self.PIECE)

        running = await serve(app)
        caller = await running.call(GET + b"\r\n")
        await caller.head()
        assert len(await caller.rest()) < 6

    async def test_a_body_shorter_than_its_length_is_cut(self, serve: Serve) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({**self.START, "headers": [(b"content-length", b"6")]})
            await send({**self.PIECE, "more_body": False})

        running = await serve(app)
        caller = await running.call(GET + b"\r\n" + GET + b"\r\n")
        assert b"half" not in (await caller.rest()).split(b"\r\n\r\n", 1)[-1]

    async def test_an_answer_after_its_end_does_no_harm(self, serve: Serve) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await respond(send, b"done")
            await respond(send, b"again")

        running = await serve(app)
        caller = await running.call(GET + b"\r\n")
        assert (await caller.answer())[2] == b"done"
        caller.send(GET + b"\r\n")
        assert (await caller.answer())[2] == b"done"


@pytest.mark.parametrize("status", [200, 204, 304])
async def test_answers_without_a_body_leave_the_connection_in_step(
    serve: Serve, status: int
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"body", "more_body": True})
        await send({"type": "http.response.body", "body": b"body"})

    running = await serve(app)
    method = b"HEAD" if status == 200 else b"GET"
    caller = await running.call((method + b" /a HTTP/1.1\r\nHost: x\r\n\r\n") * 2)
    for _ in range(2):
        answered, fields = await caller.head()
        assert answered == status
        assert not {b"content-length", b"transfer-encoding"} & set(fields)


async def test_the_operators_fields_stand_on_every_answer(serve: Serve) -> None:
    running = await serve(echo, headers=[("X-A", "b")])
    running.server.server_state.default_headers = running.server.config.encoded_headers
    caller = await running.call(GET + b"\r\n")
    assert (await caller.answer())[1][b"x-a"] == b"b"
