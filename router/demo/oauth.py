"""OAuth 2.1 as CLI tools, MCP clients and IDE extensions use it: PKCE and the device code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from router.demo.tokens import signed
from router.demo.well_known import DEVICE_GRANT, issuer

if TYPE_CHECKING:
    from starlette.requests import Request

    from router.demo.accounts import Account, Accounts
    from router.demo.settings import Settings

_MOST = 1000
_TOKEN_SECONDS = 3600
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class _Code:
    """An authorization code's own facts; ``challenge`` is S256 (RFC 7636 §4.2)."""

    client_id: str
    redirect_uri: str
    challenge: str
    subject: str


class OAuth:
    """The authorization server; every authorization is granted to a fresh demo user."""

    def __init__(self, settings: Settings, accounts: Accounts) -> None:
        self._settings = settings
        self._accounts = accounts
        self._codes: OrderedDict[str, _Code] = OrderedDict()
        self._devices: OrderedDict[str, int] = OrderedDict()

    def routes(self) -> list[Route]:
        """``/oauth/…``."""
        return [
            Route("/oauth/authorize", self._authorize, methods=["GET"]),
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/oauth/device/code", self._device_code, methods=["POST"]),
        ]

    async def _authorize(self, request: Request) -> Response:
        """Redirects back with a code: the stand-in's user always says yes."""
        asked = request.query_params
        redirect_uri = asked.get("redirect_uri", "")
        if not _may_redirect(redirect_uri):
            return _fault("invalid_request", "redirect_uri is not registered")
        if asked.get("response_type") != "code" or not asked.get("client_id"):
            return _fault("invalid_request", "response_type=code and client_id are required")
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return _fault("invalid_request", "PKCE with S256 is required")
        code = secrets.token_urlsafe(24)
        subject = f"demo-{secrets.token_hex(4)}"
        _keep(
            self._codes,
            code,
            _Code(asked["client_id"], redirect_uri, asked["code_challenge"], subject),
        )
        back = {"code": code, "state": asked.get("state", ""), "iss": issuer(request)}
        return RedirectResponse(f"{redirect_uri}?{urlencode(back)}", 302)

    async def _token(self, request: Request) -> Response:
        """Exchanges a code, a device code or a refresh token."""
        async with request.form() as form:
            asked = {name: str(value) for name, value in form.items()}
        match asked.get("grant_type"):
            case "authorization_code":
                return self._by_code(asked)
            case "refresh_token":
                account = self._accounts.redeem(asked.get("refresh_token", ""))
                return self._granted(account) if account else _fault("invalid_grant", "spent")
            case grant if grant == DEVICE_GRANT:
                return self._by_device(asked.get("device_code", ""))
            case _:
                return _fault("unsupported_grant_type", "this grant is not offered")

    def _by_code(self, asked: dict[str, str]) -> Response:
        code = self._codes.pop(asked.get("code", ""), None)
        verifier = asked.get("code_verifier", "").encode()
        if (
            code is None
            or asked.get("client_id") != code.client_id
            or asked.get("redirect_uri") != code.redirect_uri
            or not hmac.compare_digest(_challenge(verifier), code.challenge)
        ):
            return _fault("invalid_grant", "the code is unknown, spent or not yours")
        return self._granted(self._accounts.known(code.subject, f"{code.subject}@example.com"))

    def _by_device(self, device_code: str) -> Response:
        """Pending at the first poll, granted at the second, as if the user had typed meanwhile."""
        polls = self._devices.get(device_code)
        if polls is None:
            return _fault("expired_token", "the device code is unknown or expired")
        if polls == 0:
            self._devices[device_code] = 1
            return _fault("authorization_pending", "the user has not answered yet")
        del self._devices[device_code]
        return self._granted(self._accounts.known(f"device-{secrets.token_hex(4)}"))

    def _granted(self, account: Account) -> Response:
        return JSONResponse(
            {
                "access_token": signed(self._settings, account.id, account.email, _TOKEN_SECONDS),
                "token_type": "Bearer",
                "expires_in": _TOKEN_SECONDS,
                "refresh_token": self._accounts.open_session(account, "oauth"),
                "scope": "ai:chat",
            },
            headers={"cache-control": "no-store"},
        )

    async def _device_code(self, request: Request) -> Response:
        """RFC 8628 §3.2."""
        async with request.form() as form:
            if not form.get("client_id"):
                return _fault("invalid_client", "client_id is required")
        device_code = secrets.token_urlsafe(32)
        user_code = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
        _keep(self._devices, device_code, 0)
        page = f"{issuer(request)}/device"
        return JSONResponse(
            {
                "device_code": device_code,
                "user_code": user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={user_code}",
                "expires_in": 600,
                "interval": 5,
            },
            headers={"cache-control": "no-store"},
        )


def _keep(store: OrderedDict[str, Any], key: str, value: object) -> None:
    store[key] = value
    if len(store) > _MOST:
        store.popitem(last=False)


def _may_redirect(uri: str) -> bool:
    """Loopback (RFC 8252 §7.3) and the platform's own domain only."""
    host = urlsplit(uri).hostname or ""
    return host in _LOOPBACK or host == "lanonasis.com" or host.endswith(".lanonasis.com")


def _challenge(verifier: bytes) -> str:
    digest = hashlib.sha256(verifier).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _fault(error: str, description: str) -> JSONResponse:
    """RFC 6749 §5.2."""
    return JSONResponse(
        {"error": error, "error_description": description},
        400,
        headers={"cache-control": "no-store"},
    )
