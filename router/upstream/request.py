"""A request's head as bytes; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from router.errors import DownstreamError

if TYPE_CHECKING:
    from router.exchange import Fields
    from router.upstream.target import Target

_LINE = b": ".join
_END = (b"", b"")
_NUL, _LF, _CR = 0x00, 0x0A, 0x0D
_SPACE = 0x20
_OURS = frozenset((b"host", b"content-length", b"transfer-encoding", b"connection"))
_NEED_LENGTH = frozenset((b"POST", b"PUT", b"PATCH"))


class BodyStream(Protocol):
    """A request body that comes piece by piece; read by one reader, once."""

    @property
    def length(self) -> int | None:
        """Bytes it will have, None where only its end tells."""
        ...

    async def read(self) -> bytes:
        """The next piece; b"" once it is complete. What it raises ends the exchange."""
        ...


def encode_head(
    target: Target, method: bytes, path: bytes, fields: Fields, body: bytes | BodyStream
) -> bytes:
    """The head of one request to ``target``; ``path`` is raw and carries the query.

    Host, connection and framing are set here, once, whatever ``fields`` say of them. Raises
    DownstreamError where a part would change how the head is read (RFC 9110 §5.5).
    """
    if _SPACE in path or _SPACE in method:
        raise DownstreamError(400, "the target holds a space")
    start = b"".join((method, b" ", target.base, path or b"/", b" HTTP/1.1"))
    lines = [start, b"host: " + target.authority]
    lines += [_LINE(line) for line in fields if line[0] not in _OURS]
    framing = _framing(method, body)
    if framing:
        lines.append(framing)
    text = b"".join(lines)
    if _CR in text or _LF in text or _NUL in text:
        raise DownstreamError(400, "a field holds a character that fields cannot hold")
    lines += _END
    return b"\r\n".join(lines)


def _framing(method: bytes, body: bytes | BodyStream) -> bytes:
    """The one framing field (RFC 9112 §6.1, RFC 9110 §8.6); b"" where there is no body."""
    length = len(body) if isinstance(body, bytes) else body.length
    if length is None:
        return b"transfer-encoding: chunked"
    if length or method in _NEED_LENGTH:
        return b"content-length: %d" % length
    return b""
