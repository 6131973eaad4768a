"""OpenAI: chat completions, legacy completions, the Responses API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tests.privacy.streams.said import Said, arguments, prose
from tests.privacy.streams.stream import (
    DONE,
    Heard,
    Lane,
    Stream,
    cut,
    json_events,
    mixed,
    sse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

EVENTS = b"text/event-stream"
_PROSE = ("content", "content", "refusal", "reasoning_content", "reasoning")


def chat(rng: Random, true: Mapping[str, str]) -> Stream:
    """Choices with texts, tool calls by index, the legacy ``function_call``."""
    stream = Stream(EVENTS, _read_chat)
    choices = range(rng.randrange(1, 4))
    for choice in choices:
        for _ in range(2):
            stream.said[choice, rng.choice(_PROSE)] = prose(rng, true)
        for call in range(rng.randrange(0, 3)):
            stream.said[choice, call] = arguments(rng, true)
        if not rng.randrange(4):
            stream.said[choice, "function_call"] = arguments(rng, true)
    parts = {lane: cut(rng, said.sent) for lane, said in stream.said.items()}
    for choice in choices:
        stream.put(sse(rng, _chunk(choice, {"role": "assistant", "content": ""})))
    for lane, text in mixed(rng, parts):
        choice, name = cast("tuple[int, str | int]", lane)
        stream.put(sse(rng, _chunk(choice, _delta(name, text))), adds={(choice, name): text})
        if not rng.randrange(12):
            stream.put(rng.choice((b": ping\n\n", sse(rng, {"choices": [], "usage": {}}))))
    for choice in choices:
        stream.put(sse(rng, _chunk(choice, {}, "stop")))
    if rng.randrange(2):
        stream.put(sse(rng, {"choices": [], "usage": {"total_tokens": 1}}))
    if rng.randrange(4):
        stream.put(DONE)
    return stream


def _chunk(choice: int, delta: Any, finish: str | None = None) -> Any:
    made = {"index": choice, "delta": delta, "finish_reason": finish}
    return {"id": "c-1", "object": "chat.completion.chunk", "model": "m", "choices": [made]}


def _delta(name: str | int, text: str) -> Any:
    if isinstance(name, int):
        return {"tool_calls": [{"index": name, "function": {"arguments": text}}]}
    return {name: {"arguments": text} if name == "function_call" else text}


def _read_chat(out: bytes) -> Iterator[Heard]:
    for event in json_events(out):
        if event is None:
            yield None, "ends", ""
            continue
        for choice in event["choices"]:
            at = choice["index"]
            for name, value in choice["delta"].items():
                if name == "tool_calls":
                    for call in value:
                        yield (at, call["index"]), "adds", call["function"]["arguments"]
                elif name == "function_call":
                    yield (at, name), "adds", value["arguments"]
                elif name != "role":
                    yield (at, name), "adds", value
            if choice["finish_reason"]:
                yield (at,), "ends", ""


def completions(rng: Random, true: Mapping[str, str]) -> Stream:
    """Legacy completions: ``text`` of each choice; the last piece may come with the reason."""
    stream = Stream(EVENTS, _read_completions)
    for choice in range(rng.randrange(1, 3)):
        stream.said[choice,] = prose(rng, true)
    parts = {lane: cut(rng, said.sent) for lane, said in stream.said.items()}
    over = {lane: len(pieces) for lane, pieces in parts.items()}
    together = rng.random() < 0.5
    for lane, text in mixed(rng, parts):
        over[lane] -= 1
        finish = "length" if together and not over[lane] else None
        stream.put(sse(rng, _completion(lane, text, finish)), adds={lane: text})
    if not together:
        for lane in stream.said:
            stream.put(sse(rng, _completion(lane, "", "stop")))
    stream.put(DONE)
    return stream


def _completion(lane: Any, text: str, finish: str | None) -> Any:
    choice = {"text": text, "index": lane[0], "logprobs": None, "finish_reason": finish}
    return {"object": "text_completion", "choices": [choice]}


def _read_completions(out: bytes) -> Iterator[Heard]:
    for event in json_events(out):
        if event is None:
            yield None, "ends", ""
            continue
        for choice in event["choices"]:
            yield (choice["index"],), "adds", choice["text"]
            if choice["finish_reason"]:
                yield (choice["index"],), "ends", ""


_TEXTS = {
    "output_text": "text",
    "reasoning_summary_text": "text",
    "refusal": "refusal",
    "function_call_arguments": "arguments",
    "mcp_call_arguments": "arguments",
}


def responses(rng: Random, true: Mapping[str, str]) -> Stream:
    """The Responses API: deltas of items, then each text whole, then all of the response."""
    stream = Stream(EVENTS, _read_responses)
    for item in range(rng.randrange(1, 4)):
        kind = rng.choice(tuple(_TEXTS))
        made = arguments if kind.endswith("arguments") else prose
        stream.said[item, kind] = made(rng, true)
    parts = {lane: cut(rng, said.sent) for lane, said in stream.said.items()}
    over = {lane: len(pieces) for lane, pieces in parts.items()}
    early = rng.random() < 0.5
    _event(rng, stream, {"type": "response.created", "response": {"id": "r", "output": []}})
    for lane, text in mixed(rng, parts):
        over[lane] -= 1
        _event(rng, stream, _place(lane, "delta", {"delta": text}), {lane: text})
        if early and not over[lane]:
            _finish(rng, stream, lane)
    for lane in stream.said:
        if not early:
            _finish(rng, stream, lane)
    _event(rng, stream, {"type": "response.completed", "response": {"id": "r", "output": []}})
    return stream


def _place(lane: Any, what: str, more: Any) -> Any:
    item, kind = lane
    place = {"item_id": f"i{item}", "output_index": item, "content_index": 0}
    return {"type": f"response.{kind}.{what}", "sequence_number": 7, **place, **more}


def _event(rng: Random, stream: Stream, event: Any, adds: dict[Lane, str] | None = None) -> None:
    stream.put(sse(rng, event, event["type"]), adds=adds)


def _finish(rng: Random, stream: Stream, lane: Any) -> None:
    said: Said = stream.said[lane]
    _event(rng, stream, _place(lane, "done", {_TEXTS[lane[1]]: said.sent}))


def _read_responses(out: bytes) -> Iterator[Heard]:
    for event in json_events(out):
        kind, _, what = event["type"].removeprefix("response.").rpartition(".")
        lane = event.get("output_index"), kind
        if what == "delta":
            yield lane, "adds", event["delta"]
        elif what == "done":
            yield lane, "ends", ""
            yield lane, "whole", event[_TEXTS[kind]]
        elif what == "completed":
            yield None, "ends", ""
