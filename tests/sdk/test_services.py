"""The other services of the table, as their clients call them."""

from __future__ import annotations

import json
import secrets
from typing import Any

import httpx
import jwt
import pytest

from tests.sdk.conftest import Stack, address, bearer, fields_of, marker, received, token


@pytest.mark.parametrize(
    ("platform", "service", "member"),
    [
        ("lanonasis", "extract-tags", "tags"),
        ("maas", "generate-summary", "summary"),
        ("lanonasis", "translate", "translation"),
        ("seftechub", "gateway", "result"),
    ],
)
def test_a_function_works_on_placeholders_and_answers_with_values(
    stack: Stack, platform: str, service: str, member: str
) -> None:
    mark, email = marker(), address()
    answer = httpx.post(
        f"{stack.router_url}/{platform}/api/{service}",
        json={"text": f"{mark} {email}"},
        headers={"x-api-key": stack.api_key},
    )
    assert email in json.dumps(answer.json()[member])
    assert "openai" not in answer.text.lower()
    assert email not in received(stack, mark)[0]["body"]
    assert "EMAIL_ADDRESS=1" in answer.headers["x-privacy"]


def test_inference_streams_named_events_restored_and_masked(stack: Stack) -> None:
    email = address()
    answer = httpx.post(
        f"{stack.router_url}/maas/api/inference",
        json={"prompt": f"write to {email}", "stream": True},
        headers={"x-api-key": stack.api_key},
    )
    said = [
        json.loads(line[6:])["delta"].get("text", "")
        for line in answer.text.splitlines()
        if line.startswith("data: ") and '"delta"' in line
    ]
    assert email in "".join(said)
    assert "anthropic" not in answer.text.lower()
    assert answer.text.count("event: message_stop") == 1


def test_fabric_is_the_owners_own_and_gets_placeholders_too(stack: Stack) -> None:
    mark, email = marker(), address()
    answer = httpx.post(
        f"{stack.router_url}/lanonasis/api/fabric",
        json={"pattern": "summarize", "input": f"{mark} {email}"},
        headers={"x-api-key": stack.api_key},
    )
    assert email in answer.json()["output"]
    assert "anthropic" not in answer.text.lower()
    assert email not in received(stack, mark)[0]["body"]


def _chat(stack: Stack, credential: str, message: str) -> httpx.Response:
    return httpx.get(
        f"{stack.router_url}/lanonasis/api/chat-stream",
        params={"message": message, "sessionId": "s-1"},
        headers=bearer(credential),
    )


def test_the_authorised_user_chats_under_a_token_minted_for_him(stack: Stack) -> None:
    mark, email = marker(), address()
    owner = stack.env["AUTHORIZED_USER_EMAIL"]
    answer = _chat(stack, token(stack, owner), f"{mark} {email}")
    events: list[dict[str, Any]] = [
        json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")
    ]
    said = "".join(event.get("content", "") for event in events)
    assert said.startswith(f"You said: {mark} {email}")
    assert "openai" not in said.lower()
    (entry,) = received(stack, mark)
    assert email.partition("@")[0] not in entry["query"]
    minted = fields_of(entry)["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(
        minted,
        stack.env["ORION_SHARED_JWT_SECRET"],
        algorithms=["HS256"],
        audience=stack.env["ORION_SHARED_JWT_AUD"],
        issuer=stack.env["ORION_SHARED_JWT_ISS"],
    )
    assert claims["sub"] == owner
    assert "email" not in claims
    assert 0 < claims["exp"] - claims["iat"] <= 300


def test_nobody_else_chats(stack: Stack) -> None:
    mark = marker()
    answer = _chat(stack, token(stack, "somebody@example.com"), mark)
    assert answer.status_code == 403
    assert answer.json()["code"] == "subject_not_allowed"
    assert received(stack, mark) == []


def test_chat_sessions_are_stored_as_they_are(stack: Stack) -> None:
    owner = token(stack, stack.env["AUTHORIZED_USER_EMAIL"])
    url = f"{stack.router_url}/lanonasis/api/sessions"
    said = f"{marker()} {address()}"
    with httpx.Client(headers=bearer(owner)) as client:
        session = client.post(f"{url}/create", json={"title": "Plans"}).json()["session"]["id"]
        client.post(f"{url}/save-message", json={"sessionId": session, "content": said})
        kept = client.get(f"{url}/messages", params={"sessionId": session}).json()["messages"]
    assert [message["content"] for message in kept] == [said]
    assert received(stack, said)


def test_login_passes_both_cookies_and_the_session_cookie_opens_services(stack: Stack) -> None:
    account = {"email": address(), "password": secrets.token_hex(12)}
    url = f"{stack.router_url}/lanonasis/api/auth"
    assert httpx.post(f"{url}/register", json=account).status_code == 201
    answer = httpx.post(f"{url}/login", json=account)
    assert answer.status_code == 200
    cookies = [line.partition("=")[0] for line in answer.headers.get_list("set-cookie")]
    assert cookies == ["lanonasis_session", "lanonasis_user"]
    session = answer.headers.get_list("set-cookie")[0].partition(";")[0]
    who = httpx.get(f"{stack.router_url}/whoami", headers={"cookie": session}).json()
    assert who["method"] == "cookie"
    assert who["email"] == account["email"]


def test_keys_and_login_sessions_are_reached_with_a_bearer(stack: Stack) -> None:
    mine = bearer(token(stack, address(), subject=f"u-{secrets.token_hex(4)}"))
    url = f"{stack.router_url}/lanonasis/api"
    made = httpx.post(f"{url}/keys", json={"name": "ci"}, headers=mine)
    assert made.status_code == 201
    assert [key["name"] for key in httpx.get(f"{url}/keys", headers=mine).json()["keys"]] == ["ci"]
    assert httpx.get(f"{url}/login-sessions", headers=mine).json() == {"sessions": []}
    gone = httpx.delete(f"{url}/login-sessions/none", headers=mine)
    assert gone.status_code == 404


def test_an_authorize_redirect_goes_to_the_client_as_it_is(stack: Stack) -> None:
    answer = httpx.get(
        f"{stack.router_url}/lanonasis/api/oauth/authorize",
        params={
            "response_type": "code",
            "client_id": "cli",
            "redirect_uri": "http://127.0.0.1:7777/back",
            "code_challenge": "x" * 43,
            "code_challenge_method": "S256",
        },
    )
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("http://127.0.0.1:7777/back?code=")


@pytest.mark.parametrize("service", ["batch-sync-users", "receive-user-sync", "batch-sync-to-neon"])
def test_cron_syncs_with_the_webhook_secret_and_nobody_without(stack: Stack, service: str) -> None:
    url = f"{stack.router_url}/lanonasis/api/{service}"
    secret = {"x-webhook-secret": stack.env["WEBHOOK_SECRET"]}
    report = httpx.post(url, json={"users": [{"id": 1}]}, headers=secret).json()
    assert report["success"] is True
    assert report["stats"]["synced"] == 1
    assert httpx.post(url, json={}, headers={"x-webhook-secret": "wrong"}).status_code == 401
    assert httpx.post(url, json={}, headers=bearer(stack.api_key)).status_code == 401
