"""How the vendors behind the edge functions look on the wire: fields and errors they give."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

import orjson
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

CHAT_MODEL = "gpt-4o-mini"
SPEECH_MODEL = "eleven_multilingual_v2"
TRANSCRIPTION_MODEL = "whisper-1"
EMBEDDING_MODEL = "text-embedding-3-small"
MESSAGE_MODEL = "claude-3-5-haiku-latest"


def _edge_fields() -> dict[str, str]:
    return {
        "cf-ray": f"{secrets.token_hex(8)}-FRA",
        "cf-cache-status": "DYNAMIC",
        "set-cookie": f"__cf_bm={secrets.token_hex(16)}; Path=/; Domain=.api.openai.com; HttpOnly",
        "sb-gateway-version": "1",
        "x-sb-edge-region": "eu-central-1",
    }


def openai_fields() -> dict[str, str]:
    """The response fields of an answer that came from OpenAI."""
    return {
        **_edge_fields(),
        "server": "openai-edge",
        "via": "1.1 openai-envoy",
        "openai-organization": "org-onasisdemo0000000000",
        "openai-processing-ms": "87",
        "openai-version": "2020-10-01",
        "x-openai-proxy-wasm": "v0.1",
        "x-request-id": f"req_{secrets.token_hex(16)}",
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-tokens": "199950",
        "x-ratelimit-reset-requests": "8.64s",
        "x-ratelimit-reset-tokens": "15ms",
    }


def elevenlabs_fields() -> dict[str, str]:
    """The response fields of an answer that came from ElevenLabs."""
    return {
        "server": "uvicorn",
        "via": "1.1 google",
        "request-id": secrets.token_hex(10),
        "history-item-id": secrets.token_hex(10),
        "character-cost": "42",
        "x-elevenlabs-region": "eu",
    }


def anthropic_fields() -> dict[str, str]:
    """The response fields of an answer that came from Anthropic."""
    return {
        "server": "cloudflare",
        "request-id": f"req_{secrets.token_hex(12)}",
        "anthropic-organization-id": secrets.token_hex(16),
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": "3999",
        "cf-ray": f"{secrets.token_hex(8)}-FRA",
        "via": "1.1 google",
    }


def openai_error(
    status: int, message: str, *, code: str | None = None, param: str | None = None
) -> JSONResponse:
    """An error as OpenAI words it."""
    kind = {429: "requests", 500: "server_error"}.get(status, "invalid_request_error")
    return JSONResponse(
        {"error": {"message": message, "type": kind, "param": param, "code": code}},
        status_code=status,
        headers=openai_fields(),
    )


async def json_object(request: Request) -> dict[str, object] | None:
    """The request's JSON object, or None where it is none."""
    try:
        value = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def unreadable_body() -> JSONResponse:
    """What OpenAI says of a body that is no JSON object."""
    return openai_error(
        400,
        "We could not parse the JSON body of your request. The OpenAI API expects a JSON "
        "payload, but what was sent was not valid JSON. If you have trouble figuring out how to "
        "fix this, contact us through our help center at help.openai.com.",
    )


class ServiceRole:
    """ASGI guard: only callers with the service-role key as bearer pass; an empty key asks none."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._expected = f"Bearer {key}".encode() if key else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 401 in the vendor's words."""
        given = dict(scope["headers"]).get(b"authorization", b"")
        if self._expected and not hmac.compare_digest(given, self._expected):
            await _incorrect_key(scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _incorrect_key(scope: Scope) -> JSONResponse:
    answer = openai_error(
        401,
        "Incorrect API key provided. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    )
    if scope["path"].endswith("/mcp-handler"):
        host = dict(scope["headers"]).get(b"host", b"localhost").decode("latin-1")
        metadata = f"http://{host}/.well-known/oauth-protected-resource"
        # RFC 9728 §5.1: where an MCP client learns which authorization server to ask
        answer.headers["www-authenticate"] = (
            f'Bearer error="invalid_token", resource_metadata="{metadata}"'
        )
    return answer
