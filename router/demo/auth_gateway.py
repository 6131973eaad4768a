"""The auth gateway: log-in with both cookies, API keys, sessions; see ``oauth`` for OAuth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from router.demo.tokens import LIFETIME, signed, sso_claims
from router.demo.vendor import json_object

if TYPE_CHECKING:
    from starlette.requests import Request

    from router.demo.accounts import Account, Accounts
    from router.demo.settings import Settings

_DOMAIN = ".lanonasis.com"
_SHORTEST_PASSWORD = 8


class AuthGateway:
    """Log-in, registration, refresh; and what a logged-in user may see of himself."""

    def __init__(self, settings: Settings, accounts: Accounts) -> None:
        self._settings = settings
        self._accounts = accounts

    def routes(self) -> list[Route]:
        """``/auth/…``, ``/api/keys``, ``/sessions``."""
        return [
            Route("/auth/login", self._login, methods=["POST"]),
            Route("/auth/register", self._register, methods=["POST"]),
            Route("/auth/refresh", self._refresh, methods=["POST"]),
            Route("/api/keys", self._keys, methods=["GET", "POST"]),
            Route("/sessions", self._sessions, methods=["GET"]),
            Route("/sessions/{id}", self._end_session, methods=["DELETE"]),
        ]

    async def _register(self, request: Request) -> Response:
        email, password = await _credentials(request)
        if "@" not in email or len(password) < _SHORTEST_PASSWORD:
            return JSONResponse({"error": "Invalid email or password too short"}, 400)
        account = self._accounts.register(email, password)
        if account is None:
            return JSONResponse({"error": "User already registered"}, 409)
        return self._logged_in(account, request, 201)

    async def _login(self, request: Request) -> Response:
        account = self._accounts.login(*await _credentials(request))
        if account is None:
            return JSONResponse({"error": "Invalid login credentials"}, 401)
        return self._logged_in(account, request, 200)

    async def _refresh(self, request: Request) -> Response:
        asked = await json_object(request) or {}
        account = self._accounts.redeem(str(asked.get("refresh_token", "")))
        if account is None:
            return JSONResponse({"error": "Invalid refresh token"}, 401)
        return self._logged_in(account, request, 200)

    def _logged_in(self, account: Account, request: Request, status: int) -> Response:
        """The tokens in the body, and both cookies beside it."""
        token = signed(self._settings, account.id, account.email)
        platform = request.headers.get("x-platform", "lanonasis")
        body = {
            "user": account.metadata(),
            "access_token": token,
            "refresh_token": self._accounts.open_session(account, platform),
            "token_type": "bearer",
            "expires_in": LIFETIME,
        }
        answer = JSONResponse(body, status, headers={"cache-control": "no-store"})
        _set_cookie(answer, "lanonasis_session", token, readable=False)
        metadata = quote(orjson.dumps(account.metadata()).decode(), safe="")
        _set_cookie(answer, "lanonasis_user", metadata, readable=True)
        return answer

    def _caller(self, request: Request) -> Account | None:
        """By token, by cookie, or by the router's word: it lets no caller send ``X-User-Id``."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        for token in (bearer, request.cookies.get("lanonasis_session", "")):
            if token and (claims := sso_claims(self._settings, token)) is not None:
                return self._accounts.known(claims["sub"], claims.get("email", ""))
        subject = request.headers.get("x-user-id", "")
        email = request.headers.get("x-user-email", "")
        return self._accounts.known(subject, email) if subject else None

    async def _keys(self, request: Request) -> Response:
        account = self._caller(request)
        if account is None:
            return _unauthorized()
        if request.method == "GET":
            return JSONResponse({"keys": list(account.keys.values())})
        asked = await json_object(request) or {}
        made = self._accounts.add_key(account, str(asked.get("name") or "unnamed"))
        return JSONResponse(made, 201, headers={"cache-control": "no-store"})

    async def _sessions(self, request: Request) -> Response:
        account = self._caller(request)
        if account is None:
            return _unauthorized()
        return JSONResponse({"sessions": list(account.sessions.values())})

    async def _end_session(self, request: Request) -> Response:
        account = self._caller(request)
        if account is None:
            return _unauthorized()
        if account.sessions.pop(request.path_params["id"], None) is None:
            return JSONResponse({"error": "Session not found"}, 404)
        return Response(status_code=204)


async def _credentials(request: Request) -> tuple[str, str]:
    asked: dict[str, Any] = await json_object(request) or {}
    return str(asked.get("email", "")), str(asked.get("password", ""))


def _set_cookie(answer: Response, name: str, value: str, *, readable: bool) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=LIFETIME,
        domain=_DOMAIN,
        secure=True,
        httponly=not readable,
        samesite="lax",
    )


def _unauthorized() -> JSONResponse:
    return JSONResponse({"error": "Unauthorized"}, 401, headers={"www-authenticate": "Bearer"})
