"""What is let in, whatever it says of itself: methods, origins, lengths, packed bodies."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from typing import TYPE_CHECKING

import pytest

from router.downstream.limits import ProtocolLimits
from router.testing import Received, answer, read_body
from tests.talk import ORIGIN, api, chunk, request
from tests.threats.wire import ask, assert_problem, calling, until
from tests.world import CONFIG, World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.downstream.asgi import BodyMemory
    from router.testing import Handler

SERVICES = """
  local: {upstream: origin, path: /local, auth: [], check_origin: true}
  small: {upstream: origin, path: /small, auth: [], max_body: 100kB}
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    config = CONFIG.rstrip() + SERVICES
    config = config.replace("max_inspected_body: 64KiB", "max_inspected_body: 4MiB")
    config = config.replace("server:\n", "server:\n  body_memory: 6MiB\n")
    with world(tmp_path_factory.mktemp("data"), config, ProtocolLimits()) as running:
        yield running


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()
    until(lambda: memory(shared).held == 0)


def memory(here: World) -> BodyMemory:
    return here.router.router.gateway.admission._memory


# Methods and origins


@pytest.mark.parametrize("service", ["open", "signed-in"])
def test_options_that_is_no_preflight_is_a_method_like_any_other(here: World, service: str) -> None:
    before = len(here.origin.requests)
    raw = request(api(service), "Access-Control-Request-Method: POST", method="OPTIONS")
    assert_problem(ask(here, raw), 405)
    assert len(here.origin.requests) == before


def test_a_preflight_is_judged_by_the_method_it_asks_for(here: World) -> None:
    lines = (f"Origin: {ORIGIN}", "Access-Control-Request-Method: GET")
    assert ask(here, request(api("reading"), *lines, method="OPTIONS"), "OPTIONS").status == 204
    assert_problem(ask(here, request(api("hooked"), *lines, method="OPTIONS")), 405)


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://localhost:8080", "localhost:8080", 200),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", 200),
        ("http://localhost:8080", "127.0.0.1:8080", 403),
        ("https://evil.example", "evil.example", 403),
        ("https://lanonasis.com", "router", 200),
    ],
)
def test_a_page_of_this_machine_may_call_the_address_it_came_from(
    here: World, origin: str, host: str, status: int
) -> None:
    raw = request(api("local"), f"Origin: {origin}", body=b"{}", host=host)
    assert ask(here, raw).status == status


# Lengths


def test_a_body_of_unknown_length_is_bounded_while_it_streams(here: World) -> None:
    heard: list[Received] = []
    here.origin.handler = keeping(heard)
    raw = request(api("small"), "Transfer-Encoding: chunked", body=b"")
    with calling(here, raw) as caller:
        for _ in range(4):
            caller.send(chunk(bytes(20_000)))
        until(lambda: heard)
        caller.send(chunk(bytes(20_001)) + chunk(b""))
        assert_problem(caller.answer(), 413)
    until(lambda: heard[0].one("aborted"))
    assert not heard[0].complete


def test_one_at_the_limit_goes_through_and_takes_no_memory(here: World) -> None:
    raw = request(api("small"), "Transfer-Encoding: chunked", body=b"")
    with calling(here, raw) as caller:
        caller.send(chunk(bytes(50_000)))
        until(lambda: here.origin.requests[-1].target == "/small")
        assert memory(here).held == 0
        caller.send(chunk(bytes(50_000)) + chunk(b""))
        assert caller.answer().status == 200
    assert len(here.origin.requests[-1].body) == 100_000


def keeping(heard: list[Received]) -> Handler:
    """Reads a body, and notes as a field where it is broken off."""

    async def handle(
        got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        heard.append(got)
        try:
            await read_body(got, reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            got.fields.append(("aborted", "yes"))
            raise
        writer.write(answer())

    return handle


# Packed bodies


def packed(said: object) -> bytes:
    body = gzip.compress(json.dumps(said).encode())
    return request(api("masked"), "Content-Encoding: gzip", body=body)


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_packed_body_is_unpacked_for_who_must_read_it(here: World, size: int) -> None:
    said = {"model": "onasis-chat", "text": "a" * size}
    assert ask(here, packed(said)).status == 200
    got = here.origin.requests[-1]
    assert json.loads(got.body) == said | {"model": "gpt-4o-mini"}
    assert got.one("content-encoding") is None


def test_what_packed_bodies_become_counts_as_memory(here: World) -> None:
    """Of six MiB, one unpacked to three leaves too little for another."""
    heard: list[Received] = []
    go = threading.Event()

    async def holding(
        got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await read_body(got, reader)
        heard.append(got)
        await asyncio.to_thread(go.wait, 10)
        writer.write(answer())
        await writer.drain()

    here.origin.handler = holding
    large = packed({"text": "a" * 3_000_000})
    with calling(here, large) as first:
        until(lambda: heard)
        assert 3_000_000 < memory(here).held < 3_200_000
        refused = ask(here, large)
        assert_problem(refused, 503)
        assert b'"overloaded"' in refused.body
        go.set()
        assert first.answer().status == 200


def test_a_packed_body_over_the_limit_is_413(here: World) -> None:
    assert_problem(ask(here, packed({"text": "a" * 5_000_000})), 413)
