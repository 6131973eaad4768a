"""Answers that are compressed although nobody asked: edited all the same, and nobody waits."""

from __future__ import annotations

import gzip
import json
import secrets
import threading
import time
from typing import TYPE_CHECKING

import brotli
import pytest
import zstandard

from router.testing import answer
from tests.talk import CHUNKS, call, chunk, replying, request
from tests.threats.wire import Caller, ask
from tests.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

CODINGS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}
TEXTS = ["it is openai or it is not, who knows"] * 60_000
LARGE = json.dumps({"noise": secrets.token_hex(20_000), "texts": TEXTS}).encode()
"""Over two megabytes with something to edit every few bytes; noise, lest it look like a bomb."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()


def framed(body: bytes, coding: str, *, cut: bool) -> bytes:
    """An answer with this body, with its length or in chunks."""
    if not cut:
        return answer(body, extra=f"Content-Encoding: {coding}\r\n")
    head = CHUNKS.replace(b"\r\n\r\n", b"\r\nContent-Encoding: %b\r\n\r\n" % coding.encode())
    return head % b"application/json" + chunk(body) + chunk(b"")


def longest_wait(here: World, until: threading.Event) -> float:
    """Seconds the slowest of many askings for /health took."""
    slowest = 0.0
    with here.connect() as sock:
        caller = Caller(sock)
        while not until.is_set():
            began = time.perf_counter()
            caller.send(request("/health"))
            assert caller.answer("GET").status == 200
            slowest = max(slowest, time.perf_counter() - began)
            until.wait(0.002)
    return slowest


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("cut", [False, True])
def test_an_answer_that_unpacks_to_megabytes_keeps_nobody_waiting(
    here: World, coding: str, cut: bool
) -> None:
    packed = CODINGS[coding](LARGE)
    assert len(packed) < 62_000
    here.origin.handler = replying(framed(packed, coding, cut=cut))

    def keeps_waiting() -> bool:
        began = time.perf_counter()
        ended, bodies = threading.Event(), list[bytes]()

        def fetch() -> None:
            try:
                bodies.append(ask(here, call("masked", {})).body)
            finally:
                ended.set()

        fetching = threading.Thread(target=fetch)
        fetching.start()
        slowest = longest_wait(here, ended)
        fetching.join()
        assert bodies == [LARGE.replace(b"openai", b"onasis")]
        # On a busy machine all takes longer, but nobody waits for the whole of it.
        return slowest > max(0.1, (time.perf_counter() - began) / 4)

    assert not all(keeps_waiting() for _ in range(3))


def test_a_small_one_still_has_its_length_told(here: World) -> None:
    here.origin.handler = replying(framed(gzip.compress(b'{"a":"openai"}'), "gzip", cut=False))
    got = ask(here, call("masked", {}))
    assert (got.body, got.one("content-length")) == (b'{"a":"onasis"}', "14")


def test_codings_told_in_several_fields_are_all_undone(here: World) -> None:
    twice = gzip.compress(gzip.compress(b'{"a":"openai"}'))
    extra = "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"
    here.origin.handler = replying(answer(twice, extra=extra))
    assert ask(here, call("masked", {})).body == b'{"a":"onasis"}'
