"""Cases 64-66 of the hostile inputs: what was sent comes back in no log line and in no field."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from router.testing import answer
from tests.conftest import session_token
from tests.threats.wire import arrivals, ask, assert_problem, calling, until, witness

if TYPE_CHECKING:
    from tests.threats.conftest import Fill
    from tests.world import World


def logged(here: World, since: int, *request_ids: str | None) -> tuple[bytes, list[dict[str, Any]]]:
    """What was written behind ``since`` bytes, once a line of each request is among it."""
    wanted = [(one or "").encode() for one in request_ids]
    until(lambda: all(one in here.router.log.getvalue()[since:] for one in wanted))
    raw = here.router.log.getvalue()[since:]
    return raw, [orjson.loads(line) for line in raw.splitlines()]


# 64: line ends and escapes in what is logged

STRANGE = (
    "%0d%0aevent=forged", "%0aforged", "%1b[2J", "%07", "%e2%80%a8forged", "%c2%85forged",
    "%22,%22event%22:%22forged", "%7b%7d", "$%7bjndi:ldap://evil%7d", "%25s%25n", "%ff%fe",
)  # fmt: skip


@pytest.mark.parametrize(
    "target",
    [
        "/lanonasis/api/open/{}",
        "/lanonasis/api/open?a={}",
        "/lanonasis/api/{}",
        "/{}/api/open",
        "/whoami?{}",
    ],
)
def test_64_one_event_is_one_line_whatever_the_target_holds(here: World, target: str) -> None:
    raw = [f"GET {target.format(one)} HTTP/1.1\r\nHost: router\r\n\r\n" for one in STRANGE]
    assert_one_line_each(here, [one.encode() for one in raw], 200, 400, 401, 404)


FIELDS = (
    b"User-Agent: \xff\xfe\x85\xe2\x80\xa8forged", b'User-Agent: "}\\n{"event":"forged"}',
    b"User-Agent: %s%n%d{}${jndi:ldap://forged}", b"User-Agent: a\tforged", b"X-Request-Id: forged",
    b"X-Forwarded-For: forged", b"Referer: forged\xff", b"traceparent: 00-forged-forged-01",
)  # fmt: skip


@pytest.mark.parametrize("path", [b"/lanonasis/api/open", b"/lanonasis/api/signed-in", b"/forged"])
def test_64_one_event_is_one_line_whatever_a_field_holds(here: World, path: bytes) -> None:
    head = b"GET " + path + b" HTTP/1.1\r\nHost: router\r\n"
    assert_one_line_each(here, [head + line + b"\r\n\r\n" for line in FIELDS], 200, 401, 404)


def test_64_one_event_is_one_line_whatever_the_method_holds(here: World) -> None:
    rest = b" /lanonasis/api/open HTTP/1.1\r\nHost: router\r\n\r\n"
    assert_one_line_each(here, [one + rest for one in (b"%7B", b"%0d%0a", b"$`|", b"'~^")], 405)


def assert_one_line_each(here: World, requests: list[bytes], *statuses: int) -> None:
    since = len(here.router.log.getvalue())
    told = [ask(here, raw) for raw in requests]
    raw, lines = logged(here, since, *(one.one("x-request-id") for one in told))
    for one in told:
        assert one.status in statuses
        mine = [line for line in lines if line.get("request_id") == one.one("x-request-id")]
        assert [(line["event"], line["status"]) for line in mine] == [("request", one.status)]
        assert b"forged" not in orjson.dumps(mine)
    assert not raw.translate(None, bytes(range(32, 256)) + b"\n"), "no control character is raw"
    assert {line["event"] for line in lines} <= {"request", "rejected", "log"}


@pytest.mark.parametrize("fields", [b"User-Agent: \x1b[2J\r\n", b"User-Agent: a\nforged: b\r\n"])
def test_64_what_is_refused_before_it_is_read_is_logged_without_it(
    here: World, fields: bytes
) -> None:
    before = here.router.log.getvalue().count(b'"rejected"')
    assert_problem(ask(here, b"GET /forged HTTP/1.1\r\nHost: router\r\n" + fields + b"\r\n"), 400)
    until(lambda: here.router.log.getvalue().count(b'"rejected"') == before + 1)
    assert b"forged" not in here.router.log.getvalue().splitlines()[-1]


# 65: credentials in logs and numbers


def test_65_no_credential_stands_in_a_log_line_or_a_metric(
    here: World, token: str, api_key: str, fill: Fill, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    since = len(here.router.log.getvalue())
    bad = session_token(here.env, iss="https://other.example")
    query = "password=hunter22"
    carried = [
        f"Authorization: Bearer {token}", f"AUTHORIZATION: Bearer {bad}", f"X-API-Key: {api_key}",
        f"x-api-key: {api_key[:-1]}x", f"Cookie: lanonasis_session={token}; a=hunter22",
        f"Cookie: lanonasis_session={bad}", "Authorization: Basic aHVudGVyMjI6aHVudGVyMjI=",
        f"X-Webhook-Secret: {here.env['WEBHOOK_SECRET']}", "X-Webhook-Secret: hunter22",
        f"Proxy-Authorization: Bearer {token}", "X-Webhook-Secret: hunter22\x0b",
    ]  # fmt: skip
    services = ("open", "signed-in", "owned", "hooked", "gone", "login", "private", "nothing", "..")
    for service in services:
        for line in carried:
            raw = f"POST /lanonasis/api/{service}?{query} HTTP/1.1\r\nHost: router\r\n{line}\r\n"
            ask(here, f"{raw}Content-Length: 8\r\n\r\nhunter22".encode())
    here.origin.reply = b"HTTP/1.1 200 OK\r\nX-A: hunter22\x00\r\nContent-Length: 0\r\n\r\n"
    last = ask(here, fill(b"POST <P> HTTP/1.1\r\n<H>Content-Length: 0\r\n\r\n"))
    here.origin.reply = answer()
    raw_log, _ = logged(here, since, last.one("x-request-id"))
    admin = here.env["ROUTER_ADMIN_TOKEN"]
    numbers = ask(
        here, f"GET /metrics HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer {admin}\r\n\r\n".encode()
    )
    assert numbers.status == 200
    everything = raw_log.decode() + caplog.text + numbers.body.decode()
    secrets = [token, bad, api_key, api_key[:-1], admin, "hunter22", "aHVudGVyMjI6aHVudGVyMjI="]
    secrets += [
        here.env[name] for name in ("WEBHOOK_SECRET", "EDGE_FUNCTIONS_KEY", "SSO_JWT_SECRET")
    ]
    assert not [secret for secret in secrets if secret in everything]
    assert not [secret for secret in secrets if secret.rpartition(".")[2] in everything]


# 66: line ends that come back as a field

REFLECTED = (
    "%0d%0aSet-Cookie:%20evil=1", "%0d%0a%0d%0aevil", "%0aSet-Cookie:evil=1",
    "%0dSet-Cookie:evil=1", "%E5%98%8A%E5%98%8DSet-Cookie:evil=1", "%250d%250aSet-Cookie:evil=1",
    "%c4%8d%c4%8aSet-Cookie:evil",
    "\\r\\nSet-Cookie:evil=1", "%u000aSet-Cookie:evil=1", "%23%0aSet-Cookie:evil=1",
)  # fmt: skip


@pytest.mark.parametrize("service", ["open", "masked", "login", "private", "nothing"])
@pytest.mark.parametrize("evil", REFLECTED)
@pytest.mark.parametrize("where", ["path", "query"])
def test_66_what_a_target_holds_never_becomes_a_field(
    here: World, service: str, evil: str, where: str
) -> None:
    """The upstream reflects what it was asked for, as it came."""
    path = {"open": "/up", "login": "/auth"}.get(service, f"/{service}")
    extra = f"Location: {path}/x?{evil}\r\nX-Asked: {evil}\r\nContent-Location: {path}/{evil}\r\n"
    here.origin.reply = answer(b"{}", "302 Found", extra=extra)
    target = f"/lanonasis/api/{service}{'/' if where == 'path' else '?a='}{evil}"
    with arrivals(here):
        with calling(here, f"GET {target} HTTP/1.1\r\nHost: router\r\n\r\n".encode()) as caller:
            told = caller.answer()
        here.origin.reply = answer()
    assert told.status in (302, 400, 404)
    assert told.all("set-cookie") == []
    assert b"evil" not in told.body


DECODED = (b"\r\nSet-Cookie: evil=1", b"\nSet-Cookie: evil=1", b"\rSet-Cookie: evil=1", b"\x00evil")


@pytest.mark.parametrize("service", ["open", "masked", "login", "private"])
@pytest.mark.parametrize("decoded", DECODED[1:])
@pytest.mark.parametrize("name", [b"Location", b"Content-Disposition", b"ETag", b"X-A"])
def test_66_an_upstream_that_reflects_them_decoded_is_at_fault(
    here: World, service: str, decoded: bytes, name: bytes
) -> None:
    begin = b"HTTP/1.1 200 OK\r\n" + name + b": /up/x" + decoded
    here.origin.reply = begin + b"\r\nContent-Length: 0\r\n\r\n"
    raw = f"GET /lanonasis/api/{service} HTTP/1.1\r\nHost: router\r\n\r\n".encode()
    with arrivals(here):
        told = ask(here, raw)
        assert_problem(told, 502)
        here.origin.reply = answer()
    assert "evil" not in str(told.fields)


ORIGINS = (
    "https://lanonasis.com%0d%0aSet-Cookie: evil=1", "https://lanonasis.com,https://evil.example",
    "https://evil.example", "null", "https://lanonasis.com.evil.example", "https://evil.lanonasis.com@evil",
    "https://lanonasis.com/evil", "file://evil", "https://lanonasis.com:evil", "evil",
)  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize("said", ORIGINS)
def test_66_no_foreign_origin_is_reflected(here: World, said: str, method: str) -> None:
    fields = (
        f"Origin: {said}\r\nAccess-Control-Request-Method: POST\r\n"
        "Access-Control-Request-Headers: x-evil, authorization\r\n"
    )
    for path in ("/lanonasis/api/open", "/lanonasis/api/nothing", "/lanonasis/api/owned"):
        raw = f"{method} {path} HTTP/1.1\r\nHost: lanonasis.com\r\n{fields}\r\n".encode()
        told = ask(here, raw, method)
        assert told.status < 500
        assert "evil" not in str(told.fields)
        assert told.one("access-control-allow-origin") is None
    witness(here)


def test_66_a_host_is_not_reflected_by_a_link(here: World) -> None:
    """Nothing of it stands in discovery or in errors, where caches could keep it."""
    for path in ("/services", "/lanonasis/services", "/whoami", "/nothing"):
        raw = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n"
        told = ask(here, raw.encode())
        assert told.status in (200, 401, 404)
        assert "evil" not in str(told.fields) + told.body.decode()
