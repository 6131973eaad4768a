"""What one connection may cost. Sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProtocolLimits:
    """Bounds of the server protocol, each held per connection.

    ``head_bytes``, ``head_fields``, ``target_bytes``: the largest request head (431, 414).
    ``head_timeout``: from a head's first byte to its last (408); also how long a new connection
    may stay silent.
    ``keep_alive``: how long a connection may stay idle between requests.
    ``body_rate``, ``body_grace``: a body slower than so many bytes a second, judged over windows
    of ``body_grace`` seconds in which the router was willing to read, is given up (408).
    ``body_high_water``: unread body above which nothing more is read from the caller.
    ``pipeline_bytes``: what may be kept of requests behind the one under way.
    ``chunk_line_bytes``, ``trailer_bytes``: a chunk-size line with its extensions; all trailers.
    ``write_high_water``, ``write_idle``: unsent bytes above which the application waits, and how
    long such a caller may take nothing at all before it is cut off.
    ``reuse_bytes``: how much of an unread sized body is worth reading to keep the connection.
    ``linger_bytes``, ``linger_timeout``: what is still read and thrown away from a caller who
    was answered while sending, so that the answer is not lost to a reset (RFC 9112 §9.6).
    ``drain_grace``: how long a drain leaves idle connections open for a request on its way.
    """

    head_bytes: int = 32768
    head_fields: int = 100
    target_bytes: int = 8192
    head_timeout: float = 10.0
    keep_alive: float = 75.0
    body_rate: int = 512
    body_grace: float = 10.0
    body_high_water: int = 65536
    pipeline_bytes: int = 65536
    chunk_line_bytes: int = 1024
    trailer_bytes: int = 8192
    write_high_water: int = 65536
    write_idle: float = 30.0
    reuse_bytes: int = 65536
    linger_bytes: int = 4194304
    linger_timeout: float = 2.0
    drain_grace: float = 1.0
