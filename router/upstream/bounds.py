"""How long and how much: every bound the way to an upstream has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. ``total`` counts from the call to the end of the answer; 0 is none.

    ``first_byte`` counts from when the request was written (or its body last moved) until the
    answer's head is complete; ``idle`` is a wait between two pieces of a body. ``total`` never
    ends a stream.
    """

    connect: float = 2.0
    first_byte: float = 60.0
    idle: float = 60.0
    total: float = 600.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """Counts are per target, bytes per connection.

    ``idle`` seconds is how long an unused connection is kept: less than the five after which
    common servers close theirs, so that ours never meets a closing one.
    """

    connections: int = 512
    pending: int = 512
    idle: float = 4.0
    unread: int = 64 * 1024
    head_bytes: int = 64 * 1024
    head_fields: int = 200
    informational: int = 20


TIMEOUTS = Timeouts()
BOUNDS = Bounds()
