"""The fabric bridge: runs AI patterns over a text, answered whole or as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from router.demo.functions import text_in
from router.demo.streaming import EventStream, event, pieces
from router.demo.vendor import json_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

PATTERNS = {
    "summarize": "Summary",
    "extract_wisdom": "Wisdom",
    "improve_writing": "Better writing",
    "analyze_claims": "Claims",
}
"""The patterns the bridge knows, and the heading each puts over its answer."""


class Fabric:
    """The bridge; ``pace`` is seconds between two events."""

    def __init__(self, pace: float) -> None:
        self._pace = pace

    def routes(self) -> list[Route]:
        """``POST /`` and ``/patterns/<name>`` answer JSON, ``POST /chat`` streams."""
        return [
            Route("/", self.run, methods=["POST"]),
            Route("/patterns/{pattern}", self.run, methods=["POST"]),
            Route("/chat", self.chat, methods=["POST"]),
        ]

    async def run(self, request: Request) -> Response:
        """Runs one pattern: ``{"pattern", "input"}`` in, ``{"pattern", "output"}`` out."""
        asked = await json_object(request) or {}
        pattern = str(request.path_params.get("pattern") or asked.get("pattern") or "summarize")
        if pattern not in PATTERNS:
            return JSONResponse({"error": f"could not find pattern {pattern[:64]}"}, 404)
        text = text_in(asked)
        if not text:
            return JSONResponse({"error": "input is empty"}, 400)
        return JSONResponse(
            {"pattern": pattern, "output": _output(pattern, text), "vendor": "Anthropic"}
        )

    async def chat(self, request: Request) -> Response:
        """Fabric's own ``/chat``: ``{"prompts": [{"userInput", "patternName"}]}``, events out."""
        asked = await json_object(request) or {}
        prompts = asked.get("prompts")
        if not isinstance(prompts, list) or not prompts or not isinstance(prompts[0], dict):
            return JSONResponse({"error": "prompts is required"}, 400)
        pattern = str(prompts[0].get("patternName") or "summarize")
        text = str(prompts[0].get("userInput") or "")
        return EventStream(_events(_output(pattern, text)), pace=self._pace)


def _output(pattern: str, text: str) -> str:
    heading = PATTERNS.get(pattern, pattern)
    return f"# {heading}\n\n- {text}\n\nMade with Anthropic's claude-3-5-haiku-latest."


def _events(output: str) -> Iterator[bytes]:
    for piece in pieces(output):
        content: dict[str, Any] = {"type": "content", "format": "markdown", "content": piece}
        yield event(content)
    yield event({"type": "complete", "format": "plain", "content": ""})
