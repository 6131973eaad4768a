"""What an upstream is sent and what a caller gets, beside bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from router.testing import answer
from tests.conftest import session_token
from tests.talk import add_key
from tests.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data")) as running:
        yield running


def bearer(here: World, **claims: object) -> dict[str, str]:
    return {"authorization": f"Bearer {session_token(here.env, **claims)}"}


def test_rest_and_query_go_on_as_they_came(here: World) -> None:
    httpx.post(here.path("open", "/v1/x%20y;z?a=%41&b=1;c"))
    assert here.origin.requests[-1].target == "/up/v1/x%20y;z?a=%41&b=1;c"


def test_a_platforms_host_serves_its_services_without_a_platform_in_the_path(here: World) -> None:
    httpx.post(f"{here.url}/api/open/a", headers={"host": "api.LANONASIS.com.:443"})
    got = here.origin.requests[-1]
    assert (got.target, got.one("x-platform")) == ("/up/a", "lanonasis")


def test_an_alias_serves_on_a_platforms_host_only(here: World) -> None:
    httpx.post(f"{here.url}/auth/login", headers={"host": "lanonasis.com"})
    assert here.origin.requests[-1].target == "/auth/login"
    assert httpx.post(f"{here.url}/auth/login").status_code == 404


def test_a_well_known_name_goes_to_its_upstream_at_the_same_path(here: World) -> None:
    path = "/.well-known/oauth-authorization-server"
    httpx.get(here.url + path, headers={"host": "lanonasis.com"})
    assert here.origin.requests[-1].target == path


def test_the_upstream_sees_its_own_credential_and_never_the_callers(here: World) -> None:
    cookies = f"lanonasis_session={session_token(here.env)}; other=1"
    httpx.post(here.path("signed-in"), headers={"cookie": cookies, "x-api-key": "sk_live_nothing"})
    got = here.origin.requests[-1]
    assert got.one("authorization") == f"Bearer {here.env['EDGE_FUNCTIONS_KEY']}"
    assert got.one("cookie") is None
    assert got.one("x-api-key") is None


def test_identity_is_told_as_the_upstream_may_know_it(here: World) -> None:
    httpx.post(here.path("signed-in"), headers=bearer(here))
    got = here.origin.requests[-1]
    assert (got.one("x-user-id"), got.one("x-auth-method")) == ("u-1", "bearer")
    assert got.one("x-scopes") == "*"
    assert got.one("x-user-email") is None
    assert got.one("x-forwarded-for") is None
    httpx.post(here.path("owned"), headers=bearer(here))
    got = here.origin.requests[-1]
    assert got.one("x-user-email") == "owner@example.com"
    assert got.one("x-forwarded-for") == "127.0.0.1"
    assert "for=127.0.0.1" in (got.one("forwarded") or "")


def test_scopes_are_told_apart_by_blanks(here: World) -> None:
    key = add_key(here, scopes=("ai:embed", "ai:chat"))
    httpx.post(here.path("signed-in"), headers={"x-api-key": key})
    assert here.origin.requests[-1].one("x-scopes") == "ai:chat ai:embed"


def test_what_a_caller_says_under_the_routers_names_is_removed(here: World) -> None:
    spoofed = {
        "X-User-Id": "root", "X_User_Id": "root", "x-auth-method": "cookie", "Via": "1.0 me",
        "X-Forwarded-For": "1.1.1.1", "Forwarded": "for=1.1.1.1", "X-Platform": "maas",
        "X-Request-Id": "mine", "X-User-Email": "root@example.com", "X-Scopes": "*",
    }  # fmt: skip
    httpx.post(here.path("owned"), headers=bearer(here) | spoofed)
    got = here.origin.requests[-1]
    lines = [f"{name}: {value}" for name, value in got.fields]
    assert not [line for line in lines if "root" in line or "1.1.1.1" in line or "mine" in line]
    assert got.one("x-platform") == "lanonasis"
    assert got.one("via") == "1.1 router"


def test_a_credential_is_forwarded_where_the_service_says_so(here: World) -> None:
    headers = bearer(here) | {"cookie": "a=1"}
    httpx.post(here.path("login"), headers=headers)
    got = here.origin.requests[-1]
    assert got.one("cookie") == "a=1"


def test_a_trace_is_continued_if_well_formed_and_dropped_if_not(here: World) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    httpx.post(here.path("open"), headers={"traceparent": parent})
    assert here.origin.requests[-1].one("traceparent") == parent
    httpx.post(here.path("open"), headers={"traceparent": "00-zz-1-01"})
    assert here.origin.requests[-1].one("traceparent") is None


def test_every_answer_carries_the_routers_own_fields(here: World) -> None:
    for got in (httpx.post(here.path("open")), httpx.get(here.url + "/nothing")):
        assert len(got.headers["x-request-id"]) == 32
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["server-timing"].startswith("gateway;dur=")
        assert "server" not in got.headers
        assert got.headers["date"]


def test_response_fields_pass_by_the_allow_list(here: World) -> None:
    extra = (
        'Server: vendor\r\nX-Powered-By: Express\r\nCF-Ray: 1\r\nETag: "a"\r\n'
        "Connection: X-Private\r\nX-Private: 1\r\nOpenAI-Organization: org-1\r\n"
        "Set-Cookie: __cf_bm=1\r\n"
    )
    here.origin.reply = answer(b"{}", extra=extra)
    got = httpx.post(here.path("masked"))
    here.origin.reply = answer()
    assert not {"x-powered-by", "cf-ray", "x-private", "openai-organization", "set-cookie"} & {
        *got.headers
    }
    assert got.headers["etag"] == 'W/"a"'


def test_an_authenticated_answer_stays_out_of_shared_caches(here: World) -> None:
    got = httpx.post(here.path("signed-in"), headers=bearer(here))
    assert got.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("{origin}/up/jobs/1", "/lanonasis/api/open/jobs/1"),
        ("/up/jobs/1", "/lanonasis/api/open/jobs/1"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
    ],
)
def test_a_location_leads_the_caller_back_through_the_router(
    here: World, said: str, seen: str
) -> None:
    location = said.format(origin=here.origin.url)
    here.origin.reply = answer(b"{}", "201 Created", extra=f"Location: {location}\r\n")
    got = httpx.post(here.path("open"))
    here.origin.reply = answer()
    assert got.headers["location"] == seen


def test_head_has_the_fields_of_get_and_no_body(here: World) -> None:
    here.origin.reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
    got = httpx.head(here.path("reading"))
    here.origin.reply = answer()
    assert (got.status_code, got.content) == (200, b"")


def test_an_informational_answer_is_consumed(here: World) -> None:
    here.origin.reply = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(b'{"a":1}')
    assert httpx.post(here.path("open")).json() == {"a": 1}
    here.origin.reply = answer()


@pytest.mark.parametrize("body", [b"", iter([b""])], ids=["sized", "chunked"])
def test_an_empty_body_is_none_however_it_is_framed(here: World, body: bytes) -> None:
    said = {"content-type": "application/json"}
    got = httpx.post(here.path("strict-models"), content=body, headers=said)
    assert (got.status_code, here.origin.requests[-1].body) == (200, b"")
