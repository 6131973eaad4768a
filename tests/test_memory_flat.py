"""What passes through the router does not stay in it: memory is flat however large a body is."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.process import Served, served
from tests.talk import api, request

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
MOST = 32 * MIB
BLOCK = bytes(MIB)

CONFIG = """
brand: onasis
upstreams: {origin: {targets: ["${ORIGIN}"]}}
platforms: {lanonasis: {title: LanOnasis, hosts: [lanonasis.com]}}
masking: {vendors: {openai: onasis}}
defaults: {auth: [], privacy: off, masking: false, max_body: 4GiB}
services:
  open: {upstream: origin, path: /}
  masked: {upstream: origin, path: /masked, masking: true}
"""


class Bulk:
    """An origin that takes what it is sent, or sends as much zero bytes as the path asks for."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.taken = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock = self._listening.accept()[0]
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            while head := read_head(sock):
                if head.startswith(b"GET "):
                    size = int(head.split(b" ", 2)[1].rpartition(b"/")[2])
                    kind = b"text/plain" if b"masked" in head else b"audio/mpeg"
                    sock.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
                        % (kind, size)
                    )
                    for _ in range(size // MIB):
                        sock.sendall(BLOCK)
                else:
                    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
                    self.taken += take(sock, int(length))
                    sock.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def read_head(sock: socket.socket) -> bytes:
    """The next head, and nothing behind it; b"" at the end of the stream."""
    while True:
        seen = sock.recv(65536, socket.MSG_PEEK)
        end = seen.find(b"\r\n\r\n")
        if end >= 0:
            return sock.recv(end + 4)
        if not seen:
            return b""


def take(sock: socket.socket, size: int) -> int:
    """Reads ``size`` bytes away; fewer where the stream ends."""
    buffer, left = bytearray(MIB), size
    while left and (count := sock.recv_into(buffer, min(left, MIB))):
        left -= count
    return size - left


@dataclass
class Gauge:
    """Samples a process's memory until the block ends."""

    served: Served
    grown: int = 0
    _done: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        before = self.served.rss()

        def sample() -> None:
            while not self._done.wait(0.005):
                self.grown = max(self.grown, self.served.rss() - before)

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()


@dataclass
class Through:
    """A router between a caller and :class:`Bulk`."""

    router: Served
    origin: Bulk

    def upload(self, service: str, size: int) -> None:
        before = self.origin.taken
        lines = (f"Content-Length: {size}", "Content-Type: audio/mpeg")
        with self.router.connect(timeout=60) as sock:
            sock.sendall(request(api(service), *lines, method="POST"))
            for _ in range(size // MIB):
                sock.sendall(BLOCK)
            assert read_head(sock).startswith(b"HTTP/1.1 204 ")
        assert self.origin.taken - before == size

    def download(self, service: str, size: int) -> None:
        with self.router.connect(timeout=60) as sock:
            sock.sendall(request(api(service, f"/{size}"), "Connection: close"))
            head = read_head(sock)
            assert head.startswith(b"HTTP/1.1 200 ")
            chunked = b"Transfer-Encoding: chunked" in head
            assert take(sock, size) == size
            assert bool(take(sock, MIB)) == chunked  # the framing adds to it


@pytest.fixture(scope="module")
def through(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Through]:
    folder: Path = tmp_path_factory.mktemp("flat")
    origin = Bulk()
    env = {"ORIGIN": f"http://127.0.0.1:{origin.port}", "ROUTER_DATA_DIR": str(folder)}
    with contextlib.closing(origin), served(folder, CONFIG, env) as router:
        made = Through(router, origin)
        made.upload("open", 8 * MIB)
        made.download("open", 8 * MIB)
        made.download("masked", 8 * MIB)
        yield made


LARGE = pytest.mark.parametrize(
    ("service", "size"),
    [
        pytest.param("open", 1024 * MIB, id="passed-1GiB"),
        pytest.param("masked", 128 * MIB, id="edited-128MiB"),
        pytest.param("masked", 1024 * MIB, id="edited-1GiB", marks=pytest.mark.full),
    ],
)


@LARGE
def test_memory_is_flat_under_an_upload(through: Through, service: str, size: int) -> None:
    gauge = Gauge(through.router)
    with gauge.reading():
        through.upload(service, size)
    assert gauge.grown < MOST


@LARGE
def test_memory_is_flat_under_a_download(through: Through, service: str, size: int) -> None:
    gauge = Gauge(through.router)
    with gauge.reading():
        through.download(service, size)
    assert gauge.grown < MOST


def test_memory_is_flat_under_a_reader_who_has_stopped(through: Through) -> None:
    """The upstream is not read faster than the caller: nothing gathers in between."""
    gauge = Gauge(through.router)
    with gauge.reading(), through.router.connect() as sock:
        sock.sendall(request(api("open", f"/{1024 * MIB}")))
        read_head(sock)
        time.sleep(0.5)  # what gathered without end would have come by then
        assert take(sock, 16 * MIB) == 16 * MIB
    assert gauge.grown < MOST / 4
