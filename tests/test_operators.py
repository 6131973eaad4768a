"""What the router tells of itself, to callers and to operators, and to nobody else."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from router.privacy import detector
from router.testing import Origin, answer, running
from tests.conftest import session_token
from tests.talk import ORIGIN, Stepwise, add_key, api, call, metric, request, sse
from tests.threats.wire import ask, calling, until
from tests.world import CONFIG, World, environment, receive_all, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.privacy.find.finder import Finder

PAGES = ["/metrics", "/dashboard", "/dashboard/data"]
HOST = {"host": "lanonasis.com"}
FORWARDED = [
    {"forwarded": "for=10.0.0.1"},
    {"x-forwarded-for": "10.0.0.1"},
    {"x-forwarded-host": "x"},
    {"x-real-ip": "10.0.0.1"},
    {"via": "1.1 nginx"},
]

SMALL = """
brand: onasis
server: {admin_token: "${ROUTER_ADMIN_TOKEN}", operators: [127.0.0.0/8]}
upstreams: {origin: {targets: ["${ORIGIN}"]}}
platforms: {lanonasis: {title: LanOnasis, hosts: [lanonasis.com]}}
defaults: {auth: [], privacy: off, masking: false}
services: {open: {upstream: origin, path: /up}}
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    config = CONFIG.replace("server:\n", 'server:\n  admin: "127.0.0.1:9"\n')
    assert config != CONFIG
    config = config.replace("auth_failures: 20/1m", "auth_failures: 100000/1m")
    with world(tmp_path_factory.mktemp("data"), config) as made:
        yield made


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A router whose operators are all who call from this machine."""
    with world(tmp_path_factory.mktemp("trusting"), SMALL) as made:
        yield made


def token(here: World) -> dict[str, str]:
    return {"authorization": f"Bearer {here.env['ROUTER_ADMIN_TOKEN']}"}


def session(here: World, **claims: object) -> dict[str, str]:
    return {"authorization": f"Bearer {session_token(here.env, **claims)}"}


def assert_nothing_here(got: httpx.Response) -> None:
    assert got.status_code == 404
    assert "router_" not in got.text


# Who is an operator


@pytest.mark.parametrize("page", PAGES)
def test_an_operator_is_who_knows_the_token(here: World, page: str) -> None:
    assert httpx.get(here.url + page, headers=token(here)).status_code == 200
    assert_nothing_here(httpx.get(here.url + page))
    for wrong in ("Bearer wrong", "Bearer", "Basic x", token(here)["authorization"] + "x"):
        assert_nothing_here(httpx.get(here.url + page, headers={"authorization": wrong}))
    assert_nothing_here(httpx.get(here.url + page, headers=session(here)))


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_an_operator_on_a_platforms_host(here: World, page: str) -> None:
    for host in ("lanonasis.com", "API.lanonasis.com.:443", "vortexcore.app"):
        assert_nothing_here(httpx.get(here.url + page, headers=token(here) | {"host": host}))


@pytest.mark.parametrize("page", PAGES)
def test_everybody_is_an_operator_at_the_second_listener(here: World, page: str) -> None:
    admin = f"http://127.0.0.1:{here.router.admin_port}"
    assert httpx.get(admin + page).status_code == 200
    assert httpx.get(admin + page, headers={"x-forwarded-for": "10.0.0.1"}).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_known_peer_is_an_operator_while_no_proxy_stands_between(
    trusting: World, page: str
) -> None:
    assert httpx.get(trusting.url + page).status_code == 200
    for fields in (*FORWARDED, HOST):
        assert_nothing_here(httpx.get(trusting.url + page, headers=fields))


def test_a_known_peer_may_read_and_nothing_else(trusting: World) -> None:
    assert httpx.post(trusting.url + "/dashboard", data={"token": "wrong"}).status_code == 404
    assert httpx.post(trusting.url + "/metrics").status_code in (404, 405)


def test_an_operator_page_without_any_token_configured_is_nobodys(tmp_path: Path) -> None:
    config = SMALL.replace(", operators: [127.0.0.0/8]", "")
    with Origin() as origin:
        env = environment(origin, tmp_path) | {"ROUTER_ADMIN_TOKEN": ""}
        with running(config, env) as router:
            for sent in ("Bearer", "Bearer x"):
                assert_nothing_here(
                    httpx.get(f"{router.url}/metrics", headers={"authorization": sent})
                )
            raw = request("/metrics", "Connection: close", "Authorization: Bearer ")
            with socket.create_connection(("127.0.0.1", router.port), 5) as sock:
                sock.sendall(raw)
                assert receive_all(sock).startswith(b"HTTP/1.1 404 ")


def test_the_dashboard_trades_the_token_for_a_cookie(here: World) -> None:
    page = here.url + "/dashboard"
    got = httpx.post(page, data={"token": here.env["ROUTER_ADMIN_TOKEN"]})
    assert got.status_code == 303
    cookie = got.headers["set-cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Strict"} <= {one.strip() for one in cookie.split(";")}
    assert here.env["ROUTER_ADMIN_TOKEN"] not in cookie
    pair = {"cookie": cookie.partition(";")[0]}
    assert httpx.get(page, headers=pair).status_code == 200
    assert httpx.get(page + "/data", headers=pair).json()["services"] is not None
    assert httpx.post(page, data={"token": "wrong"}).status_code == 404
    assert httpx.get(page, headers={"cookie": "router_operator=x"}).status_code == 404


def test_the_dashboard_needs_nothing_from_elsewhere(here: World) -> None:
    got = httpx.get(here.url + "/dashboard", headers=token(here))
    assert got.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert "http://" not in got.text.replace("http://www.w3.org", "")
    assert "https://" not in got.text


@pytest.mark.parametrize("page", ["/whoami", "/services", "/lanonasis/services", "/dashboard"])
def test_nobody_may_try_credentials_without_end(tmp_path: Path, page: str) -> None:
    config = SMALL.replace(", operators: [127.0.0.0/8]", ", auth_failures: 3/1m")
    config = config.replace("auth: []", "auth: [bearer]")
    config += 'auth: {issuers: {sso: {secret: "${SSO_JWT_SECRET}"}}, bearer: {issuers: [sso]}}\n'
    with world(tmp_path, config) as here:

        def guess() -> int:
            if page == "/dashboard":
                return httpx.post(here.url + page, data={"token": "wrong"}).status_code
            wrong = {"authorization": "Bearer x.y.z"}
            return httpx.get(here.url + page, headers=wrong).status_code

        told = 404 if page == "/dashboard" else 401
        assert [guess() for _ in range(5)] == [told] * 3 + [429] * 2
        assert httpx.get(here.url + "/health").status_code == 200
        assert httpx.get(here.url + "/metrics", headers=token(here)).status_code == 200
        assert httpx.post(here.path("open"), headers=session(here)).status_code == 429


@pytest.mark.parametrize("page", ["/ready", *PAGES])
def test_nobody_may_try_operators_tokens_without_end(tmp_path: Path, page: str) -> None:
    config = SMALL.replace(", operators: [127.0.0.0/8]", ", auth_failures: 3/1m")
    with world(tmp_path, config) as here:
        wrong = {"authorization": "Bearer wrong"}
        assert httpx.get(here.url + page, headers=token(here)).status_code == 200
        told = 200 if page == "/ready" else 404
        got = [httpx.get(here.url + page, headers=wrong) for _ in range(5)]
        assert [one.status_code for one in got] == [told] * 3 + [429] * 2
        assert got[-1].headers["retry-after"]
        assert metric(here, "auth", "operator", "passed") == 1
        assert metric(here, "auth", "operator", "rejected") == 3
        scraped = httpx.get(here.url + page, headers=token(here)).status_code
        assert scraped == 200, "the right token is not locked out by whoever guesses"
        cookie = {"cookie": "router_operator=wrong"}
        assert httpx.get(here.url + page, headers=cookie).status_code == 429
        assert httpx.get(here.url + "/ready").status_code == 200, "balancers show nothing"


def test_a_credential_counts_as_refused_beside_one_that_passes(tmp_path: Path) -> None:
    """Else one good credential would let its owner try others without end."""
    config = CONFIG.replace("auth_failures: 20/1m", "auth_failures: 3/1m")
    with world(tmp_path, config) as here:
        headers = session(here) | {"cookie": "lanonasis_session=x.y.z"}
        got = [httpx.get(here.url + "/whoami", headers=headers).status_code for _ in range(5)]
        assert got == [200] * 3 + [429] * 2
        assert metric(here, "auth", "bearer", "passed") == 3
        assert metric(here, "auth", "cookie", "rejected") == 3


@pytest.mark.parametrize(
    "said", ["token=%E2%82%AC", "token=%ff&x", "token=\u20ac", "", "=", "token"]
)
def test_a_sign_in_of_any_bytes_is_a_wrong_one(here: World, said: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    got = httpx.post(here.url + "/dashboard", content=said.encode(), headers=form)
    assert_nothing_here(got)
    assert got.headers["content-type"] == "text/html; charset=utf-8"


def test_a_fault_in_a_page_is_an_answer_and_a_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with world(tmp_path, SMALL) as here:
        here.router.router.readiness.checks["broken"] = lambda: bool(1 / 0)
        got = ask(here, request("/ready"))
        assert (got.status, json.loads(got.body)["code"]) == (500, "internal_error")
        assert line_of(here, got.one("x-request-id"))["status"] == 500
    assert "fault in the router: ZeroDivisionError" in caplog.text


# Health and readiness


def test_health_is_for_anyone(here: World) -> None:
    for headers in ({}, HOST):
        got = httpx.get(here.url + "/health", headers=headers)
        assert (got.status_code, got.json()) == (200, {"status": "ok"})
    assert httpx.head(here.url + "/health").status_code == 200
    assert httpx.post(here.url + "/health").headers["allow"] == "GET, HEAD"


def test_ready_tells_details_to_operators_only(here: World) -> None:
    assert httpx.get(here.url + "/ready").json() == {"status": "ok"}
    got = httpx.get(here.url + "/ready", headers=token(here)).json()
    assert got == {"status": "ok", "starting": [], "down": []}


def test_a_dead_upstream_degrades_and_does_not_unready(trusting: World, tmp_path: Path) -> None:
    config = SMALL.replace("${ORIGIN}", "http://127.0.0.1:1")
    with Origin() as origin, running(config, environment(origin, tmp_path)) as router:
        for _ in range(6):
            httpx.post(f"{router.url}/lanonasis/api/open")
        got = httpx.get(f"{router.url}/ready")
        assert (got.status_code, got.json()["status"]) == (200, "degraded")
        assert got.json()["down"] == ["upstream origin"]
        listed = httpx.get(f"{router.url}/services").json()["services"]
        assert [one["status"] for one in listed] == ["down"]


def test_not_ready_while_the_analyzer_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = SMALL.replace("privacy: off", "privacy: restore")
    may_load = threading.Event()

    load = detector._loaded

    def slowly(*arguments: Any) -> Finder:
        assert may_load.wait(30)
        return load(*arguments)

    monkeypatch.setattr(detector, "_loaded", slowly)
    with (
        Origin() as origin,
        running(config, environment(origin, tmp_path), wait_ready=False) as router,
    ):
        got = httpx.get(f"{router.url}/ready")
        assert (got.status_code, got.json()["status"]) == (503, "starting")
        assert got.json()["starting"] == ["privacy"]
        assert httpx.get(f"{router.url}/health").status_code == 200
        may_load.set()
        until(lambda: httpx.get(f"{router.url}/ready").status_code == 200, 30)


def test_not_ready_while_draining(tmp_path: Path) -> None:
    with world(tmp_path, SMALL) as here:
        steps = here.origin.handler = Stepwise([sse("a")])
        with calling(here, request("/ready")) as idle, calling(here, call("open", {})) as busy:
            assert idle.answer().status == 200
            assert busy._head()[0] == 200
            here.router.stop()
            until(lambda: here.router.router.readiness.draining)
            idle.send(request("/ready"))
            got = idle.answer()
            assert (got.status, json.loads(got.body)["status"]) == (503, "draining")
            steps.go()
            assert busy._chunks() == sse("a")


# /services and /whoami


def listed(here: World, path: str = "/services", **headers: str) -> list[dict[str, Any]]:
    got = httpx.get(here.url + path, headers=headers)
    assert got.status_code == 200
    services: list[dict[str, Any]] = got.json()["services"]
    return services


MEMBERS = {
    "name", "title", "summary", "platform", "methods", "url", "auth", "scopes", "limits",
    "privacy", "masking", "streaming", "status", "remaining",
}  # fmt: skip


def test_the_services_are_told_to_callers(here: World) -> None:
    services = listed(here)
    assert all(set(one) == MEMBERS for one in services)
    assert {one["platform"] for one in services} == {"lanonasis", "vortexcore"}
    scoped = next(one for one in services if one["name"] == "scoped")
    assert scoped["scopes"] == ["ai:chat"]
    assert scoped["auth"] == ["cookie", "bearer", "api_key"]
    assert scoped["url"] == "/lanonasis/api/scoped"
    private = next(one for one in services if one["name"] == "private")
    assert (private["privacy"], private["streaming"]) == ("restore", True)
    assert private["status"] == "up"


def test_a_platform_lists_its_own(here: World) -> None:
    assert {one["platform"] for one in listed(here, "/vortexcore/services")} == {"vortexcore"}
    by_host = listed(here, host="vortexcore.app")
    assert {one["platform"] for one in by_host} == {"vortexcore"}
    assert by_host[0]["url"] == f"/api/{by_host[0]['name']}"
    assert httpx.get(here.url + "/nobody/services").status_code == 404


def test_the_list_names_no_upstream_no_vendor_no_secret(here: World) -> None:
    text = httpx.get(here.url + "/services").text.lower()
    assert "openai" not in text
    assert "127.0.0.1" not in text
    assert "owner@example.com" not in text
    assert not [value for value in here.env.values() if value.lower() in text]


def test_a_caller_sees_what_it_may_call_and_what_is_left(here: World) -> None:
    before = {one["name"] for one in listed(here, "/lanonasis/services")}
    claims = session(here, email="other@example.com", sub="lister")
    after = {one["name"]: one for one in listed(here, "/lanonasis/services", **claims)}
    assert "personal" in before
    assert "personal" not in after
    assert "hooked" not in after
    assert after["limited"]["remaining"] == 3
    httpx.post(here.path("limited"), headers=claims)
    after = {one["name"]: one for one in listed(here, "/lanonasis/services", **claims)}
    assert after["limited"]["remaining"] == 2
    assert after["signed-in"]["remaining"] is None
    narrow = {"x-api-key": add_key(here, scopes=["other"], platforms=["lanonasis"])}
    mine = listed(here, **narrow)
    assert {one["platform"] for one in mine} == {"lanonasis"}
    assert "scoped" not in {one["name"] for one in mine}


def test_a_credential_that_does_not_hold_is_told_so(here: World) -> None:
    got = httpx.get(here.url + "/services", headers={"authorization": "Bearer nonsense"})
    assert (got.status_code, got.json()["code"]) == (401, "invalid_token")


def test_a_list_that_is_known_is_not_sent_again(here: World) -> None:
    got = httpx.get(here.url + "/services")
    tag = got.headers["etag"]
    for known in (tag, f'"x", {tag}', f"W/{tag}"):
        again = httpx.get(here.url + "/services", headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = httpx.get(here.url + "/services", headers={"if-none-match": '"x"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"), [("/lanonasis/services", {}), ("/services", HOST), ("/whoami", HOST)]
)
def test_pages_of_the_platform_may_read_the_list(
    here: World, path: str, headers: dict[str, str]
) -> None:
    got = httpx.get(here.url + path, headers=headers | {"origin": ORIGIN})
    assert got.headers["access-control-allow-origin"] == ORIGIN
    foreign = headers | {"origin": "https://evil.example"}
    assert "access-control-allow-origin" not in httpx.get(here.url + path, headers=foreign).headers


def test_a_preflight_of_the_list_is_answered_by_policy(here: World) -> None:
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
    }
    for path, headers in (("/lanonasis/services", {}), ("/services", HOST), ("/whoami", HOST)):
        got = httpx.options(here.url + path, headers=asked | headers)
        assert got.status_code == 204
        assert got.headers["access-control-allow-origin"] == ORIGIN
        assert "authorization" in got.headers["access-control-allow-headers"]


def test_head_of_a_page_tells_its_length(here: World) -> None:
    got, head = httpx.get(here.url + "/health"), httpx.head(here.url + "/health")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.content == b""


def test_whoami_tells_a_caller_who_it_is(here: World) -> None:
    got = httpx.get(here.url + "/whoami", headers=session(here))
    assert got.status_code == 200
    told = got.json()
    assert told["expires_at"]
    assert told | {"expires_at": None} == {
        "method": "bearer",
        "subject": "u-1",
        "email": "owner@example.com",
        "scopes": ["*"],
        "expires_at": None,
        "platforms": [],
        "plan": None,
        "key": None,
    }
    assert got.headers["cache-control"] == "no-store"
    key = add_key(here, scopes=["a:b", "c:d"], platforms=["lanonasis"], name="mine")
    told = httpx.get(here.url + "/whoami", headers={"x-api-key": key}).json()
    assert (told["method"], told["key"], told["subject"]) == ("api_key", "mine", "u-2")
    assert (told["scopes"], told["platforms"]) == (["a:b", "c:d"], ["lanonasis"])


def test_whoami_tells_how_each_method_fared(here: World) -> None:
    got = httpx.get(here.url + "/whoami")
    assert (got.status_code, got.json()["code"]) == (401, "unauthorized")
    got = httpx.get(here.url + "/whoami", headers=session(here, exp=1))
    assert got.status_code == 401
    assert got.headers["www-authenticate"].startswith("Bearer ")
    assert got.json()["tried"] == [
        {"method": "cookie", "outcome": "absent", "reason": ""},
        {"method": "bearer", "outcome": "rejected", "reason": "expired"},
        {"method": "api_key", "outcome": "absent", "reason": ""},
    ]


# Numbers and lines


def families(text: str) -> dict[str, Any]:
    """A scrape as Prometheus reads it, by name."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def test_the_numbers_are_prometheus_text(here: World) -> None:
    httpx.post(here.path("open"), json={})
    got = httpx.get(here.url + "/metrics", headers=token(here))
    assert got.headers["content-type"].startswith("text/plain; version=")
    told = families(got.text)
    samples = told["router_requests"].samples
    mine = [one for one in samples if one.labels.get("service") == "open"]
    assert mine[0].labels == {
        "platform": "lanonasis", "service": "open", "method": "POST", "status": "200",
    }  # fmt: skip
    assert told["router_request_duration_seconds"].type == "histogram"
    assert told["router_upstream_up"].samples
    assert "127.0.0.1:1" in {one.labels["target"] for one in told["router_upstream_up"].samples}


def test_the_numbers_are_openmetrics_on_request(here: World) -> None:
    accept = {"accept": "application/openmetrics-text; version=1.0.0"}
    got = httpx.get(here.url + "/metrics", headers=token(here) | accept)
    assert got.headers["content-type"].startswith("application/openmetrics-text")
    assert got.text.endswith("# EOF\n")
    read = openmetrics_families(got.text)  # type: ignore[no-untyped-call]
    assert {family.name for family in read} >= {"router_requests"}


def test_no_label_comes_from_a_request(here: World) -> None:
    for number in range(20):
        httpx.request(f"M{number}", f"{here.url}/p{number}/api/s{number}")
        httpx.request(f"M{number}", here.path("open"))
    got = httpx.get(here.url + "/metrics", headers=token(here)).text
    samples = families(got)["router_requests"].samples
    labels = {(one.labels["platform"], one.labels["service"]) for one in samples}
    assert labels <= {(p, s) for p, s in labels if p in ("lanonasis", "vortexcore", "other")}
    assert not {one.labels["method"] for one in samples} - {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other",
    }  # fmt: skip


def line_of(here: World, request_id: str | None) -> dict[str, Any]:
    """The access line of one request, and that there is only one."""

    def lines() -> list[dict[str, Any]]:
        told = [json.loads(one) for one in here.router.log.getvalue().splitlines()]
        return [one for one in told if one.get("request_id") == request_id]

    until(lines)
    assert len(lines()) == 1
    return lines()[0]


def test_one_line_a_request_that_says_what_happened(here: World) -> None:
    here.origin.reply = answer(b'{"text":"OpenAI"}')
    got = ask(here, request(api("both"), body=b'{"a":"jane.roe@example.com"}'))
    here.origin.reply = answer()
    line = line_of(here, got.one("x-request-id"))
    assert line["event"] == "request"
    assert (line["platform"], line["service"]) == ("lanonasis", "both")
    assert (line["method"], line["status"], line["outcome"]) == ("POST", 200, "answered")
    assert line["entities"] == {"EMAIL_ADDRESS": 1}
    assert line["masked"] == 1
    assert line["client"] == "127.0.0.1"
    assert line["bytes_in"] == 28
    assert line["bytes_out"] == len(got.body)
    assert line["duration_ms"] >= line["upstream_ms"] > 0


def test_a_line_holds_no_credential_no_personal_data_and_no_body(here: World) -> None:
    secret_key = add_key(here, name="log")
    cookie = f"lanonasis_session={session_token(here.env)}"
    said = {"content": "mark4body jane.roe@example.com"}
    asked = [
        call(
            "both", said, f"X-API-Key: {secret_key}", f"Cookie: {cookie}", "User-Agent: mark4agent"
        ),
        request(api("open", "/mark4path?mark4query=jane.roe@example.com"), "X-F: mark4field"),
        call("signed-in", {}, f"Authorization: Bearer {session_token(here.env, exp=1)}"),
        call("blocking", said),
    ]
    told = [line_of(here, ask(here, raw).one("x-request-id")) for raw in asked]
    assert [(one["status"], one["code"]) for one in told] == [
        (200, None),
        (200, None),
        (401, "invalid_token"),
        (422, "pii_blocked"),
    ]
    text = here.router.log.getvalue().decode()
    assert "jane.roe" not in text
    assert "mark4" not in text
    assert secret_key not in text
    assert "eyJ" not in text
    assert not [value for name, value in here.env.items() if "SECRET" in name and value in text]
