"""Cases 39-46 and 49 of the hostile inputs: the bytes judged are the bytes sent on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.threats.wire import (
    GET,
    PATHS,
    ROUTES,
    arrivals,
    ask,
    assert_problem,
    calling,
    refuse,
)

if TYPE_CHECKING:
    from tests.threats.conftest import Fill
    from tests.world import World


def get(target: str, host: str = "router", fields: str = "") -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n".encode("latin-1")


def authority_of_the_origin(here: World) -> str:
    return here.origin.url.removeprefix("http://")


# 39-43: paths that can be read in two ways

REFUSED = {
    # 39
    "39 fragment": "/secret#/public",
    "39 fragment alone": "#",
    "39 fragment in the query": "/a?b#c",
    # 40
    "40 parent": "/../other",
    "40 parent twice": "/../../other",
    "40 parent at the end": "/a/..",
    "40 here": "/./a",
    "40 here at the end": "/a/.",
    "40 encoded parent": "/%2e%2e/other",
    "40 encoded, capitals": "/%2E%2E/other",
    "40 half encoded": "/.%2e/other",
    "40 half encoded, other half": "/%2E./other",
    "40 encoded here": "/%2e/a",
    "40 with parameters": "/..;/other",
    "40 with a parameter": "/..;a=b/other",
    "40 encoded semicolon": "/..%3b/other",
    "40 encoded twice": "/%252e%252e/other",
    "40 encoded thrice": "/%25252e%25252e/other",
    "40 encoded slash": "/..%2fother",
    "40 encoded slash before": "/a%2f..",
    "40 encoded twice, slash": "/..%252fother",
    "40 backslash": "/..\\other",
    "40 encoded backslash": "/..%5cother",
    "40 backslash before": "/a\\..\\other",
    # 41
    "41 encoded slash": "/a%2Fb",
    "41 encoded slash, lower case": "/a%2fb",
    "41 encoded backslash": "/a%5Cb",
    "41 backslash": "/a\\b",
    "41 parameter then parent": "/a;x=1/../b",
    "41 parameter as parent": "/;x=1/..",
    "41 empty segment": "//a",
    "41 empty segment within": "/a//b",
    "41 empty segments at the end": "/a//",
    # 42
    "42 NUL": "/a%00b",
    "42 NUL at the end": "/a%00",
    "42 NUL behind a dot": "/a%00.html",
    "42 NUL in the query": "/a?b=%00",
    "42 NUL in a name": "/a?%00=b",
    "42 line ends": "/a%0d%0ab",
    "42 escape": "/a%1bb",
    "42 DEL": "/a%7fb",
    # what is no escape
    "half an escape": "/a%2",
    "no escape": "/a%zz",
    "a percent": "/a%",
    "not ASCII": "/\xc3\xa9",
}


@pytest.mark.parametrize("route", [*ROUTES, "reading", "login"])
@pytest.mark.parametrize("rest", REFUSED.values(), ids=REFUSED)
def test_a_path_that_can_be_read_in_two_ways_is_refused(
    here: World, fill: Fill, rest: str, route: str
) -> None:
    with arrivals(here) as reached:
        told = ask(here, fill(GET + b"\r\n", route, "<R>").replace(b"<R>", rest.encode("latin-1")))
        assert_problem(told, 400)
    assert reached == []


FORMS = {
    "by host": ("/api/open", "lanonasis.com"),
    "by alias": ("/auth", "lanonasis.com"),
    "well known": ("/.well-known/oauth-a", "lanonasis.com"),
    "absolute": ("http://lanonasis.com/api/open", "router"),
    "nowhere": ("/nothing", "router"),
    "a page": ("/health", "router"),
}


@pytest.mark.parametrize(("base", "host"), FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("rest", REFUSED.values(), ids=REFUSED)
def test_so_it_is_in_every_other_form(here: World, base: str, host: str, rest: str) -> None:
    with arrivals(here) as reached:
        assert_problem(ask(here, get(base + rest, host)), 400)
    assert reached == []


CROSSINGS = [
    "/lanonasis/api/open/../signed-in",
    "/lanonasis/api/open/%2e%2e/signed-in",
    "/lanonasis/api/open/..%2fsigned-in",
    "/lanonasis/api/open/..;/signed-in",
    "/lanonasis/api/open/..\\signed-in",
    "/lanonasis/api/open%2f..%2fsigned-in",
    "/lanonasis/api/./signed-in",
    "/lanonasis/api//signed-in",
    "//lanonasis/api/signed-in",
    "/lanonasis//api/signed-in",
    "/health/../lanonasis/api/signed-in",
    "/health/..;/metrics",
    "/./metrics",
    "//metrics",
    "/%2e/metrics",
    "/lanonasis/services/../../metrics",
]


@pytest.mark.parametrize("target", CROSSINGS)
@pytest.mark.parametrize("host", ["router", "lanonasis.com"])
def test_40_no_public_path_leads_to_a_protected_one(here: World, target: str, host: str) -> None:
    with arrivals(here) as reached:
        assert_problem(ask(here, get(target, host)), 400)
    assert reached == []


RAW = {
    "39 encoded hash": "/secret%23/public",
    "40 dots in a name": "/..a/b../...",
    "40 hidden": "/.hidden",
    "41 parameter": "/a;x=1/b;y",
    "41 encoded percent": "/a%252Fb",
    "41 encoded letter": "/%61%2D%7e",
    "41 encoded question mark": "/a%3Fb",
    "41 slash at the end": "/a/",
    "43 overlong dots": "/%c0%ae%c0%ae/a",
    "43 overlong slash": "/..%c0%afa",
    "43 overlong dots, capitals": "/%C0%AE%C0%AE/",
    "43 overlong of three": "/%e0%80%ae%e0%80%ae/a",
    "43 wide dots": "/%ef%bc%8e%ef%bc%8e/a",
    "43 no UTF-8": "/%ff%fe/a",
    "42 encoded NUL": "/a%2500b",
    "47 an at sign": "/@evil.example/",
    "47 a URL": "/http:/evil.example/",
    "47 a colon": "/a:b@c:1",
    "sub-delimiters": "/!$&'()*+,;=:@~-._",
    # 45, 46
    "45 next": "?next=/public",
    "45 health": "?x=/healthz",
    "45 health alone": "?/health",
    "45 a path in it": "/a?/../b//c;d",
    "46 semicolons and half escapes": "?a=1;b=2&a=%zz",
    "46 the same twice": "?a=1&a=2&A=3&%61=4",
    "46 encoded separators": "?a%3D1%26b=2",
    "46 empty": "/a?",
    "46 nothing but separators": "?&&==&;=",
    "46 question marks": "??a=?b",
    "46 brackets": "?a[]=1&a[b]=2",
    "46 a percent": "?a=%",
    "46 no UTF-8": "?a=%ff%c0%ae",
    "46 plus": "?a=+%2B%20",
    "46 encoded line ends": "?a=%0d%0aX-Evil:%201",
    "46 2,000 parameters": "?" + "&".join(["a=1"] * 2000),
}


@pytest.mark.parametrize("route", [*ROUTES, "masked", "private"])
@pytest.mark.parametrize("rest", RAW.values(), ids=RAW)
def test_what_was_judged_is_what_is_sent(here: World, fill: Fill, rest: str, route: str) -> None:
    with arrivals(here) as reached:
        told = ask(here, fill(GET + b"\r\n", route, rest))
        assert told.status == 200
    path = PATHS.get(route, f"/{route}")
    sent = [one.target for one in reached]
    assert sent in ([path + rest], [path + rest.removesuffix("?")])


# 44, 45: close to a route

NEAR = [
    "/LANONASIS/api/signed-in",
    "/Lanonasis/api/signed-in",
    "/lanonasis/API/signed-in",
    "/lanonasis/api/Signed-In",
    "/lanonasis/api/SIGNED-IN",
    "/lanonasis/api/signed_in",
    "/lanonasis/api/signed%2Din",
    "/%6canonasis/api/signed-in",
    "/lanonasis/%61pi/signed-in",
    "/lanonasis/api/signed-in/",
    "/lanonasis/api/signed-in/a",
    "/lanonasis/api/signed-in.json",
    "/lanonasis/api/signed-in.",
    "/lanonasis/api/signed-in;a",
    "/lanonasis/api/signed-in%20",
    "/lanonasis/api/signed-in~",
    "/lanonasis/api/signed-in@evil",
    "/lanonasis/api/signed-in:80",
    "/lanonasis/api/signed-in&a",
    "/lanonasis/api/signed-in?next=/public",
    "/lanonasis/api/signed-in?x=/healthz",
    "/lanonasis/api/signed-in?/health",
    "/lanonasis/api/signed-in/health",
    "/lanonasis/api/signed-in/public/api/open",
    "/lanonasis/api/signed-in?",
    "/lanonasis/api/signed-i",
    "/lanonasis/apisigned-in",
    "/lanonasis.json/api/signed-in",
    "/vortexcore/api/signed-in",
    "/nobody/api/signed-in",
    "/lanonasis;a/api/signed-in",
]


@pytest.mark.parametrize("target", NEAR)
def test_44_what_looks_like_a_route_is_not_there_or_asks_for_the_same_credential(
    here: World, target: str
) -> None:
    asked = [get(target)]
    if target.startswith("/lanonasis/"):
        rest = target.removeprefix("/lanonasis")
        asked += [get(rest, "lanonasis.com"), get("http://lanonasis.com" + rest)]
    with arrivals(here) as reached:
        for raw in asked:
            assert_problem(ask(here, raw), 401, 404)
    assert reached == []


OPERATORS = (
    "/metrics?x=/health", "/metrics/", "/METRICS", "/metrics.json", "/%6detrics", "/metrics;a",
    "/dashboard/data?/health",
)  # fmt: skip


@pytest.mark.parametrize("target", OPERATORS)
def test_45_no_query_or_spelling_opens_an_operators_page(here: World, target: str) -> None:
    for host in ("router", "lanonasis.com", "localhost"):
        assert_problem(ask(here, get(target, host)), 404)


def test_46_a_query_over_the_limit_is_refused_whatever_it_holds(here: World) -> None:
    query = "&".join(["a=1"] * 10_000)
    refuse(here, get(f"/lanonasis/api/open?{query}"), 414)


# 49: length


@pytest.mark.parametrize("size", [8193, 102_400, 1_048_576])
@pytest.mark.parametrize(
    "target",
    ["/lanonasis/api/open/{}", "/lanonasis/api/owned?{}", "http://router/{}", "/{}", "/health?{}"],
)
def test_49_a_target_too_long_is_refused(here: World, target: str, size: int) -> None:
    refuse(here, get(target.format("a" * size)), 414)


@pytest.mark.parametrize("route", ROUTES)
def test_49_a_long_one_within_the_limit_goes_on(here: World, fill: Fill, route: str) -> None:
    rest = "/" + "a" * 8000
    with arrivals(here) as reached, calling(here, fill(GET + b"\r\n", route, rest)) as caller:
        assert caller.answer().status == 200
    assert [one.target for one in reached] == [PATHS[route] + rest]
