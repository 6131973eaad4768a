"""Anthropic messages, Gemini by events and as an array, Cohere, Ollama."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from tests.privacy.streams.said import arguments, prose
from tests.privacy.streams.stream import Heard, Stream, cut, dumped, json_events, mixed, sse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

EVENTS = b"text/event-stream"
_BLOCKS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}


def anthropic(rng: Random, true: Mapping[str, str]) -> Stream:
    """Blocks one after the other, each opened and closed."""
    stream = Stream(EVENTS, _read_anthropic)

    def put(event: Any, adds: Any = None) -> None:
        stream.put(sse(rng, event, event["type"]), adds=adds)

    put({"type": "message_start", "message": {"id": "m", "role": "assistant", "content": []}})
    for block in range(rng.randrange(1, 4)):
        kind = rng.choice(tuple(_BLOCKS))
        said = (arguments if kind == "input_json_delta" else prose)(rng, true)
        stream.said[block,] = said
        start = {"type": "content_block_start", "index": block}
        put({**start, "content_block": {"type": "text", "text": ""}})
        for text in cut(rng, said.sent):
            delta = {"type": kind, _BLOCKS[kind]: text}
            put({"type": "content_block_delta", "index": block, "delta": delta}, {(block,): text})
            if not rng.randrange(10):
                put({"type": "ping"})
        put({"type": "content_block_stop", "index": block})
    put({"type": "message_delta", "delta": {"stop_reason": "end_turn"}})
    put({"type": "message_stop"})
    return stream


def _read_anthropic(out: bytes) -> Iterator[Heard]:
    for event in json_events(out):
        if event["type"] == "content_block_delta":
            delta = event["delta"]
            yield (event["index"],), "adds", delta[_BLOCKS[delta["type"]]]
        elif event["type"] == "content_block_stop":
            yield (event["index"],), "ends", ""
        elif event["type"] == "message_stop":
            yield None, "ends", ""


def gemini(rng: Random, true: Mapping[str, str]) -> Stream:
    """streamGenerateContent with ``alt=sse``."""
    stream = Stream(EVENTS, lambda out: _read_gemini(json_events(out)))
    for event, adds in _gemini(rng, stream, true):
        stream.put(sse(rng, event), adds=adds)
    return stream


def gemini_array(rng: Random, true: Mapping[str, str]) -> Stream:
    """streamGenerateContent without it: one array that grows."""
    stream = Stream(b"application/json; charset=UTF-8", lambda out: _read_gemini(_items(out)))
    lead = b"["
    for event, adds in _gemini(rng, stream, true):
        indent = rng.choice((None, 2))
        text = json.dumps(event, indent=indent, ensure_ascii=bool(rng.randrange(2)))
        stream.put(lead + text.encode(), adds=adds)
        lead = rng.choice((b",\r\n", b"\n,\n", b","))
    stream.put(b"\n]\n")
    return stream


def _gemini(rng: Random, stream: Stream, true: Mapping[str, str]) -> Iterator[tuple[Any, Any]]:
    candidates = range(rng.randrange(1, 3))
    for candidate in candidates:
        stream.said[candidate, False] = prose(rng, true)
        if rng.randrange(2):
            stream.said[candidate, True] = prose(rng, true)
    parts = {lane: cut(rng, said.sent) for lane, said in stream.said.items()}
    for lane, text in mixed(rng, parts):
        candidate, thought = cast("tuple[int, bool]", lane)
        part = {"text": text, **({"thought": True} if thought else {})}
        made = {"content": {"parts": [part], "role": "model"}, "index": candidate}
        yield {"candidates": [made], "usageMetadata": {"n": 1}}, {(candidate, thought): text}
    for candidate in candidates:
        done = {"content": {"parts": [{"text": ""}]}, "finishReason": "STOP", "index": candidate}
        yield {"candidates": [done]}, {}


def _items(out: bytes) -> Iterator[Any]:
    """The elements of an array that may go on."""
    text, decoder, at = out.decode(), json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        item, at = decoder.raw_decode(text, at)
        yield item


def _read_gemini(events: Iterator[Any]) -> Iterator[Heard]:
    for event in events:
        for candidate in event["candidates"]:
            at = candidate["index"]
            for part in candidate["content"]["parts"]:
                yield (at, part.get("thought", False)), "adds", part["text"]
            if candidate.get("finishReason"):
                yield (at,), "ends", ""


def cohere(rng: Random, true: Mapping[str, str]) -> Stream:
    """Chat, version 2: content, the plan, calls of tools."""
    stream = Stream(EVENTS, _read_cohere, moves=False)

    def put(kind: str, index: int, message: Any, adds: Any = None) -> None:
        event = {"type": kind, "index": index, "delta": {"message": message}}
        stream.put(sse(rng, event, kind), adds=adds)

    if rng.randrange(2):
        said = stream.said["tool-plan-delta", 0] = prose(rng, true)
        for text in cut(rng, said.sent):
            put("tool-plan-delta", 0, {"tool_plan": text}, {("tool-plan-delta", 0): text})
        said = stream.said["tool-call-delta", 0] = arguments(rng, true)
        put("tool-call-start", 0, {"tool_calls": {"id": "t", "function": {"arguments": ""}}})
        for text in cut(rng, said.sent):
            call = {"tool_calls": {"function": {"arguments": text}}}
            put("tool-call-delta", 0, call, {("tool-call-delta", 0): text})
        put("tool-call-end", 0, {})
    said = stream.said["content-delta", 0] = prose(rng, true)
    for text in cut(rng, said.sent):
        put("content-delta", 0, {"content": {"text": text}}, {("content-delta", 0): text})
    put("content-end", 0, {})
    return stream


def _read_cohere(out: bytes) -> Iterator[Heard]:
    for event in json_events(out):
        kind, message = event["type"], event["delta"]["message"]
        lane = kind, event["index"]
        if kind == "tool-plan-delta":
            yield lane, "adds", message["tool_plan"]
        elif kind == "tool-call-delta":
            yield lane, "adds", message["tool_calls"]["function"]["arguments"]
        elif kind == "content-delta":
            yield lane, "adds", message["content"]["text"]
        elif kind.endswith("-end"):
            yield (kind.replace("end", "delta"),), "ends", ""


def ollama(rng: Random, true: Mapping[str, str]) -> Stream:
    """Lines of JSON from ``/api/chat`` or ``/api/generate``; the time differs in each."""
    stream = Stream(b"application/x-ndjson", _read_ollama)
    lanes = rng.choice((["content"], ["thinking", "content"], ["response"]))
    for name in lanes:
        stream.said[name,] = prose(rng, true)
    parts = {lane: cut(rng, said.sent) for lane, said in stream.said.items()}
    for number, (lane, text) in enumerate(mixed(rng, parts)):
        stream.put(_line(rng, lane, text, number), adds={lane: text})
    stream.put(_line(rng, (lanes[-1],), "", 0, done=True))
    return stream


def _line(rng: Random, lane: Any, text: str, number: int, *, done: bool = False) -> bytes:
    event: Any = {"model": "m", "created_at": f"2026-01-01T00:00:{number:02d}Z", "done": done}
    if lane == ("response",):
        event["response"] = text
    else:
        event["message"] = {"role": "assistant", "content": "", lane[0]: text}
    return dumped(rng, event) + b"\n"


def _read_ollama(out: bytes) -> Iterator[Heard]:
    for line in out.splitlines():
        event = json.loads(line)
        for lane, text in event.get("message", {"response": event.get("response")}).items():
            if lane != "role" and text:
                yield (lane,), "adds", text
        if event["done"]:
            yield None, "ends", ""
