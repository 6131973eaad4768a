"""What a generated stream is: events as bytes, and what is to be heard of each text in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tests.privacy.streams.said import Said

if TYPE_CHECKING:
    from random import Random

Lane: TypeAlias = Hashable
Heard: TypeAlias = tuple[Lane, Literal["adds", "whole", "ends"], str]
"""An event adds to a text, tells it whole, or says that it is over."""


@dataclass
class Stream:
    """``events`` in order; ``adds[n]`` is what event n adds to which text.

    ``read`` takes what came out so far apart. ``moves``: what is held back of a text comes with
    the next event; else the event itself waits. ``in_time``: each event can be read by itself.
    """

    media_type: bytes
    read: Callable[[bytes], Iterator[Heard]]
    moves: bool = True
    in_time: bool = True
    said: dict[Lane, Said] = field(default_factory=dict)
    events: list[bytes] = field(default_factory=list)
    adds: list[dict[Lane, str]] = field(default_factory=list)

    def put(self, event: bytes, adds: dict[Lane, str] | None = None) -> None:
        """One more event."""
        self.events.append(event)
        self.adds.append(adds or {})


def cut(rng: Random, text: str) -> list[str]:
    """The text in pieces: of one to four characters, of some dozens, or whole."""
    most = rng.choice((1, 4, 4, 4, 30, 10_000))
    pieces, at = [], 0
    while at < len(text):
        size = rng.randrange(1, most + 1) if most < 10_000 else most
        pieces.append(text[at : at + size])
        at += size
        if not rng.randrange(30):
            pieces.append("")
    return pieces or [""]


def mixed(rng: Random, parts: dict[Lane, list[str]]) -> Iterator[tuple[Lane, str]]:
    """The pieces of several texts in some order that keeps each text's own."""
    left = {lane: list(pieces) for lane, pieces in parts.items() if pieces}
    turn = rng.random() < 0.5
    while left:
        lane = rng.choice(sorted(left, key=str)) if turn else next(iter(left))
        yield lane, left[lane].pop(0)
        if not left[lane]:
            del left[lane]


def dumped(rng: Random, event: Any) -> bytes:
    """JSON in one of the ways programs write it."""
    separators = rng.choice(((",", ":"), (", ", ": ")))
    text = json.dumps(event, separators=separators, ensure_ascii=bool(rng.randrange(2)))
    if not rng.randrange(4):
        text = re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode()


def sse(rng: Random, event: Any, name: str = "") -> bytes:
    """An event of a stream; the line ends and what stands between are drawn."""
    end = rng.choice(("\n", "\n", "\n", "\r\n")).encode()
    head = b"event: %b" % name.encode() + end if name else b""
    return head + b"data: " + dumped(rng, event) + end + end


DONE = b"data: [DONE]\n\n"


def data_of(out: bytes) -> Iterator[tuple[str, str]]:
    """The name and data of each event in ``out``, as a browser dispatches them."""
    name = ""
    data: list[str] = []
    for line in re.split("\r\n|\n|\r", out.decode()):
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = "", []
        member, _, value = line.partition(":")
        if member == "data":
            data.append(value.removeprefix(" "))
        elif member == "event":
            name = value.removeprefix(" ")


def json_events(out: bytes) -> Iterator[Any]:
    """The data of each event that is JSON; None for ``[DONE]``."""
    for _, data in data_of(out):
        yield None if data == "[DONE]" else json.loads(data)
