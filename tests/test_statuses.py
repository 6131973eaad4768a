"""Every status and code of the router's own, each over a real socket, as interface.md has it."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from router.downstream.limits import ProtocolLimits
from router.testing import answer
from tests.conftest import session_token
from tests.talk import ORIGIN, add_key, api, bearer, call, replying, request
from tests.threats.wire import Answer, ask, assert_problem, calling, until
from tests.world import CONFIG, World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICES = """
  buffered: {upstream: origin, path: /b, auth: [], masking: true, max_body: 16KiB}
  black-hole: {upstream: hole, path: /, auth: []}
  retired: {upstream: gone-for-good, path: /, auth: []}
"""
UPSTREAMS = """
  hole: {targets: ["http://127.0.0.1:%d"], retries: 0, timeouts: {connect: 200ms}}
  gone-for-good: {targets: ["http://127.0.0.1:1"], breaker: {failures: 2, open: 60s}}
platforms:
"""


@contextmanager
def black_hole() -> Iterator[int]:
    """A port whose queue of connections is full: whoever connects hears nothing."""
    with ExitStack() as stack, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    limits = ProtocolLimits(head_timeout=0.3, body_grace=0.3, body_rate=512, linger_timeout=0.3)
    with black_hole() as port:
        config = CONFIG.rstrip() + SERVICES
        config = config.replace("\nplatforms:\n", UPSTREAMS % port)
        config = config.replace(
            "max_inspected_body: 64KiB", "max_inspected_body: 64KiB\n  body_memory: 64KiB"
        )
        config = config.replace("auth_failures: 20/1m", "auth_failures: 100000/1m")
        with world(tmp_path_factory.mktemp("data"), config, limits) as running:
            yield running


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()


def problem(
    here: World, raw: bytes, status: int, code: str, *, cors: bool = True, method: str = "POST"
) -> tuple[Answer, dict[str, object]]:
    """``raw`` is answered by this problem; pages of the platform may read it."""
    raw = raw.replace(b"\r\n", f"\r\nOrigin: {ORIGIN}\r\n".encode(), 1)
    got = ask(here, raw, method)
    told = assert_problem(got, status)
    assert told["code"] == code
    assert told["type"] == f"urn:router:problem:{code}"
    if cors:
        assert got.one("access-control-allow-origin") == ORIGIN
        assert got.one("access-control-allow-credentials") == "true"
        assert "Origin" in (got.one("vary") or "")
        assert (got.one("server-timing") or "").startswith("gateway;dur=")
    return got, told


# 400


def test_400_for_a_head_that_is_malformed(here: World) -> None:
    raw = request(api("open"), "Content-Length : 5", method="POST")
    got, _ = problem(here, raw, 400, "bad_request", cors=False)
    assert got.closes


@pytest.mark.parametrize("path", ["/lanonasis/api/open/../private", "/lanonasis/api/open/%2e%2e/x"])
def test_400_for_a_path_that_leads_elsewhere(here: World, path: str) -> None:
    problem(here, request(path), 400, "bad_request")


@pytest.mark.parametrize("service", ["private", "buffered"])
def test_400_for_a_body_that_is_not_what_it_says(here: World, service: str) -> None:
    raw = request(api(service), body=b'{"a": jane@example.com')
    problem(here, raw, 400, "malformed_body")


def test_400_for_a_model_that_is_not_offered(here: World) -> None:
    problem(here, call("strict-models", {"model": "gpt-4o"}), 400, "model_not_allowed")


# 401


def test_401_without_a_credential(here: World) -> None:
    got, told = problem(here, call("signed-in", {}), 401, "unauthorized")
    assert (got.one("www-authenticate") or "").startswith('Bearer realm="router"')
    assert told["title"] == "Unauthorized"
    assert told["tried"] == [
        {"method": method, "outcome": "absent", "reason": ""}
        for method in ("cookie", "bearer", "api_key")
    ]


def test_401_with_a_credential_that_does_not_hold(here: World) -> None:
    token = session_token(here.env | {"SSO_JWT_SECRET": "x" * 32})
    raw = call("signed-in", {}, f"Authorization: Bearer {token}")
    got, told = problem(here, raw, 401, "invalid_token")
    assert 'error="invalid_token"' in (got.one("www-authenticate") or "")
    assert (told["error"], told["details"]) == ("Invalid token", "invalid signature")
    tried = told["tried"]
    assert isinstance(tried, list)
    assert tried[1] == {"method": "bearer", "outcome": "rejected", "reason": "rejected"}


def test_401_says_when_a_credential_has_run_out(here: World) -> None:
    _, told = problem(here, call("signed-in", {}, bearer(here, exp=1)), 401, "invalid_token")
    assert "expired" in json.dumps(told["tried"])


# 403


def test_403_without_the_scope(here: World) -> None:
    key = add_key(here, scopes=["other:read"], name="narrow")
    got, _ = problem(here, call("scoped", {}, f"X-API-Key: {key}"), 403, "insufficient_scope")
    assert 'scope="ai:chat"' in (got.one("www-authenticate") or "")


def test_403_for_another_subject(here: World) -> None:
    raw = call("personal", {}, bearer(here, email="other@example.com"))
    problem(here, raw, 403, "subject_not_allowed")


def test_403_for_a_cookie_from_another_site(here: World) -> None:
    raw = call("signed-in", {}, f"Cookie: lanonasis_session={session_token(here.env)}")
    raw = raw.replace(b"Host: router", b"Host: router\r\nOrigin: https://evil.example")
    told = assert_problem(ask(here, raw), 403)
    assert told["code"] == "origin_not_allowed"


def test_403_for_a_key_of_another_platform(here: World) -> None:
    key = add_key(here, platforms=["vortexcore"], name="elsewhere")
    raw = call("signed-in", {}, f"X-API-Key: {key}")
    problem(here, raw, 403, "platform_not_allowed")
    assert ask(here, raw.replace(b"/lanonasis/", b"/vortexcore/")).status == 200


# 404, 405


@pytest.mark.parametrize("path", ["/lanonasis/api/nothing", "/lanonasis/open", "/lanonasis"])
def test_404_where_there_is_nothing(here: World, path: str) -> None:
    problem(here, request(path), 404, "route_not_found")


def test_404_on_no_platform_at_all(here: World) -> None:
    problem(here, request("/nothing"), 404, "route_not_found", cors=False)


def test_405_tells_the_methods_that_are(here: World) -> None:
    got, _ = problem(here, call("reading", {}), 405, "method_not_allowed")
    assert {one.strip() for one in (got.one("allow") or "").split(",")} >= {"GET", "HEAD"}


# 408, 413, 414, 415, 417


def test_408_for_a_head_that_does_not_end(here: World) -> None:
    raw = b"GET / HTTP/1.1\r\nHost: router\r\n"
    problem(here, raw, 408, "request_timeout", cors=False)


@pytest.mark.parametrize("service", ["open", "private"])
def test_408_for_a_body_that_does_not_come(here: World, service: str) -> None:
    raw = request(api(service), "Content-Length: 4000", method="POST") + b"{"
    problem(here, raw, 408, "request_timeout", cors=False)


def test_413_for_a_declared_length_over_the_limit(here: World) -> None:
    raw = request(api("buffered"), "Content-Length: 16385", method="POST")
    problem(here, raw, 413, "content_too_large")


@pytest.mark.parametrize("service", ["buffered", "private"])
def test_413_for_chunks_that_grow_over_the_limit(here: World, service: str) -> None:
    body = b"11000\r\n" + b" " * 0x11000 + b"\r\n0\r\n\r\n"
    raw = request(api(service), "Transfer-Encoding: chunked", body=body)
    problem(here, raw, 413, "content_too_large")


def test_414_for_a_target_over_8_kib(here: World) -> None:
    problem(here, request("/" + "a" * 8192), 414, "uri_too_long", cors=False)


def test_415_for_a_body_that_nobody_can_look_into(here: World) -> None:
    raw = request(api("private"), body=b"\x00\x01", media_type="application/x-unknown")
    problem(here, raw, 415, "unsupported_media_type")


def test_415_for_a_content_coding_that_is_not_known(here: World) -> None:
    raw = request(api("private"), "Content-Encoding: rot13", body=b"{}")
    problem(here, raw, 415, "unsupported_media_type")


def test_417_for_another_expectation(here: World) -> None:
    raw = request(api("open"), "Expect: miracles", body=b"{}")
    problem(here, raw, 417, "expectation_failed", cors=False)


# 422


def test_422_names_kinds_and_places_and_never_values(here: World) -> None:
    said = {"messages": [{"content": "write to jane.roe@example.com"}]}
    got, told = problem(here, call("blocking", said), 422, "pii_blocked")
    assert b"jane.roe" not in got.body
    assert "EMAIL_ADDRESS" in json.dumps(told)
    assert "$.messages[0].content" in json.dumps(told)


# 429, 431


def test_429_for_a_caller_over_the_limit(here: World) -> None:
    raw = call("limited", {}, bearer(here, sub="busy"))
    for left in (2, 1, 0):
        good = ask(here, raw)
        assert good.status == 200
        assert good.one("ratelimit-policy") == '"3-per-1m";q=3;w=60'
        assert (good.one("ratelimit") or "").startswith(f'"3-per-1m";r={left};t=')
    got, _ = problem(here, raw, 429, "rate_limited")
    assert 1 <= int(got.one("retry-after") or 0) <= 20
    assert got.one("ratelimit-policy") == '"3-per-1m";q=3;w=60'
    assert (got.one("ratelimit") or "").startswith('"3-per-1m";r=0;t=')
    assert ask(here, call("limited", {}, bearer(here, sub="another"))).status == 200


def test_what_no_limit_decided_about_tells_how_the_limits_stand(here: World) -> None:
    preflight = request(
        api("limited"), f"Origin: {ORIGIN}", "Access-Control-Request-Method: POST", method="OPTIONS"
    )
    for raw, status in ((call("limited", {}), 401), (preflight, 204)):
        for _ in range(5):  # none of them is counted
            got = ask(here, raw)
            assert got.status == status
            assert got.one("ratelimit-policy") == '"3-per-1m";q=3;w=60'
            assert got.one("ratelimit") == '"3-per-1m";r=3;t=0'
            assert got.one("retry-after") is None


def test_429_for_an_address_over_the_limit_of_an_open_service(here: World) -> None:
    raw = call("limited-open", {})
    assert [ask(here, raw).status for _ in range(3)] == [200] * 3
    got, _ = problem(here, raw, 429, "rate_limited")
    assert got.one("retry-after")


@pytest.mark.parametrize(
    "lines", [["X-Large: " + "a" * 32768], [f"X-{number}: 1" for number in range(100)]]
)
def test_431_for_fields_over_the_limits(here: World, lines: list[str]) -> None:
    raw = request(api("open"), *lines)
    problem(here, raw, 431, "header_fields_too_large", cors=False)


# 501, 505


@pytest.mark.parametrize("method", ["TRACE", "X" * 33])
def test_501_for_a_method_that_is_not_spoken(here: World, method: str) -> None:
    problem(here, request(api("open"), method=method), 501, "not_implemented", cors=False)


def test_505_for_another_version(here: World) -> None:
    raw = request(api("open")).replace(b"HTTP/1.1", b"HTTP/2.0")
    problem(here, raw, 505, "http_version_not_supported", cors=False)


# 502, 503, 504


def upstream_fault(here: World, raw: bytes, status: int, code: str) -> Answer:
    got, _ = problem(here, raw, status, code)
    assert got.one("proxy-status") == f"router; error={code}"
    return got


def test_502_where_nobody_listens(here: World) -> None:
    upstream_fault(here, call("gone", {}), 502, "connection_refused")


def test_502_where_the_answer_ends_in_its_head(here: World) -> None:
    here.origin.handler = replying(b"HTTP/1.1 200 OK\r\nContent-", close=True)
    upstream_fault(here, call("open", {}), 502, "http_response_incomplete")


def test_502_where_the_connection_ends_without_an_answer(here: World) -> None:
    here.origin.handler = replying(b"", close=True)
    upstream_fault(here, call("open", {}), 502, "connection_terminated")


def test_502_where_the_answer_is_not_http(here: World) -> None:
    here.origin.handler = replying(b"SSH-2.0-nobody\r\n\r\n", close=True)
    upstream_fault(here, call("open", {}), 502, "http_protocol_error")


def test_502_for_a_redirect_that_would_show_the_inside(here: World) -> None:
    reply = answer(b"", "302 Found", extra="Location: https://api.openai.com/v1\r\n")
    here.origin.handler = replying(reply)
    upstream_fault(here, call("masked", {}), 502, "http_protocol_error")


def test_502_where_readers_could_differ_about_what_the_answer_is(here: World) -> None:
    body = b'{"a":"openai"}'
    twice = answer(body, extra="Content-Type: image/png\r\n")
    for reply in (twice, answer(body, media_type="image/png;a=b, application/json")):
        here.origin.handler = replying(reply)
        upstream_fault(here, call("masked", {}), 502, "http_protocol_error")


def test_a_media_type_that_is_said_twice_is_one(here: World) -> None:
    again = answer(b'{"a":"openai"}', extra="Content-Type: Application/JSON; charset=utf-8\r\n")
    here.origin.handler = replying(again)
    assert json.loads(ask(here, call("masked", {})).body) == {"a": "onasis"}


def test_503_once_an_upstream_has_failed_too_often(here: World) -> None:
    for _ in range(2):
        assert ask(here, call("retired", {})).status in (502, 503)
    got = upstream_fault(here, call("retired", {}), 503, "destination_unavailable")
    assert int(got.one("retry-after") or 0) > 0


def test_503_when_bodies_hold_all_the_memory_there_is_for_them(here: World) -> None:
    half = b'"' + b"a " * 20_000
    first = request(api("private"), "Content-Length: 50000", method="POST") + half
    with calling(here, first):
        memory = here.router.router.gateway.admission._memory
        until(lambda: memory.held >= len(half))
        raw = request(api("private"), body=b'"' + b"b " * 20_000 + b'"')
        got, _ = problem(here, raw, 503, "overloaded")
        assert got.one("retry-after")
    until(lambda: memory.held == 0)
    assert ask(here, raw).status == 200


def test_504_where_no_answer_comes(here: World) -> None:
    here.origin.handler = replying(b"HTTP/1.1 ")
    upstream_fault(here, call("open", {}), 504, "http_response_timeout")


def test_504_where_no_connection_comes_about(here: World) -> None:
    upstream_fault(here, call("black-hole", {}), 504, "connection_timeout")


def test_503_while_nobody_can_look_for_personal_data(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing goes on uninspected."""
    before = len(here.origin.requests)
    raw = call("private", {"content": "fresh.address@example.com"})
    with monkeypatch.context() as gone:
        gone.setattr(here.router.router.privacy._detector, "_finder", None)
        got, _ = problem(here, raw, 503, "privacy_unavailable")
    assert got.one("retry-after")
    assert len(here.origin.requests) == before
    assert ask(here, raw).status == 200
