from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest

if TYPE_CHECKING:
    from tests.demo.conftest import Origin


def _token(origin: Origin, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "sub": origin.env["AUTHORIZED_USER_EMAIL"],
        "iss": origin.env["ORION_SHARED_JWT_ISS"],
        "aud": "orion-core",
        "iat": now,
        "exp": now + 300,
    }
    secret = changes.pop("secret", origin.env["ORION_SHARED_JWT_SECRET"])
    return jwt.encode(claims | changes, secret, algorithm="HS256")


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_a_chat_streams_what_was_said(origin: Origin) -> None:
    answer = httpx.get(
        f"{origin.url}/api/chat-stream",
        params={"message": "I am <PERSON_1>", "sessionId": "s-1"},
        headers=_bearer(_token(origin)),
    )
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
    said = "".join(event.get("content", "") for event in events)
    assert said.startswith("You said: I am <PERSON_1>")
    assert events[-1] == {"type": "done", "sessionId": "s-1"}
    assert answer.headers["x-powered-by"] == "Express"


def test_sessions_keep_their_messages(origin: Origin) -> None:
    with httpx.Client(base_url=f"{origin.url}/api/sessions", headers=_bearer(_token(origin))) as c:
        session = c.post("/create", json={"title": "Plans"}).json()["session"]["id"]
        saved = c.post("/save-message", json={"sessionId": session, "content": "hello"}).json()
        assert saved["success"] is True
        assert c.get("/messages", params={"sessionId": session}).json()["messages"] == [
            saved["message"]
        ]
        assert "Plans" in [one["title"] for one in c.get("/list").json()["sessions"]]
        assert c.get("/messages", params={"sessionId": "none"}).status_code == 404


def test_without_a_token_nobody_is_let_in(origin: Origin) -> None:
    answer = httpx.get(f"{origin.url}/api/sessions/list")
    assert answer.status_code == 401
    assert answer.json() == {"error": "Unauthorized"}


@pytest.mark.parametrize(
    ("changes", "details"),
    [
        ({"secret": "x" * 32}, "invalid signature"),
        ({"exp": int(time.time()) - 60}, "jwt expired"),
        ({"aud": "other"}, "jwt audience invalid. expected: orion-core"),
        ({"iss": "other"}, "jwt issuer invalid. expected: https://web.example.com"),
        ({"exp": int(time.time()) + 3600}, "maxAge exceeded"),
    ],
)
def test_a_bad_token_is_refused_in_the_words_clients_read(
    origin: Origin, changes: dict[str, Any], details: str
) -> None:
    answer = httpx.get(
        f"{origin.url}/api/sessions/list", headers=_bearer(_token(origin, **changes))
    )
    assert answer.status_code == 401
    assert answer.json() == {"error": "Invalid token", "details": details}


def test_only_the_authorised_address_is_served(origin: Origin) -> None:
    token = _token(origin, sub="somebody@example.com")
    answer = httpx.get(f"{origin.url}/api/sessions/list", headers=_bearer(token))
    assert answer.status_code == 403


def test_rubbish_is_malformed(origin: Origin) -> None:
    answer = httpx.get(f"{origin.url}/api/sessions/list", headers=_bearer("rubbish"))
    assert answer.json()["details"] == "jwt malformed"
