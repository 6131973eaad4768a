"""``ai-chat``: chat completions as OpenAI speaks them, plain and streamed, with tool calls.

The answer repeats what it was sent, so that placeholders are seen going in and values coming
back; it is cut into small deltas, so that both are cut over events.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import JSONResponse, Response

from router.demo.chat_answer import Answer, completion, events, usage
from router.demo.streaming import EventStream
from router.demo.vendor import (
    CHAT_MODEL,
    json_object,
    openai_error,
    openai_fields,
    unreadable_body,
)

if TYPE_CHECKING:
    from starlette.requests import Request

_FAILURES = {
    "error-401": (
        401,
        (
            "Incorrect API key provided: sk-pr****************. You can find your API key at "
            "https://platform.openai.com/account/api-keys."
        ),
        "invalid_api_key",
    ),
    "error-404": (
        404,
        "The model `error-404` does not exist or you do not have access to it.",
        "model_not_found",
    ),
    "error-429": (
        429,
        (
            "Rate limit reached for gpt-4o-mini in organization org-onasisdemo0000000000 on "
            "requests per min. Visit https://platform.openai.com/account/rate-limits."
        ),
        "rate_limit_exceeded",
    ),
    "error-500": (
        500,
        (
            "The server had an error while processing your request. Sorry about that! "
            "Contact us through help.openai.com if it persists."
        ),
        None,
    ),
}
"""What the model names ``error-…`` answer: the vendor's own words."""


class Chat:
    """The endpoint; ``pace`` is seconds between two streamed deltas."""

    def __init__(self, pace: float) -> None:
        self._pace = pace

    async def __call__(self, request: Request) -> Response:
        """Answers a chat request: JSON, or server-sent events where ``stream`` is true."""
        asked = await json_object(request)
        if asked is None:
            return unreadable_body()
        messages = _messages(asked)
        if not messages:
            return openai_error(
                400,
                "Missing required parameter: 'messages'.",
                code="missing_required_parameter",
                param="messages",
            )
        if (failure := _FAILURES.get(str(asked.get("model")))) is not None:
            status, words, code = failure
            return openai_error(status, words, code=code)
        answer = _answer(asked, messages)
        if asked.get("stream") is True:
            options = asked.get("stream_options")
            with_usage = isinstance(options, dict) and options.get("include_usage") is True
            return EventStream(
                events(answer, with_usage=with_usage), pace=self._pace, fields=openai_fields()
            )
        return JSONResponse(completion(answer), headers=openai_fields())


def _messages(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages; ``prompt`` or ``message`` alone counts as one of the user's."""
    messages = asked.get("messages")
    if isinstance(messages, list):
        return [message for message in messages if isinstance(message, dict)]
    prompt = asked.get("prompt") or asked.get("message")
    return [{"role": "user", "content": prompt}] if isinstance(prompt, str) else []


def text_of(message: dict[str, Any]) -> str:
    """The text of a message, whose content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _answer(asked: dict[str, Any], messages: list[dict[str, Any]]) -> Answer:
    said = text_of(messages[-1])
    model = asked.get("model")
    tool = _chosen_tool(asked, messages[-1], said)
    if messages[-1].get("role") == "tool":
        text = f"The tool answered: {said}"
    else:
        text = f"You wrote: {said}\n\nThis is OpenAI's {CHAT_MODEL} speaking; I kept your words."
    arguments = orjson.dumps(_arguments(tool, said)).decode() if tool else ""
    return Answer(
        id=f"chatcmpl-{secrets.token_urlsafe(21)}",
        model=model if isinstance(model, str) and model else CHAT_MODEL,
        created=int(time.time()),
        text="" if tool else text,
        tool=str(tool["name"]) if tool else "",
        arguments=arguments,
        usage=usage(sum(len(text_of(m)) for m in messages), len(arguments if tool else text)),
    )


def _chosen_tool(asked: dict[str, Any], last: dict[str, Any], said: str) -> dict[str, Any] | None:
    """The tool to call: the one asked for, else one the user's words name."""
    offered = asked.get("tools")
    functions: list[dict[str, Any]] = [
        tool["function"]
        for tool in (offered if isinstance(offered, list) else [])
        if isinstance(tool, dict) and isinstance(tool.get("function"), dict)
    ]
    choice = asked.get("tool_choice", "auto")
    if not functions or choice == "none" or last.get("role") == "tool":
        return None
    if isinstance(choice, dict):
        wanted = choice.get("function", {}).get("name")
        return next((one for one in functions if one.get("name") == wanted), None)
    if choice == "required":
        return functions[0]
    return next((one for one in functions if str(one.get("name")) in said), None)


def _arguments(function: dict[str, Any], said: str) -> dict[str, Any]:
    """Arguments after the function's schema; strings carry what the user said."""
    properties = function.get("parameters", {}).get("properties", {})
    made = {"integer": 1, "number": 1.5, "boolean": True, "array": [said], "object": {}}
    return {
        name: schema["enum"][0] if schema.get("enum") else made.get(schema.get("type"), said)
        for name, schema in properties.items()
    }
