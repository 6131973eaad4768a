"""The chat backend: an Express application that takes only tokens minted for it."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from router.demo.streaming import EventStream, event, pieces
from router.demo.tokens import orion_fault, orion_subject
from router.demo.vendor import json_object

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.requests import Request

    from router.demo.settings import Settings

_MOST_SESSIONS = 200
_MOST_MESSAGES = 500
_EXPRESS = {"x-powered-by": "Express"}


class ChatBackend:
    """Chat sessions in memory, and a chat that streams; 200 sessions of 500 messages at most."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sessions: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def routes(self) -> list[Route]:
        """The paths under ``/api``, each behind the token check."""
        return [
            Route("/api/chat-stream", self._checked(self._chat), methods=["GET"]),
            Route("/api/sessions/list", self._checked(self._list), methods=["GET"]),
            Route("/api/sessions/messages", self._checked(self._messages), methods=["GET"]),
            Route("/api/sessions/create", self._checked(self._create), methods=["POST"]),
            Route("/api/sessions/save-message", self._checked(self._save), methods=["POST"]),
        ]

    def _checked(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            return self._refusal(request) or await handler(request)

        return checked

    def _refusal(self, request: Request) -> Response | None:
        if not self._settings.orion_secret:
            return None
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return _json({"error": "Unauthorized"}, 401)
        if fault := orion_fault(self._settings, token):
            return _json({"error": "Invalid token", "details": fault}, 401)
        if orion_subject(token) != self._settings.authorised_email:
            return _json({"error": "Forbidden", "details": "user not authorized"}, 403)
        return None

    async def _chat(self, request: Request) -> Response:
        message = request.query_params.get("message", "")
        if not message:
            return _json({"error": "message is required"}, 400)
        session = request.query_params.get("sessionId") or secrets.token_hex(8)
        text = f"You said: {message} (Answered by OpenAI's gpt-4o-mini.)"
        return EventStream(_events(text, session), pace=self._settings.pace, fields=_EXPRESS)

    async def _list(self, _: Request) -> Response:
        shown = [
            {key: session[key] for key in ("id", "title", "createdAt")}
            for session in self._sessions.values()
        ]
        return _json({"sessions": shown})

    async def _messages(self, request: Request) -> Response:
        session = self._sessions.get(request.query_params.get("sessionId", ""))
        if session is None:
            return _json({"error": "Session not found"}, 404)
        return _json({"messages": session["messages"]})

    async def _create(self, request: Request) -> Response:
        asked = await json_object(request) or {}
        session: dict[str, Any] = {
            "id": secrets.token_hex(8),
            "title": str(asked.get("title") or "New chat"),
            "createdAt": int(time.time() * 1000),
            "messages": [],
        }
        self._sessions[session["id"]] = session
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return _json({"session": {k: v for k, v in session.items() if k != "messages"}}, 201)

    async def _save(self, request: Request) -> Response:
        asked = await json_object(request) or {}
        session = self._sessions.get(str(asked.get("sessionId")))
        if session is None:
            return _json({"error": "Session not found"}, 404)
        message = {
            "id": secrets.token_hex(8),
            "role": str(asked.get("role") or "user"),
            "content": str(asked.get("content") or ""),
        }
        session["messages"] = [*session["messages"], message][-_MOST_MESSAGES:]
        return _json({"success": True, "message": message})


def _json(body: dict[str, Any], status: int = 200) -> JSONResponse:
    return JSONResponse(body, status, headers=_EXPRESS)


def _events(text: str, session: str) -> Iterator[bytes]:
    yield event({"type": "start", "sessionId": session})
    for piece in pieces(text):
        yield event({"type": "chunk", "content": piece})
    yield event({"type": "done", "sessionId": session})
