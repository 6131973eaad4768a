"""SIGTERM: what runs finishes, nothing new is taken, the process ends well."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest

from router.testing import Origin
from tests.process import Served, served
from tests.talk import Stepwise, api, call, first_chunk, request, sse
from tests.threats.wire import Caller, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """
brand: onasis
server: {listen: "127.0.0.1:0", admin: "127.0.0.1:%d", drain: %s}
upstreams: {origin: {targets: ["${ORIGIN}"]}}
platforms: {lanonasis: {title: LanOnasis, hosts: [lanonasis.com]}}
masking: {vendors: {openai: onasis}}
defaults: {auth: [], privacy: off, masking: false}
services: {open: {upstream: origin, path: /up, streaming: [sse]}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextlib.contextmanager
def draining(folder: Path, origin: Origin, drain: str = "20s") -> Iterator[Served]:
    env = {"ORIGIN": origin.url, "ROUTER_DATA_DIR": str(folder)}
    with served(folder, CONFIG % (free_port(), drain), env) as router:
        yield router


def refuses(router: Served, listener: int) -> bool:
    try:
        router.connect(listener).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("listener", [0, 1])
def test_a_request_under_way_finishes_and_new_ones_are_refused(
    tmp_path: Path, origin: Origin, listener: int
) -> None:
    steps = origin.handler = Stepwise([sse("first"), sse("last")])
    with draining(tmp_path, origin) as router, router.connect(listener) as sock:
        sock.sendall(call("open", {}))
        caller = Caller(sock)
        assert caller._head()[0] == 200
        steps.go()
        assert first_chunk(caller) == sse("first")
        router.terminate()
        until(lambda: refuses(router, 0) and refuses(router, 1))
        time.sleep(0.5)  # by now the listener without a request has nothing left to wait for
        assert router.process.poll() is None
        steps.go()
        assert caller._chunks() == sse("last")
        assert router.process.wait(10) == 0
        assert router.lines("stopped")
        assert [one["status"] for one in router.lines("request")] == [200]


def test_a_request_whose_answer_has_not_begun_is_answered_too(
    tmp_path: Path, origin: Origin
) -> None:
    origin.handler = slow = Stepwise([b"{}"], b"application/json")
    with draining(tmp_path, origin) as router, router.connect() as sock:
        sock.sendall(request(api("open"), "Content-Length: 2", method="POST"))
        until(lambda: origin.requests)
        router.terminate()
        until(lambda: refuses(router, 0))
        sock.sendall(b"{}")
        slow.go()
        got = Caller(sock).answer()
        assert (got.status, got.body) == (200, b"{}")
        assert got.closes
        assert router.process.wait(10) == 0


def test_idle_connections_are_closed_and_the_process_ends(tmp_path: Path, origin: Origin) -> None:
    with draining(tmp_path, origin) as router, router.connect() as idle, router.connect(1) as other:
        for sock in (idle, other):
            sock.sendall(request("/health"))
            assert Caller(sock).answer().status == 200
        router.terminate()
        assert idle.recv(1) == b""
        assert router.process.wait(10) == 0


def test_what_does_not_end_in_time_is_cut(tmp_path: Path, origin: Origin) -> None:
    origin.handler = Stepwise([sse("first"), sse("never")])
    origin.handler.go()
    with draining(tmp_path, origin, "1s") as router, router.connect() as sock:
        sock.sendall(call("open", {}))
        caller = Caller(sock)
        assert caller._head()[0] == 200
        router.terminate()
        rest = caller.rest()
        assert not rest.endswith(b"0\r\n\r\n")
        assert router.process.wait(10) == 0


def test_a_sighup_is_told_and_changes_nothing(tmp_path: Path, origin: Origin) -> None:
    with draining(tmp_path, origin) as router, router.connect() as sock:
        router.process.send_signal(signal.SIGHUP)
        until(lambda: [one for one in router.lines("log") if "SIGHUP" in str(one["message"])])
        sock.sendall(request("/health"))
        assert Caller(sock).answer().status == 200
        assert [one["level"] for one in router.lines("log")] == ["warning"]
