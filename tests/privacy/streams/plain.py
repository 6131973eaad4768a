"""Text: as the data of events, as a body in chunks, as HTML; and JSON that comes whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.privacy.streams.said import arguments, prose
from tests.privacy.streams.stream import Heard, Stream, cut, data_of, dumped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

_BEGINNING = "This is a text. "


def events(rng: Random, true: Mapping[str, str]) -> Stream:
    """Events whose data is text."""

    def read(out: bytes) -> Iterator[Heard]:
        for _, data in data_of(out):
            yield ("text", "adds", data) if data != "[DONE]" else (None, "ends", "")

    stream = Stream(b"text/event-stream", read, moves=False)
    said = stream.said["text"] = prose(rng, true, within="text", clean=_of_one_line)
    said.pieces.insert(0, ("x", "x"))
    for text in cut(rng, said.sent):
        stream.put(b"data: " + text.encode() + b"\n\n", adds={"text": text})
    if rng.randrange(2):
        stream.put(b"data: [DONE]\n\n")
    return stream


def _of_one_line(text: str) -> str:
    """Without line ends, and with nothing that begins JSON."""
    return text.replace("\n", " ").replace("{", "(").replace("[", "(").replace('"', "'")


def text(rng: Random, true: Mapping[str, str]) -> Stream:
    """A body of plain text in chunks."""
    return _chunks(rng, true, b"text/plain; charset=utf-8", "text")


def markup(rng: Random, true: Mapping[str, str]) -> Stream:
    """A body of HTML or XML in chunks."""
    kind = rng.choice((b"text/html", b"application/xml", b"image/svg+xml"))
    return _chunks(rng, true, kind, "html")


def _chunks(rng: Random, true: Mapping[str, str], media_type: bytes, within: str) -> Stream:
    def read(out: bytes) -> Iterator[Heard]:
        yield "text", "adds", out.decode()

    stream = Stream(media_type, read)
    said = stream.said["text"] = prose(rng, true, within=within)
    stream.put(_BEGINNING.encode(), adds={"text": _BEGINNING})
    for piece in cut(rng, said.sent):
        stream.put(piece.encode(), adds={"text": piece})
    said.pieces.insert(0, (_BEGINNING, _BEGINNING))
    return stream


def document(rng: Random, true: Mapping[str, str]) -> Stream:
    """One JSON document."""

    def read(out: bytes) -> Iterator[Heard]:
        for name, value in json.loads(out)["all"].items():
            yield name, "adds", value["arguments"] if isinstance(value, dict) else value

    stream = Stream(b"application/json", read, in_time=False)
    stream.said = {f"p{number}": prose(rng, true) for number in range(rng.randrange(1, 4))}
    body: dict[str, object] = {str(name): said.sent for name, said in stream.said.items()}
    for number in range(rng.randrange(3)):
        said = stream.said[f"a{number}"] = arguments(rng, true)
        body[f"a{number}"] = {"arguments": said.sent}
    stream.put(dumped(rng, {"model": "m", "all": body}))
    return stream
