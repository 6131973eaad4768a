"""The wire forms of one chat answer: a completion object, or the chunks of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from router.demo.streaming import event, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, before it takes its plain or its streamed form."""

    id: str
    model: str
    created: int
    text: str
    tool: str
    arguments: str
    usage: dict[str, Any]
    fingerprint: str = "fp_0ba0d124f1"

    @property
    def finish_reason(self) -> str:
        """Why the answer ends: its words do, or it calls a tool."""
        return "tool_calls" if self.tool else "stop"


def usage(asked_characters: int, answered_characters: int) -> dict[str, Any]:
    """Token counts, at four characters a token."""
    prompt, completion = asked_characters // 4 + 1, answered_characters // 4 + 1
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def completion(answer: Answer) -> dict[str, Any]:
    """The whole answer as one object."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text or None,
        "refusal": None,
        "annotations": [],
    }
    if answer.tool:
        message["tool_calls"] = [_tool_call(answer, answer.arguments)]
    return {
        "id": answer.id,
        "object": "chat.completion",
        "created": answer.created,
        "model": answer.model,
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": answer.finish_reason,
            }
        ],
        "usage": answer.usage,
        "service_tier": "default",
        "system_fingerprint": answer.fingerprint,
    }


def _tool_call(answer: Answer, arguments: str) -> dict[str, Any]:
    return {
        "id": f"call_{answer.id[-24:]}",
        "type": "function",
        "function": {"name": answer.tool, "arguments": arguments},
    }


def events(answer: Answer, *, with_usage: bool) -> Iterator[bytes]:
    """The answer as server-sent events, ``[DONE]`` last."""
    for delta in _deltas(answer):
        yield event(_chunk(answer, [_choice(delta, None)]))
    yield event(_chunk(answer, [_choice({}, answer.finish_reason)]))
    if with_usage:
        yield event({**_chunk(answer, []), "usage": answer.usage})
    yield b"data: [DONE]\n\n"


def _deltas(answer: Answer) -> Iterator[dict[str, Any]]:
    if not answer.tool:
        yield {"role": "assistant", "content": "", "refusal": None}
        for piece in pieces(answer.text):
            yield {"content": piece}
        return
    opening = {"index": 0, **_tool_call(answer, "")}
    yield {"role": "assistant", "content": None, "tool_calls": [opening]}
    for piece in pieces(answer.arguments):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def _choice(delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _chunk(answer: Answer, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": answer.id,
        "object": "chat.completion.chunk",
        "created": answer.created,
        "model": answer.model,
        "service_tier": "default",
        "system_fingerprint": answer.fingerprint,
        "choices": choices,
    }
