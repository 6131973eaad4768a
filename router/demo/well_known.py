"""The two documents by which OAuth clients find their way (RFC 8414, RFC 9728)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
"""RFC 8628 §3.4."""


def routes() -> list[Route]:
    """Both documents, also with the path of a resource behind."""
    server = "/.well-known/oauth-authorization-server"
    resource = "/.well-known/oauth-protected-resource"
    return [
        Route(server, _server),
        Route(f"{server}/{{rest:path}}", _server),
        Route(resource, _resource),
        Route(f"{resource}/{{rest:path}}", _resource),
    ]


def issuer(request: Request) -> str:
    """The address callers see: the router's, where it forwarded it."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "localhost")
    return f"{scheme}://{host}"


async def _server(request: Request) -> Response:
    """RFC 8414 §3.2."""
    base = issuer(request)
    return JSONResponse(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "device_authorization_endpoint": f"{base}/oauth/device/code",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["ai:chat"],
        }
    )


async def _resource(request: Request) -> Response:
    """RFC 9728 §3.2."""
    base = issuer(request)
    rest = request.path_params.get("rest", "")
    return JSONResponse(
        {
            "resource": f"{base}/{rest}" if rest else base,
            "authorization_servers": [base],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["ai:chat"],
        }
    )
