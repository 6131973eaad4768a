"""Preflights are answered by policy; answers tell their page that it may read them."""

from __future__ import annotations

import pytest

from router.downstream.cors import CorsPolicy
from router.exchange import RequestHead, Response
from router.origins import OriginPolicy

OWN = b"https://lanonasis.com"
POLICY = CorsPolicy(
    OriginPolicy.of(["lanonasis.com"]), request_fields=["X-Tenant"], exposed=["X-Total"]
)


def preflight(
    *fields: tuple[bytes, bytes],
    method: str = "OPTIONS",
    methods: tuple[str, ...] = ("GET", "POST"),
) -> Response | None:
    head = RequestHead(method, b"/lanonasis/api/ai-chat", b"", list(fields))
    return POLICY.preflight(head, methods)


def asked(*names: bytes) -> list[bytes]:
    lines = [(b"access-control-request-headers", name) for name in names]
    answer = preflight((b"origin", OWN), (b"access-control-request-method", b"POST"), *lines)
    assert answer is not None
    allowed = dict(answer.fields).get(b"access-control-allow-headers", b"")
    return [name for name in allowed.split(b", ") if name]


def test_a_preflight_of_the_platforms_own() -> None:
    answer = preflight((b"origin", OWN), (b"access-control-request-method", b"POST"))
    assert answer is not None
    assert (answer.status, answer.body) == (204, b"")
    assert dict(answer.fields) == {
        b"access-control-allow-origin": OWN,
        b"access-control-allow-credentials": b"true",
        b"access-control-allow-methods": b"GET, POST",
        b"access-control-max-age": b"600",
        b"vary": b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    }


def test_a_route_for_any_method() -> None:
    answer = preflight((b"origin", OWN), (b"access-control-request-method", b"PATCH"), methods=())
    assert answer is not None
    assert b"PATCH" in dict(answer.fields)[b"access-control-allow-methods"]


@pytest.mark.parametrize("origin", [b"https://evil.example", b"null", b"", b"http://lanonasis.com"])
def test_a_foreign_preflight_is_answered_and_told_nothing(origin: bytes) -> None:
    answer = preflight((b"origin", origin), (b"access-control-request-method", b"POST"))
    assert answer is not None
    assert answer.status == 204
    assert [name for name, _ in answer.fields] == [b"vary"]


def test_two_origins_are_foreign() -> None:
    twice = [(b"origin", OWN), (b"origin", OWN)]
    answer = preflight(*twice, (b"access-control-request-method", b"POST"))
    assert answer is not None
    assert [name for name, _ in answer.fields] == [b"vary"]


def test_what_is_no_preflight() -> None:
    wants = (b"access-control-request-method", b"POST")
    assert preflight() is None
    assert preflight((b"origin", OWN)) is None
    assert preflight(wants) is None
    assert preflight((b"origin", OWN), wants, method="POST") is None


def test_fields_that_pages_may_send() -> None:
    usual = b"Authorization, content-type,x-api-key , X-Tenant, Mcp-Session-Id, X-Stainless-Lang"
    assert asked(usual) == [
        b"authorization", b"content-type", b"x-api-key", b"x-tenant",
        b"mcp-session-id", b"x-stainless-lang",
    ]  # fmt: skip
    assert asked(b"content-type", b"x-api-key") == [b"content-type", b"x-api-key"]


@pytest.mark.parametrize(
    "names",
    [
        b"X-User-Id", b"x-forwarded-for", b"*", b"", b",,,", b"cookie", b"host",
        b"mcp-\r\nset-cookie: x", b"mcp-a b", b"x-stainless-\xff", b"x" * 5000,
    ],
)  # fmt: skip
def test_fields_that_they_may_not(names: bytes) -> None:
    assert asked(names) == []


def test_a_flood_of_names_is_bounded() -> None:
    assert len(asked(b",".join(b"mcp-%d" % number for number in range(500)))) <= 64


def test_an_answer_for_an_own_page() -> None:
    fields = dict(POLICY.fields(OWN))
    assert fields[b"access-control-allow-origin"] == OWN
    assert fields[b"access-control-allow-credentials"] == b"true"
    assert fields[b"vary"] == b"Origin"
    exposed = fields[b"access-control-expose-headers"].split(b", ")
    for name in (
        b"X-Request-Id", b"RateLimit", b"RateLimit-Policy", b"Retry-After", b"Server-Timing",
        b"X-Privacy", b"Mcp-Session-Id", b"WWW-Authenticate", b"X-Total",
    ):  # fmt: skip
        assert name in exposed


@pytest.mark.parametrize("origin", [None, b"https://evil.example", b"null", OWN + b", " + OWN])
def test_an_answer_for_others_only_varies(origin: bytes | None) -> None:
    assert POLICY.fields(origin) == ((b"vary", b"Origin"),)
