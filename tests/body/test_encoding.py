"""Content codings, and what is hidden in them."""

from __future__ import annotations

import gzip
import random
import time
import tracemalloc
import zlib
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.encoding import (
    Decoder,
    UnknownCodingError,
    codings_of,
    decode_whole,
    decoder,
)
from router.errors import DownstreamError, FilterError
from tests.body.toys import pieces, same


def raw_deflate(data: Any) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


ENCODE = {
    b"gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"br": brotli.compress,
    b"zstd": zstandard.ZstdCompressor().compress,
}
TEXT = b"".join(b"line %d of text\n" % number for number in range(40))


@pytest.mark.parametrize("coding", ENCODE)
def test_each_coding_any_split(coding: bytes) -> None:
    assert same(lambda: decoder([coding]), ENCODE[coding](TEXT)) == TEXT
    assert same(lambda: decoder([coding]), ENCODE[coding](b"")) == b""


def test_bare_deflate_members_and_frames() -> None:
    assert same(lambda: decoder([b"deflate"]), raw_deflate(TEXT)) == TEXT
    assert (
        same(lambda: decoder([b"gzip"]), gzip.compress(TEXT) + gzip.compress(b"x")) == TEXT + b"x"
    )
    frames = ENCODE[b"zstd"](TEXT) + ENCODE[b"zstd"](b"x")
    assert same(lambda: decoder([b"zstd"]), frames) == TEXT + b"x"


@pytest.mark.parametrize("first", ENCODE)
@pytest.mark.parametrize("second", ENCODE)
def test_two_codings_are_undone_in_reverse(first: bytes, second: bytes) -> None:
    body = ENCODE[second](ENCODE[first](TEXT))
    assert same(lambda: decoder([first, second]), body) == TEXT
    assert decode_whole(body, first + b", " + second, 10_000) == TEXT


def test_codings_are_read_from_the_field() -> None:
    assert codings_of(b" GZip , x-gzip,identity, ,br") == (b"gzip", b"gzip", b"br")
    assert codings_of(b"") == codings_of(b"identity") == ()
    for codings in ([b"compress"], [b"gzip"] * 3, [b"aes128gcm"]):
        with pytest.raises(UnknownCodingError):
            decoder(codings)


@pytest.mark.parametrize("coding", ENCODE)
def test_what_is_cut_off_or_malformed_is_refused(coding: bytes) -> None:
    body = ENCODE[coding](TEXT)
    for bad in (body[:-1], body[:3], b"\x01\x02\x03\x04\x05" * 20, body + b"garbage"):
        for parts in ([bad], [bad[i : i + 1] for i in range(len(bad))]):
            with pytest.raises(FilterError):
                pieces(lambda: decoder([coding]), parts)
        with pytest.raises(DownstreamError) as error:
            decode_whole(bad, coding, 10_000)
        assert (error.value.status, error.value.code) == (400, "malformed_body")


@pytest.mark.parametrize("coding", ENCODE)
def test_a_body_of_no_bytes(coding: bytes) -> None:
    assert decoder([coding]).flush() == b""
    assert decode_whole(b"", coding, 10) == b""


def zeros(coding: bytes, size: int) -> bytes:
    """``size`` zero bytes, compressed without holding them."""
    part = bytes(1 << 20)
    stream: Any
    if coding == b"gzip":
        stream = zlib.compressobj(9, wbits=31)
    elif coding == b"deflate":
        stream = zlib.compressobj(9)
    elif coding == b"zstd":
        stream = zstandard.ZstdCompressor(level=3).compressobj()
    else:
        stream = brotli.Compressor(quality=2)
        compress, finish = stream.process, stream.finish
        return b"".join([*(compress(part) for _ in range(size >> 20)), finish()])
    return b"".join([*(stream.compress(part) for _ in range(size >> 20)), stream.flush()])


@pytest.mark.parametrize("coding", ENCODE)
@pytest.mark.parametrize("nested", [False, True])
def test_bombs_cost_little(coding: bytes, nested: bool) -> None:
    bomb = zeros(coding, 64 << 20)
    codings = [coding]
    if nested:
        bomb, codings = gzip.compress(bomb * 1), [coding, b"gzip"]
    tracemalloc.start()
    begin = time.thread_time()
    body = decoder(codings)
    parts = [bomb[at : at + 65536] for at in range(0, len(bomb), 65536)]
    with pytest.raises(FilterError):
        pieces(lambda: body, parts)
    with pytest.raises(DownstreamError) as error:
        decode_whole(bomb, b",".join(codings), 10 << 20)
    assert error.value.status == 413
    assert time.thread_time() - begin < 1
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("coding", ENCODE)
def test_the_cap_is_exact(coding: bytes) -> None:
    body = ENCODE[coding](TEXT)
    assert decode_whole(body, coding, len(TEXT)) == TEXT
    with pytest.raises(DownstreamError) as error:
        decode_whole(body, coding, len(TEXT) - 1)
    assert error.value.status == 413
    with pytest.raises(DownstreamError) as error:
        decode_whole(body, b"x-unknown", 10)
    assert error.value.status == 415


@given(
    st.binary(max_size=3000),
    st.lists(st.sampled_from(sorted(ENCODE)), max_size=2),
    st.integers(1, 500),
)
@settings(deadline=None, max_examples=60)
def test_any_data_any_codings(data: Any, codings: Any, step: int) -> None:
    body = data
    for coding in codings:
        body = ENCODE[coding](body)
    parts = [body[at : at + step] for at in range(0, len(body), step)]
    assert pieces(lambda: Decoder(codings), parts) == data


def test_larger_bodies_come_in_bounded_pieces() -> None:
    words = random.Random(7).choices(TEXT.split(), k=60_000)
    data = b" ".join(words)
    for coding, encode in ENCODE.items():
        body = encode(data)
        made = list(decoder([coding]).pieces(body))
        assert b"".join(made) == data
        assert max(map(len, made)) <= 8 << 20
