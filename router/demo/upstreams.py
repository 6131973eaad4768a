"""All example upstreams as one application: what the service table's upstream paths reach."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from router.demo import well_known
from router.demo.accounts import Accounts
from router.demo.audio import Speech, speech_to_text, transcribe
from router.demo.auth_gateway import AuthGateway
from router.demo.chat import Chat
from router.demo.chat_backend import ChatBackend
from router.demo.embeddings import embeddings, generate_embedding
from router.demo.fabric import Fabric
from router.demo.functions import Inference, TextFunction, gateway, summary, tags, translation
from router.demo.mcp_server import McpHandler
from router.demo.oauth import OAuth
from router.demo.received import Inbox, Recorder
from router.demo.sync import HOPS, Sync
from router.demo.vendor import ServiceRole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from router.demo.settings import Settings

    Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(settings: Settings) -> ASGIApp:
    """The application; records what reaches it (``GET /__received``)."""
    mcp_handler = McpHandler(settings.pace, loopback=settings.loopback)
    inbox = Inbox()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with mcp_handler.run():
            yield

    routes: list[BaseRoute] = [inbox.route(), Route("/health", _health)]
    routes += [
        _post(f"/functions/v1/{n}", Sync(h, settings.webhook_secret)) for n, h in HOPS.items()
    ]
    edge = Router(_edge_routes(settings, mcp_handler))
    routes.append(Mount("/functions/v1", app=ServiceRole(edge, settings.edge_key)))
    accounts = Accounts()
    routes += ChatBackend(settings).routes()
    routes += AuthGateway(settings, accounts).routes()
    routes += OAuth(settings, accounts).routes()
    routes += well_known.routes()
    routes += Fabric(settings.pace).routes()
    return Recorder(Starlette(routes=routes, lifespan=lifespan), inbox)


def _edge_routes(settings: Settings, mcp_handler: McpHandler) -> list[BaseRoute]:
    """The edge functions, each also under the path an SDK appends to its base URL."""
    chat = Chat(settings.pace)
    speech = Speech(settings.pace)
    return [
        _post("/ai-chat", chat),
        _post("/ai-chat/chat/completions", chat),
        _post("/gateway/chat/completions", chat),
        _post("/inference/chat/completions", chat),
        _post("/elevenlabs-tts", speech),
        _post("/elevenlabs-tts/audio/speech", speech),
        _post("/elevenlabs-stt", speech_to_text),
        _post("/elevenlabs-stt/audio/transcriptions", transcribe),
        _post("/whisper-transcribe", transcribe),
        _post("/whisper-transcribe/audio/transcriptions", transcribe),
        _post("/generate-embedding", generate_embedding),
        _post("/generate-embedding/embeddings", embeddings),
        _post("/embeddings", embeddings),
        _post("/embeddings/embeddings", embeddings),
        _post("/extract-tags", TextFunction(tags)),
        _post("/generate-summary", TextFunction(summary)),
        _post("/translate", TextFunction(translation)),
        _post("/gateway", TextFunction(gateway)),
        _post("/inference", Inference(settings.pace)),
        Route("/mcp-handler", mcp_handler),
    ]


def _post(path: str, endpoint: Endpoint) -> Route:
    """A route for POST; the endpoint may be a function or an object that is called like one."""

    async def serve(request: Request) -> Response:
        return await endpoint(request)

    return Route(path, serve, methods=["POST"])


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
