"""What must be true of a stream that was restored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from router.body.select import reader_for
from router.privacy.restore import Restorer
from tests.privacy.streams.said import NAMES
from tests.privacy.streams.tails import held

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from router.body.filters import BodyFilter
    from tests.privacy.streams.stream import Lane, Stream


def check(stream: Stream, true: Mapping[str, str], rng: Random) -> None:
    """Each text is heard right, whole, in time; the bytes do not depend on how they were cut."""
    body = _reader(stream, true)
    outs: list[bytes] = []
    clock = Clock(stream)
    for event, adds in zip(stream.events, stream.adds, strict=True):
        outs.append(body.feed(event))
        clock.check(outs[-1], adds)
    outs.append(body.flush())
    out = b"".join(outs)
    _check_heard(stream, out)
    wire = b"".join(stream.events)
    assert _cut(_reader(stream, true), wire, rng) == out, "the cut makes a difference"
    if not any(sign in said.sent for said in stream.said.values() for sign in "<&\\"):
        assert out == wire, "nothing was to be restored"


def _reader(stream: Stream, true: Mapping[str, str]) -> BodyFilter:
    body = reader_for(stream.media_type, Restorer(true))
    assert body is not None
    return body


def _cut(body: BodyFilter, wire: bytes, rng: Random) -> bytes:
    most = rng.choice((1, 7, 100, 4000))
    out, at = b"", 0
    while at < len(wire):
        size = rng.randrange(1, most + 1)
        out += body.feed(wire[at : at + size])
        at += size
    return out + body.flush()


def _check_heard(stream: Stream, out: bytes) -> None:
    heard: dict[Lane, str] = dict.fromkeys(stream.said, "")
    for lane, what, text in stream.read(out):
        if what == "adds":
            assert lane in heard or not text, f"{lane}: a text from nowhere"
            heard[lane] = heard.get(lane, "") + text
            continue
        for one, said in stream.said.items():
            if _is_of(one, lane):
                assert heard[one] == said.heard, f"{one}: not complete where it ends"
                assert what != "whole" or text == said.heard, f"{one}: told whole"
    if stream.media_type.startswith(b"application/json"):
        json.loads(out)
    for lane, said in stream.said.items():
        assert heard[lane] == said.heard, f"{lane}"
        if said.sent.startswith('{"m0'):
            json.loads(heard[lane])


def _is_of(one: Any, lane: Any) -> bool:
    """Whether what is said of ``lane`` (None: of all) is said of ``one``."""
    return lane is None or (
        one == lane if not isinstance(lane, tuple) else one[: len(lane)] == lane
    )


class Clock:
    """All is out but what may yet become a placeholder, and the event that ends so."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._sent: dict[Lane, list[str]] = {lane: [] for lane in stream.said}
        self._heard: dict[Lane, str] = dict.fromkeys(stream.said, "")

    def check(self, out: bytes, adds: Mapping[Lane, str]) -> None:
        """``out`` is what came out when an event came that adds so much."""
        if not self._stream.in_time:
            return
        for lane, what, text in self._stream.read(out):
            if what == "adds":
                self._heard[lane] = self._heard.get(lane, "") + text
        for lane, text in adds.items():
            pieces = self._sent[lane]
            pieces.append(text)
            sent = "".join(pieces)
            upto = held(sent, NAMES)
            if not self._stream.moves and upto < len(sent):
                upto = _start_of_event(pieces, upto)
            due = _due(self._stream.said[lane], upto)
            assert self._heard[lane].startswith(due), f"{lane}: late at event {len(pieces)}"


def _start_of_event(pieces: list[str], upto: int) -> int:
    at = 0
    for piece in pieces:
        if at + len(piece) > upto:
            return at
        at += len(piece)
    return at


def _due(said: Any, upto: int) -> str:
    """What is heard of ``upto`` characters, less a placeholder that they cut."""
    at = 0
    for sent, heard in said.pieces:
        if at <= upto < at + len(sent) and sent != heard:
            return str(said.heard_of(at))
        at += len(sent)
    return str(said.heard_of(upto))
