"""``router explain``: the route, who calls, what limits count; nothing is counted or written."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from router.__main__ import app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.operate.asking import Asking

LIMIT = {"limit": 3, "period": 60.0, "of": "requests", "passes": True}


@pytest.mark.parametrize(
    ("url", "headers", "matched"),
    [
        ("/lanonasis/api/login/x", (), "path"),
        ("/api/login", ("Host: lanonasis.com",), "host"),
        ("http://chat.lanonasis.com:8443/api/login", (), "host"),
        ("https://lanonasis.com/auth/login", (), "alias /auth"),
        ("https://lanonasis.com/.well-known/oauth-server", (), "well-known"),
    ],
)
def test_how_a_service_was_found(
    asking: Asking, url: str, headers: tuple[str, ...], matched: str
) -> None:
    told = asking.told("GET", url, *headers)
    assert told["outcome"] == "forwarded"
    assert (told["route"]["platform"], told["route"]["service"]) == ("lanonasis", "login")
    assert told["route"]["matched"] == matched


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("/lanonasi/api/open", "did you mean 'lanonasis'?"),
        ("http://vortexcore.ap/x", "none has the host 'vortexcore.ap'"),
        ("/lanonasis/open", "/lanonasis/api/<service>"),
        ("/lanonasis/api/opne", "did you mean 'open'?"),
        ("http://vortexcore.app/opne", "/api/<service>"),
        ("/lanonasis/api/named/lost", "/list [GET], /*/parts [POST]"),
    ],
)
def test_why_no_service_was_found(asking: Asking, url: str, why: str) -> None:
    told = asking.told("GET", url)
    assert told["refusal"]["step"] == "route"
    assert (told["refusal"]["status"], told["refusal"]["code"]) == (404, "route_not_found")
    assert why in told["route"]["why"]
    assert told["auth"] is None


def test_a_method_that_is_not_there(asking: Asking) -> None:
    refusal = asking.told("delete", "/lanonasis/api/reading")["refusal"]
    assert (refusal["status"], refusal["code"]) == (405, "method_not_allowed")
    assert ["allow", "GET, HEAD"] in refusal["fields"]


@pytest.mark.parametrize(
    ("url", "headers", "status", "step"),
    [
        ("/a//b", (), 400, "route"),
        ("/a b", (), 400, "head"),
        ("/" + "a" * 9000, (), 414, "head"),
        ("/lanonasis/api/open", ("X-A: " + "a" * 40000,), 431, "head"),
        ("/lanonasis/api/open", ("Authorization: a", "Authorization: b"), 400, "head"),
        ("/lanonasis/api/small", ("Content-Length: 11",), 413, "route"),
    ],
)
def test_what_the_server_itself_refuses(
    asking: Asking, url: str, headers: tuple[str, ...], status: int, step: str
) -> None:
    refusal = asking.told("POST", url, *headers)["refusal"]
    assert (refusal["status"], refusal["step"]) == (status, step)


def test_each_method_of_authentication_is_told(asking: Asking) -> None:
    token = asking.token()
    told = asking.told("GET", "/lanonasis/api/signed-in", f"Authorization: Bearer {token}")
    tried = [(one["method"], one["outcome"]) for one in told["auth"]["tried"]]
    assert tried == [("cookie", "absent"), ("bearer", "passed"), ("api_key", "not asked")]
    assert told["auth"]["caller"]["id"] == "user:u-1"
    assert told["auth"]["caller"]["email"] == "aaaaa@aaaaaaa.aaa"
    assert told["upstream"]["name"] == "origin"


@pytest.mark.parametrize(
    ("claims", "reason", "detail"),
    [
        ({"exp": 1}, "expired", "exp"),
        ({"iss": "https://else.example"}, "rejected", "iss"),
        ({"sub": ""}, "rejected", "sub"),
    ],
)
def test_why_a_token_does_not_hold(
    asking: Asking, claims: dict[str, object], reason: str, detail: str
) -> None:
    token = asking.token(**claims)
    field = f"Authorization: Bearer {token}"
    told = asking.told("GET", "/lanonasis/api/signed-in", field)
    assert told["refusal"]["step"] == "authentication"
    assert told["refusal"]["code"] == "invalid_token"
    (bearer,) = [one for one in told["auth"]["tried"] if one["method"] == "bearer"]
    assert (bearer["outcome"], bearer["reason"], bearer["detail"]) == ("rejected", reason, detail)
    assert told["upstream"] is None
    code, out, err = asking.run("GET", "/lanonasis/api/signed-in", field, show_values=True)
    assert code == 1
    assert "REFUSED at authentication: 401 invalid_token" in out
    assert "refused credential of this address" in out
    assert token not in out + err


def test_no_credential_at_all(asking: Asking) -> None:
    told = asking.told("GET", "/lanonasis/api/signed-in")
    assert (told["refusal"]["status"], told["refusal"]["code"]) == (401, "unauthorized")
    assert {one["outcome"] for one in told["auth"]["tried"]} == {"absent"}


def state(folder: Path) -> dict[str, Any]:
    return {
        path.name: (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns)
        for path in folder.iterdir()
    }


def test_a_key_is_looked_up_and_nothing_is_written(asking: Asking) -> None:
    key = asking.key("ai:chat")
    before = state(asking.store.parent)
    told = asking.told("POST", "/lanonasis/api/scoped", f"X-API-Key: {key}")
    assert told["outcome"] == "forwarded"
    assert told["auth"]["caller"]["key"] == "ci"
    assert told["auth"]["caller"]["scopes"] == ["ai:chat"]
    assert state(asking.store.parent) == before
    shell = sqlite3.connect(asking.store)
    assert shell.execute("SELECT last_used FROM security_service_api_keys").fetchall() == [(None,)]
    shell.close()


def test_a_key_is_looked_up_while_a_router_has_the_store_open(asking: Asking) -> None:
    asking.key("ai:chat")
    serving = sqlite3.connect(asking.store)
    serving.execute("UPDATE security_service_api_keys SET name = 'renamed'")
    serving.commit()
    key = asking.key("ai:embed")
    told = asking.told("POST", "/lanonasis/api/scoped", f"X-API-Key: {key}")
    assert told["refusal"]["code"] == "insufficient_scope"
    serving.close()


def test_a_store_that_is_not_there_is_not_made(asking: Asking) -> None:
    told = asking.told("GET", "/lanonasis/api/signed-in", f"X-API-Key: sk_live_{'a' * 49}")
    assert told["auth"]["tried"][-1]["detail"] == "mistyped key"
    assert not asking.store.parent.exists()


def test_a_scope_that_is_lacking(asking: Asking) -> None:
    key = asking.key("ai:embed")
    told = asking.told("POST", "/lanonasis/api/scoped", f"X-API-Key: {key}")
    assert told["refusal"]["step"] == "access"
    assert told["refusal"]["code"] == "insufficient_scope"
    assert told["access"]["scopes"] == {
        "needed": ["ai:chat"], "granted": ["ai:embed"], "missing": ["ai:chat"],
    }  # fmt: skip


def test_another_platform_and_another_person(asking: Asking) -> None:
    key = asking.key("*", platforms=("vortexcore",))
    told = asking.told("POST", "/lanonasis/api/signed-in", f"X-API-Key: {key}")
    assert told["refusal"]["code"] == "platform_not_allowed"
    assert told["access"]["platform"] == {"allowed": ["vortexcore"], "passes": False}
    told = asking.told("POST", "/lanonasis/api/personal", f"X-API-Key: {asking.key('*')}")
    assert told["refusal"]["code"] == "subject_not_allowed"
    assert told["access"]["subjects"] == {"allowed": ["aaaaa@aaaaaaa.aaa"], "passes": False}
    token = asking.token()
    told = asking.told("POST", "/lanonasis/api/personal", f"Authorization: Bearer {token}")
    assert told["outcome"] == "forwarded"


def test_a_cookie_from_elsewhere_and_a_foreign_page(asking: Asking) -> None:
    cookie, origin = f"Cookie: lanonasis_session={asking.token()}", "Origin: https://evil.example"
    told = asking.told("POST", "/lanonasis/api/signed-in", cookie, origin)
    assert told["auth"]["caller"]["method"] == "cookie"
    assert told["refusal"]["code"] == "origin_not_allowed"
    told = asking.told("POST", "/lanonasis/api/pages-only", origin)
    assert told["refusal"]["code"] == "origin_not_allowed"
    assert told["auth"]["tried"] == []


def test_whom_limits_count(asking: Asking) -> None:
    token = f"Authorization: Bearer {asking.token()}"
    told = asking.told("GET", "/lanonasis/api/limited", token, client="203.0.113.9")
    guesses, own = told["limits"]
    assert (guesses["counts"], guesses["of"]) == ("address:203.0.113.9", "refused credentials")
    assert own == LIMIT | {"name": "3-per-1m", "counts": "user:u-1", "at": "principal"}
    told = asking.told("GET", "/lanonasis/api/by-address", client="2001:db8:1:2:3::9")
    (own,) = told["limits"]
    assert own == LIMIT | {
        "name": "3-per-1m", "counts": "address:2001:db8:1:2::/64", "at": "address",
    }  # fmt: skip


def test_what_the_router_answers_itself(asking: Asking) -> None:
    asked = ("Origin: https://lanonasis.com", "Access-Control-Request-Method: POST")
    told = asking.told("OPTIONS", "/lanonasis/api/signed-in", *asked)
    assert (told["outcome"], told["answered_by"]) == ("answered", "the platform's CORS policy")
    assert told["auth"] is None
    assert asking.told("GET", "/health")["page"] == {"path": "/health", "operators": False}
    told = asking.told("GET", "/metrics")
    assert told["refusal"]["status"] == 404
    assert told["page"]["operators"]
    secret = f"Authorization: Bearer {asking.env['ROUTER_ADMIN_TOKEN']}"
    assert asking.told("GET", "/metrics", secret)["outcome"] == "answered"
    assert asking.told("DELETE", "/health")["refusal"]["status"] == 405


PLUGIN = """
from pathlib import Path
from router.plugin import Plugin

class Noisy(Plugin):
    name = "noisy"

    async def on_request(self, exchange):
        Path(__file__).with_name("ran").touch()

    async def on_request_body(self, exchange, body):
        return b"changed"
"""


def test_plugins_are_named_and_not_run(asking: Asking) -> None:
    folder = asking.file.parent.parent / "plugins"
    folder.mkdir()
    (folder / "noisy.py").write_text(PLUGIN)
    text = asking.file.read_text()
    asking.file.write_text(text + "plugins: [{name: noisy, services: [open]}]\n")
    told = asking.told("POST", "/lanonasis/api/open", data="sent", show_values=True)
    assert told["plugins"] == [
        {"plugin": "noisy", "hook": "on_request"},
        {"plugin": "noisy", "hook": "on_request_body"},
    ]
    assert told["upstream"]["body"]["text"] == "sent"
    assert not (folder / "ran").exists()


def test_credentials_stand_nowhere(asking: Asking) -> None:
    mine = secrets.token_urlsafe(16)
    sent = (f"Authorization: Bearer {mine}", f"Cookie: s={mine}", f"Mcp-Session-Id: {mine}")
    for as_json in (True, False):
        options = {"as_json": as_json, "show_values": True}
        for service in ("login", "signed-in", "private", "inner"):
            _, out, err = asking.run("POST", f"/lanonasis/api/{service}", *sent, **options)
            assert mine not in out + err
            assert not any(secret in out for name, secret in asking.env.items() if name in SECRETS)
    fields = dict(asking.told("POST", "/lanonasis/api/login", *sent)["upstream"]["fields"])
    assert fields["cookie"] == fields["mcp-session-id"] == "***"
    assert fields["authorization"] == "Bearer ***"


SECRETS = ("SSO_JWT_SECRET", "WEBHOOK_SECRET", "EDGE_FUNCTIONS_KEY", "ROUTER_ADMIN_TOKEN")


@pytest.mark.parametrize(
    ("url", "headers", "options"),
    [
        ("/x", ("no colon",), {}),
        ("/x", (": nothing",), {}),
        ("/x", ("A: b\r\nC: d",), {}),
        ("/x\r\nC: d", (), {}),
        ("/x", (), {"data": "@/nowhere/at/all"}),
        ("/x", (), {"client": "localhost"}),
    ],
)
def test_wrong_usage(
    asking: Asking, url: str, headers: tuple[str, ...], options: dict[str, Any]
) -> None:
    code, out, err = asking.run("GET", url, *headers, **options)
    assert (code, out) == (2, "")
    assert err.startswith("router explain: ")


def test_the_verb_takes_them_all(asking: Asking) -> None:
    command = ["explain", "POST", "/lanonasis/api/open?a=b", "-H", "Accept: a/b", "-H", "Host: h"]
    command += ["-d", "text", "--from", "203.0.113.9", "--config", str(asking.file), "--json"]
    done = CliRunner().invoke(app, [*command, "--show-values"])
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["request"] == {
        "method": "POST", "path": "/lanonasis/api/open", "host": "h", "client": "203.0.113.9",
    }  # fmt: skip
    assert ["accept", "a/b"] in told["upstream"]["fields"]
    assert told["upstream"]["body"]["text"] == "text"
    assert CliRunner().invoke(app, ["explain", "GET"]).exit_code == 2


def test_a_configuration_that_is_none(asking: Asking) -> None:
    asking.file.write_text("services: {a: {}}\n")
    code, out, err = asking.run("GET", "/x")
    assert (code, out) == (1, "")
    assert "routes.yaml:1" in err
    asking.file.unlink()
    assert asking.run("GET", "/x")[0] == 2
