"""The same under TLS, whose transports cannot half-close."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from router.downstream.asgi import Receive, Scope, Send
from tests.downstream.conftest import Caller, Running, Serve, echo, eventually, respond

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def options(authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    certificate = authority.issue_cert("127.0.0.1")
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        certificate.private_key_pem.bytes()
        + b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    )
    return {"ssl_certfile": str(file), "ssl_keyfile": str(file)}


async def call(running: Running, authority: trustme.CA, data: bytes) -> Caller:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return await running.call(data, ssl=context, server_hostname="127.0.0.1")


async def test_scheme_and_keep_alive(
    serve: Serve, authority: trustme.CA, options: dict[str, str]
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, scope["scheme"].encode())

    running = await serve(app, **options)
    caller = await call(running, authority, GET + GET)
    for _ in range(2):
        assert (await caller.answer())[2] == b"https"


async def test_a_refusal_arrives_and_the_end_follows(
    serve: Serve, authority: trustme.CA, options: dict[str, str]
) -> None:
    running = await serve(echo, **options)
    caller = await call(running, authority, b"nonsense\r\n\r\n" + b"a" * 100_000)
    assert (await caller.answer())[0] == 400
    caller.leave()
    await eventually(lambda: not running.connections)


async def test_a_large_answer_is_bounded_and_whole(
    serve: Serve, authority: trustme.CA, options: dict[str, str]
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, b"a" * 4_000_000)

    running = await serve(app, **options)
    caller = await call(running, authority, GET)
    assert len((await caller.answer())[2]) == 4_000_000


@pytest.mark.parametrize("how", ["leave", "reset"])
async def test_a_caller_who_leaves_is_seen(
    serve: Serve, authority: trustme.CA, options: dict[str, str], how: str
) -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            seen.append("begun")
            await asyncio.Event().wait()
        finally:
            seen.append(scope["extensions"]["router"].disconnected)

    running = await serve(app, **options)
    caller = await call(running, authority, GET + GET)
    await eventually(lambda: seen == ["begun"])
    getattr(caller, how)()
    assert await eventually(lambda: seen == ["begun", True]) < 0.1
