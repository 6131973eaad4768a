"""Content codings (RFC 9110 §8.4) undone as the body comes, with decompression bombs cut early.

What comes out is bounded by what came in: SLACK bytes and RATIO times the input, per coding. So
one feed of 64 KiB never gives more than 14 MiB; :meth:`Decoder.pieces` gives it in parts.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, Protocol

import brotli
import zstandard

from router.errors import DownstreamError, FilterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

RATIO: Final = 200
SLACK: Final = 1 << 20
MAX_CODINGS: Final = 2

_PIECE: Final = 1 << 16
_GZIP_BITS: Final = 31
_ZLIB_BITS: Final = 15
_ZSTD_WINDOW: Final = 8 << 20  # RFC 9659
_ZSTD_SLICE: Final = 256  # at most 64 blocks of 128 KiB come out of it (RFC 8878 §3.1.1.2)


class UnknownCodingError(FilterError):
    """A coding that cannot be undone, or too many of them."""


class _TooMuchError(FilterError):
    """More came out than may."""


class _Codec(Protocol):
    @property
    def finished(self) -> bool:
        """Whether the input may end here."""
        ...

    def pieces(self, data: bytes, /) -> Iterator[bytes]:
        """What ``data`` gives, in bounded pieces."""
        ...


class _Zlib:
    def __init__(self, bits: int, *, members: bool) -> None:
        self._bits = bits
        self._members = members
        self._stream = zlib.decompressobj(bits)
        self.finished = False

    def pieces(self, data: bytes, /) -> Iterator[bytes]:
        while True:
            if self._stream.eof and data:
                if not self._members:
                    raise FilterError("data behind the end of a compressed body")
                self._stream = zlib.decompressobj(self._bits)
            piece = self._stream.decompress(data, _PIECE)
            if piece:
                yield piece
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if not data and (self._stream.eof or len(piece) < _PIECE):
                break
        self.finished = self._stream.eof


class _Deflate:
    """zlib as RFC 9110 §8.4.1.2 has it, or bare deflate, as many send."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: _Zlib | None = None

    @property
    def finished(self) -> bool:
        return self._stream is not None and self._stream.finished

    def pieces(self, data: bytes, /) -> Iterator[bytes]:
        if self._stream is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return
            wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._stream = _Zlib(_ZLIB_BITS if wrapped else -_ZLIB_BITS, members=False)
        yield from self._stream.pieces(data)


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._stream.is_finished())

    def pieces(self, data: bytes, /) -> Iterator[bytes]:
        if self.finished:
            raise FilterError("data behind the end of a compressed body")
        # can_accept_more_data() speaks of input only: output may be waiting all the same.
        while piece := self._stream.process(data, output_buffer_limit=_PIECE):
            yield piece
            data = b""


class _Zstd:
    def __init__(self) -> None:
        self._context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._stream = self._context.decompressobj()
        self.finished = False

    def pieces(self, data: bytes, /) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            part = data[start : start + _ZSTD_SLICE]
            while part:
                if self._stream.eof:
                    self._stream = self._context.decompressobj()
                piece = self._stream.decompress(part)
                if piece:
                    yield piece
                part = self._stream.unused_data if self._stream.eof else b""
        self.finished = self._stream.eof


def _codec(coding: bytes) -> _Codec:
    if coding == b"gzip":
        return _Zlib(_GZIP_BITS, members=True)
    if coding == b"deflate":
        return _Deflate()
    if coding == b"br":
        return _Brotli()
    if coding == b"zstd":
        return _Zstd()
    raise UnknownCodingError("unknown content coding")


class _Stage:
    """One coding, with its account of what came in and went out."""

    def __init__(self, coding: bytes, ratio: int, slack: int) -> None:
        self._codec = _codec(coding)
        self._ratio = ratio
        self._room = slack
        self._begun = False

    def pieces(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            if not part:
                continue
            self._begun = True
            self._room += self._ratio * len(part)
            try:
                for piece in self._codec.pieces(part):
                    self._room -= len(piece)
                    if self._room < 0:
                        raise _TooMuchError("a compressed body unpacks to too much")
                    yield piece
            except (zlib.error, brotli.error, zstandard.ZstdError) as error:
                raise FilterError("a compressed body is malformed") from error

    def finish(self) -> None:
        if self._begun and not self._codec.finished:
            raise FilterError("a compressed body is cut off")


class Decoder:
    """Undoes codings, named in the order in which they were applied; a BodyFilter.

    Raises FilterError for what is malformed, cut off or unpacks to too much, and
    UnknownCodingError when made. A body of no bytes at all is one of no bytes.
    """

    def __init__(self, codings: Sequence[bytes], *, ratio: int = RATIO, slack: int = SLACK) -> None:
        if len(codings) > MAX_CODINGS:
            raise UnknownCodingError("too many content codings")
        self._stages = [_Stage(coding, ratio, slack) for coding in reversed(codings)]

    def pieces(self, data: bytes, /) -> Iterator[bytes]:
        """What ``data`` unpacks to, in parts that callers may put pauses between."""
        parts: Iterator[bytes] = iter((data,))
        for stage in self._stages:
            parts = stage.pieces(parts)
        return parts

    def feed(self, data: bytes, /) -> bytes:
        """What ``data`` unpacks to."""
        return b"".join(self.pieces(data))

    def flush(self) -> bytes:
        """Nothing is ever held back."""
        for stage in self._stages:
            stage.finish()
        return b""


def codings_of(value: bytes) -> tuple[bytes, ...]:
    """The codings of a ``Content-Encoding`` value but for ``identity``; aliases resolved."""
    names = (name.strip().lower() for name in value.split(b","))
    return tuple(
        {b"x-gzip": b"gzip"}.get(name, name) for name in names if name not in (b"", b"identity")
    )


def decoder(codings: Sequence[bytes]) -> Decoder:
    """A decoder for the codings of an answer."""
    return Decoder(codings)


def decode_whole(body: bytes, content_encoding: bytes, cap: int) -> bytes:
    """A request's ``body`` without its codings, at no stage longer than ``cap`` bytes.

    Raises DownstreamError: 413 over the cap, 415 for a coding that cannot be undone, 400
    ``malformed_body``.
    """
    try:
        decoding = Decoder(codings_of(content_encoding), ratio=0, slack=cap)
        plain = decoding.feed(body)
        decoding.flush()
    except UnknownCodingError as error:
        raise DownstreamError(415, str(error)) from error
    except _TooMuchError as error:
        raise DownstreamError(413, str(error)) from error
    except FilterError as error:
        raise DownstreamError(400, str(error), code="malformed_body") from error
    return plain
