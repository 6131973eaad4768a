"""The small edge functions: tags, summaries, translation, the hub's gateway, model inference."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from router.demo.streaming import EventStream, event, pieces
from router.demo.vendor import (
    CHAT_MODEL,
    MESSAGE_MODEL,
    anthropic_fields,
    json_object,
    openai_error,
    openai_fields,
    unreadable_body,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

_TEXT_NAMES = ("text", "input", "content", "prompt", "inputs", "message")


def text_in(asked: dict[str, Any]) -> str:
    """The text a function is to work on, under whichever usual name it came."""
    for name in _TEXT_NAMES:
        value = asked.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


class TextFunction:
    """An edge function that makes one JSON answer out of one text."""

    def __init__(self, work: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
        self._work = work

    async def __call__(self, request: Request) -> Response:
        """Answers JSON; a request without a text is refused in the vendor's words."""
        asked = await json_object(request)
        if asked is None:
            return unreadable_body()
        text = text_in(asked)
        if not text:
            return openai_error(400, "Missing required parameter: 'text'.", param="text")
        made = {**self._work(text, asked), "model": CHAT_MODEL, "provider": "openai"}
        return JSONResponse(made, headers=openai_fields())


def tags(text: str, _: dict[str, Any]) -> dict[str, Any]:
    """The longest different words, as they were written."""
    words = dict.fromkeys(word.strip(".,;:!?()\"'") for word in text.split())
    chosen = sorted((word for word in words if len(word) > 3), key=len, reverse=True)[:8]
    return {"tags": chosen, "count": len(chosen)}


def summary(text: str, _: dict[str, Any]) -> dict[str, Any]:
    """The first sentences, up to 280 characters."""
    short = text if len(text) <= 280 else f"{text[:279].rsplit(' ', 1)[0]}…"
    return {"summary": f"In short: {short}", "characters": len(text)}


def translation(text: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The text under a mark of the language asked for."""
    target = str(asked.get("target") or asked.get("target_language") or "fr")
    return {"translation": f"[{target}] {text}", "source_language": "en", "target": target}


def gateway(text: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The developer hub's answer: what was asked of which task."""
    task = str(asked.get("task") or "echo")
    return {"task": task, "result": f"{task}: {text}", "via": "OpenAI API, api.openai.com"}


class Inference:
    """Model hosting, answered as Anthropic's Messages API does: JSON or named events."""

    def __init__(self, pace: float) -> None:
        self._pace = pace

    async def __call__(self, request: Request) -> Response:
        """Answers a message; ``stream: true`` streams it."""
        asked = await json_object(request)
        if asked is None:
            return unreadable_body()
        said = text_in(asked)
        if not said:
            error = {"type": "invalid_request_error", "message": "prompt: Field required"}
            return JSONResponse({"type": "error", "error": error}, 400, headers=anthropic_fields())
        text = f"You asked: {said}\n\nAnswered by Claude, a model of Anthropic."
        if asked.get("stream") is True:
            return EventStream(_message_events(text), pace=self._pace, fields=anthropic_fields())
        content = [{"type": "text", "text": text}]
        return JSONResponse(
            {**_message(len(text)), "content": content, "stop_reason": "end_turn"},
            headers=anthropic_fields(),
        )


def _message(characters: int) -> dict[str, Any]:
    return {
        "id": f"msg_{secrets.token_urlsafe(18)}",
        "type": "message",
        "role": "assistant",
        "model": MESSAGE_MODEL,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": characters // 4 + 1},
    }


def _message_events(text: str) -> Iterator[bytes]:
    def named(name: str, **members: object) -> bytes:
        return event({"type": name, **members}, name)

    yield named("message_start", message=_message(0))
    yield named("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield named("ping")
    for piece in pieces(text):
        delta = {"type": "text_delta", "text": piece}
        yield named("content_block_delta", index=0, delta=delta)
    yield named("content_block_stop", index=0)
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    yield named("message_delta", delta=ended, usage={"output_tokens": len(text) // 4 + 1})
    yield named("message_stop")
