"""A caller who leaves stops the upstream within 100 ms, whatever was going on."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

import pytest

from router.testing import Received, answer, read_body
from tests.talk import CHUNKS, api, call, chunk, delta, metric, request, sse
from tests.threats.wire import Caller, ask, until
from tests.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 0.1
"""Seconds within which the upstream has to be stopped."""

UPLOAD = request(api("open"), "Content-Length: 900000000", method="POST")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()


class Watch:
    """An origin's handler that works (answers without end, or reads) and notes when it is left."""

    def __init__(self, pieces: bytes = b"", *, endless: bool = False, reads: bool = False) -> None:
        self.begun = threading.Event()
        self.left = threading.Event()
        self.at = 0.0
        self.pieces = 0
        self._pieces, self._endless, self._reads = pieces, endless, reads

    async def __call__(
        self, got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if not self._reads:
            await read_body(got, reader)
        writer.write(self._pieces)
        self.begun.set()
        try:
            if self._endless:
                while True:
                    writer.write(chunk(bytes(65536)))
                    await writer.drain()
                    self.pieces += 1
                    await asyncio.sleep(0)
            while await reader.read(65536):
                pass
        except ConnectionError:
            pass
        self.at = time.monotonic()
        self.left.set()
        writer.close()

    def stands_still(self) -> bool:
        """Whether nothing more is taken from the upstream."""
        before = self.pieces
        time.sleep(0.05)
        return 0 < before == self.pieces

    def took(self, since: float) -> float:
        assert self.left.wait(5), "the upstream was never stopped"
        return self.at - since


def leave(sock: socket.socket, how: str) -> float:
    """Ends the connection; the time it was done."""
    if how == "reset":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    now = time.monotonic()
    if how == "half-close":
        sock.shutdown(socket.SHUT_WR)
    else:
        sock.close()
    return now


HOW = pytest.mark.parametrize("how", ["close", "reset", "half-close"])
SERVICES = ["open", "masked", "private"]


@HOW
@pytest.mark.parametrize("service", SERVICES)
def test_while_the_upstream_thinks(here: World, service: str, how: str) -> None:
    watch = here.origin.handler = Watch()
    before = metric(here, "disconnects", "lanonasis", service)
    with here.connect() as sock:
        sock.sendall(call(service, {}))
        assert watch.begun.wait(5)
        assert watch.took(leave(sock, how)) < AT_ONCE
    until(lambda: metric(here, "disconnects", "lanonasis", service) == before + 1)
    until(lambda: metric(here, "in_flight") == 0)


@HOW
@pytest.mark.parametrize("service", SERVICES)
def test_in_the_middle_of_a_stream(here: World, service: str, how: str) -> None:
    began = CHUNKS % b"text/event-stream" + chunk(sse(delta("a b. ")))
    watch = here.origin.handler = Watch(began)
    before = metric(here, "disconnects", "lanonasis", service)
    with here.connect() as sock:
        sock.sendall(call(service, {}))
        caller = Caller(sock)
        assert caller._head()[0] == 200
        caller._until(b"\n\n")
        assert watch.took(leave(sock, how)) < AT_ONCE
    until(lambda: metric(here, "disconnects", "lanonasis", service) == before + 1)


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("media_type", [b"audio/mpeg", b"text/plain"])
@pytest.mark.parametrize("reads", [True, False])
def test_in_the_middle_of_a_download(here: World, media_type: bytes, reads: bool, how: str) -> None:
    """Also where the caller has not read for so long that every buffer on the way is full."""
    watch = here.origin.handler = Watch(CHUNKS % media_type, endless=True)
    with here.connect() as sock:
        sock.sendall(call("masked", {}))
        caller = Caller(sock)
        assert caller._head()[0] == 200
        if reads:
            caller._take(1_000_000)
        else:
            until(watch.stands_still)
        assert watch.took(leave(sock, how)) < AT_ONCE


@HOW
@pytest.mark.parametrize("sent", [0, 1000, 3_000_000])
def test_during_an_upload(here: World, sent: int, how: str) -> None:
    watch = here.origin.handler = Watch(reads=True)
    with here.connect() as sock:
        sock.sendall(UPLOAD + bytes(sent))
        assert watch.begun.wait(5)
        assert watch.took(leave(sock, how)) < AT_ONCE
    assert not here.origin.requests[-1].complete


def test_during_an_upload_that_is_kept_for_inspection(here: World) -> None:
    raw = request(api("private"), "Content-Length: 50000", method="POST") + b'"' + b"a" * 30_000
    memory = here.router.router.gateway.admission._memory
    before = len(here.origin.requests)
    with here.connect() as sock:
        sock.sendall(raw)
        until(lambda: memory.held > 30_000)
    until(lambda: memory.held == 0)
    assert len(here.origin.requests) == before, "half a request is never sent on"


@HOW
@pytest.mark.parametrize("behind", [call("open", {}), call("open", {})[:20]])
def test_with_further_requests_sent_already(here: World, behind: bytes, how: str) -> None:
    watch = here.origin.handler = Watch()
    before = len(here.origin.requests)
    with here.connect() as sock:
        sock.sendall(call("open", {}) + behind)
        assert watch.begun.wait(5)
        assert watch.took(leave(sock, how)) < AT_ONCE
    here.origin.handler = None
    assert ask(here, call("open", {})).status == 200
    assert len(here.origin.requests) == before + 2, "what was pipelined is not begun"


def test_a_caller_who_left_stands_in_the_log_as_such(here: World) -> None:
    def lines() -> list[dict[str, object]]:
        told = [json.loads(one) for one in here.router.log.getvalue().splitlines()]
        return [one for one in told if one.get("service") == "reading"]

    watch = here.origin.handler = Watch()
    with here.connect() as sock:
        sock.sendall(request(api("reading")))
        assert watch.begun.wait(5)
    until(lines)
    assert [(one["outcome"], one["status"]) for one in lines()] == [("disconnected", 499)]


def test_many_who_leave_leave_nothing_behind(here: World) -> None:
    watch = here.origin.handler = Watch(CHUNKS % b"text/event-stream" + chunk(b": a\n\n"))
    socks = [here.connect() for _ in range(30)]
    for sock in socks:
        sock.sendall(call("masked", {}))
    until(lambda: metric(here, "in_flight") == 30)
    for sock in socks:
        sock.close()
    until(lambda: metric(here, "in_flight") == 0)
    assert watch.left.wait(5)
    upstream = here.router.router.upstreams[0]
    until(lambda: [one.busy for one in upstream.targets] == [0])
