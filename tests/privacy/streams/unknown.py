"""Streams of JSON in shapes that no rule knows, as events and as lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.privacy.streams.said import prose
from tests.privacy.streams.stream import Heard, Stream, cut, dumped, json_events, sse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

_SHAPES: tuple[Callable[[str, int], Any], ...] = (
    lambda text, _: {"output": text},
    lambda text, _: {"delta": text},
    lambda text, _: {"v": text, "p": "/message/content/parts/0"},
    lambda text, _: [["chunk-of", "m"], [text]],
    lambda text, _: {"data": [[{"words": text}]]},
    lambda text, n: {"seq": n, "kind": "piece", "body": {"says": text}},
    lambda text, n: {"id": f"evt_{n}", "type": "agent.said", "output": text},
    lambda text, n: {
        "index": n,
        "token": {"id": 7 * n, "text": text, "logprob": -0.5 / (n + 1), "special": not n % 2},
        "generated_text": None,
    },
    lambda text, n: {"content": text, "tokens": list(range(n % 3)), "stop": False},
    lambda text, n: {"answer": text, "created_at": 1_700_000_000 + n, "task_id": "t"},
    lambda text, n: {"results": [{"generated_text": text, "generated_token_count": n}]},
    lambda text, n: {"contentBlockIndex": 0, "delta": {"text": text}, "p": "abcdef"[: n % 6]},
    lambda text, _: text,
)


def _found(event: Any, shape: Callable[[str, int], Any]) -> str:
    """The text in an event: what stands where the shape puts it."""
    mark = "\0text"
    pattern = shape(mark, 0)

    def search(value: Any, like: Any) -> str | None:
        if like == mark:
            return str(value)
        if isinstance(like, dict):
            pairs = [(value[name], like[name]) for name in like]
        elif isinstance(like, list):
            pairs = list(zip(value, like, strict=False))
        else:
            return None
        return next((found for pair in pairs if (found := search(*pair)) is not None), None)

    found = search(event, pattern)
    assert found is not None
    return found


def events(rng: Random, true: Mapping[str, str]) -> Stream:
    """Server-sent events."""
    shape = rng.choice(_SHAPES)
    name = rng.choice(("", "", "token", "message"))

    def read(out: bytes) -> Iterator[Heard]:
        for event in json_events(out):
            if event is None:
                yield None, "ends", ""
            else:
                yield "text", "adds", _found(event, shape)

    stream = Stream(b"text/event-stream", read, moves=False)
    within = "text" if shape("", 0) == "" else "json"
    said = stream.said["text"] = prose(rng, true, within=within)
    for number, text in enumerate(cut(rng, said.sent)):
        stream.put(sse(rng, shape(text, number), name), adds={"text": text})
    if rng.randrange(2):
        stream.put(b"data: [DONE]\n\n")
    return stream


def lines(rng: Random, true: Mapping[str, str]) -> Stream:
    """Lines of JSON."""
    shape = rng.choice(_SHAPES[:-1])

    def read(out: bytes) -> Iterator[Heard]:
        for line in out.splitlines():
            yield "text", "adds", _found(json.loads(line), shape)

    stream = Stream(b"application/x-ndjson", read, moves=False)
    said = stream.said["text"] = prose(rng, true)
    for number, text in enumerate(cut(rng, said.sent)):
        stream.put(dumped(rng, shape(text, number)) + b"\n", adds={"text": text})
    return stream
