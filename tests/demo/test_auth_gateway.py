from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import jwt
import pytest

if TYPE_CHECKING:
    from tests.demo.conftest import Origin


def _registered(origin: Origin) -> httpx.Response:
    account = {"email": f"{secrets.token_hex(4)}@example.com", "password": secrets.token_hex(8)}
    answer = httpx.post(f"{origin.url}/auth/register", json=account)
    assert answer.status_code == 201
    again = httpx.post(f"{origin.url}/auth/login", json=account)
    assert again.status_code == 200
    assert again.json()["user"]["email"] == account["email"]
    return again


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_login_sets_both_cookies_and_the_session_is_a_signed_token(origin: Origin) -> None:
    answer = _registered(origin)
    session, user = answer.headers.get_list("set-cookie")
    assert session.startswith("lanonasis_session=")
    assert {"HttpOnly", "Secure", "Domain=.lanonasis.com"} <= set(session.split("; "))
    assert "HttpOnly" not in user
    name, _, value = user.partition(";")[0].partition("=")
    assert name == "lanonasis_user"
    assert json.loads(unquote(value)) == answer.json()["user"]
    claims = jwt.decode(
        session.partition(";")[0].partition("=")[2],
        origin.env["SSO_JWT_SECRET"],
        algorithms=["HS256"],
        issuer=origin.env["SSO_JWT_ISS"],
    )
    assert claims["sub"] == answer.json()["user"]["id"]


def test_a_wrong_password_does_not_log_in(origin: Origin) -> None:
    email = _registered(origin).json()["user"]["email"]
    answer = httpx.post(
        f"{origin.url}/auth/login", json={"email": email, "password": "wrong-password"}
    )
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_a_refresh_token_is_good_once(origin: Origin) -> None:
    spent = {"refresh_token": _registered(origin).json()["refresh_token"]}
    assert httpx.post(f"{origin.url}/auth/refresh", json=spent).status_code == 200
    assert httpx.post(f"{origin.url}/auth/refresh", json=spent).status_code == 401


def test_keys_and_sessions_are_the_users_own(origin: Origin) -> None:
    mine = _bearer(_registered(origin).json()["access_token"])
    other = _bearer(_registered(origin).json()["access_token"])
    with httpx.Client(base_url=origin.url, headers=mine) as client:
        made = client.post("/api/keys", json={"name": "ci"}).json()
        assert made["key"].startswith("sk_live_")
        (listed,) = client.get("/api/keys").json()["keys"]
        assert listed["name"] == "ci"
        assert "key" not in listed
        session = client.get("/sessions").json()["sessions"][0]["id"]
        assert httpx.delete(f"{origin.url}/sessions/{session}", headers=other).status_code == 404
        assert client.delete(f"/sessions/{session}").status_code == 204
    assert httpx.get(f"{origin.url}/api/keys").status_code == 401


def _code(origin: Origin, verifier: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    answer = httpx.get(
        f"{origin.url}/oauth/authorize",
        params={
            "response_type": "code",
            "client_id": "cli",
            "redirect_uri": "http://127.0.0.1:7777/back",
            "state": "s-1",
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        },
    )
    assert answer.status_code == 302
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["state"] == ["s-1"]
    return back["code"][0]


def _redeem(origin: Origin, code: str, verifier: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": "cli",
        "redirect_uri": "http://127.0.0.1:7777/back",
        "code": code,
        "code_verifier": verifier,
    }
    return httpx.post(f"{origin.url}/oauth/token", data=form)


def test_a_code_is_redeemed_once_and_only_by_who_knows_the_verifier(origin: Origin) -> None:
    verifier = secrets.token_urlsafe(32)
    code = _code(origin, verifier)
    granted = _redeem(origin, code, verifier)
    assert granted.json()["token_type"] == "Bearer"
    assert httpx.get(
        f"{origin.url}/api/keys", headers=_bearer(granted.json()["access_token"])
    ).json() == {"keys": []}
    assert _redeem(origin, code, verifier).json()["error"] == "invalid_grant"
    stolen = _redeem(origin, _code(origin, verifier), secrets.token_urlsafe(32))
    assert stolen.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("uri", ["https://evil.example.com/", "javascript:alert(1)", ""])
def test_a_foreign_redirect_is_refused(origin: Origin, uri: str) -> None:
    answer = httpx.get(f"{origin.url}/oauth/authorize", params={"redirect_uri": uri})
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_device_is_granted_after_it_was_pending(origin: Origin) -> None:
    asked: dict[str, Any] = httpx.post(
        f"{origin.url}/oauth/device/code", data={"client_id": "ide"}
    ).json()
    assert asked["interval"] == 5
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": "ide",
        "device_code": asked["device_code"],
    }
    url = f"{origin.url}/oauth/token"
    assert httpx.post(url, data=form).json()["error"] == "authorization_pending"
    assert "access_token" in httpx.post(url, data=form).json()
    assert httpx.post(url, data=form).json()["error"] == "expired_token"
