"""Cases 36-49 of the hostile inputs: what is asked for is judged and sent on as the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from router.testing import answer
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
    from router.testing import Received
    from tests.threats.conftest import Fill
    from tests.world import World


def get(target: str, host: str = "router", fields: str = "") -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n".encode("latin-1")


def authority_of_the_origin(here: World) -> str:
    return here.origin.url.removeprefix("http://")


# 36, 38: hosts

HOSTS = {
    "none": b"",
    "two": b"Host: router\r\nHost: router\r\n",
    "two, letter case": b"Host: router\r\nHOST: lanonasis.com\r\n",
    "two, apart": b"Host: router\r\nA: b\r\nhost: evil\r\n",
    "an empty second": b"Host: router\r\nHost:\r\n",
    "empty": b"Host:\r\n",
    "blanks": b"Host: \t \r\n",
    "user": b"Host: a@b\r\n",
    "user and password": b"Host: a:b@c\r\n",
    "path": b"Host: a/b\r\n",
    "query": b"Host: a?b\r\n",
    "fragment": b"Host: localhost/#@evil\r\n",
    "fragment alone": b"Host: a#b\r\n",
    "list": b"Host: a, b\r\n",
    "blank within": b"Host: a b\r\n",
    "backslash": b"Host: a\\b\r\n",
    "percent": b"Host: a%2fb\r\n",
    "scheme": b"Host: http://a\r\n",
    "port that is none": b"Host: a:b\r\n",
    "port too long": b"Host: a:123456\r\n",
    "two ports": b"Host: a:1:2\r\n",
    "open bracket": b"Host: [::1\r\n",
    "behind a bracket": b"Host: [::1]evil\r\n",
    "brackets round a name": b"Host: [evil]\r\n",
    "zone": b"Host: [fe80::1%25eth0]\r\n",
    "not ASCII": b"Host: \xc3\xa9.example\r\n",
    "quotes": b'Host: "a"\r\n',
    "semicolon": b"Host: a;b\r\n",
    "folded": b"Host:\r\n router\r\n",
    "underscore for hyphen is no Host": b"H_ost: router\r\n",
}


@pytest.mark.parametrize("path", ["/lanonasis/api/open", "/lanonasis/api/owned", "/health", "/api/open"])
@pytest.mark.parametrize("fields", HOSTS.values(), ids=HOSTS)
def test_36_a_host_that_is_missing_doubled_or_malformed_is_refused(
    here: World, fields: bytes, path: str
) -> None:
    refuse(here, b"GET " + path.encode() + b" HTTP/1.1\r\n" + fields + b"\r\n", 400)


@pytest.mark.parametrize("host", ["a@b", "localhost/#@evil", "", "a b", "a,b", "a%2fb", "[::1"])
def test_36_so_is_the_authority_of_an_absolute_target(here: World, host: str) -> None:
    refuse(here, get(f"http://{host}/lanonasis/api/open"), 400)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("fields", ["Host: a\r\nHost: a\r\n", "Host: a@b\r\n"])
def test_36_an_absolute_target_or_an_old_version_excuses_no_host(
    here: World, version: str, fields: str
) -> None:
    for target in ("http://router/lanonasis/api/open", "/lanonasis/api/open"):
        refuse(here, f"GET {target} HTTP/{version}\r\n{fields}\r\n".encode(), 400)


# 37: two authorities

AUTHORITIES = [
    # target, Host, what the path is routed by (None: nobody's host)
    ("http://lanonasis.com/api/open", "vortexcore.app", "lanonasis"),
    ("http://vortexcore.app/api/open", "lanonasis.com", "vortexcore"),
    ("HTTP://LANONASIS.COM:80/api/open", "vortexcore.app", "lanonasis"),
    ("https://lanonasis.com/api/open", "vortexcore.app", "lanonasis"),
    ("http://evil.example/api/open", "lanonasis.com", None),
    ("http://lanonasis.com.evil.example/api/open", "lanonasis.com", None),
    ("http://evil-lanonasis.com/api/open", "lanonasis.com", None),
]


@pytest.mark.parametrize(("target", "host", "platform"), AUTHORITIES)
def test_37_the_authority_of_the_target_wins_over_host(
    here: World, target: str, host: str, platform: str | None
) -> None:
    with arrivals(here) as reached:
        told = ask(here, get(target, host))
    if platform is None:
        assert_problem(told, 404)
        assert reached == []
    else:
        assert told.status == 200
        assert [(one.target, one.one("x-platform")) for one in reached] == [("/up", platform)]
        assert reached[0].one("host") == authority_of_the_origin(here)


def test_37_every_decision_sees_the_same_authority(here: World, fill: Fill) -> None:
    """Routed by it, told of it, and an operator's page is not there on a platform's host."""
    raw = fill(GET).replace(b"GET ", b"GET http://lanonasis.com", 1) + b"\r\n"
    with arrivals(here) as reached:
        raw = raw.replace(b"/lanonasis/api/open", b"/api/owned").replace(b"router", b"evil.example")
        assert_problem(ask(here, raw), 401)
    assert reached == []
    owned = fill(GET + b"\r\n", "owned").replace(b"GET ", b"GET http://lanonasis.com", 1)
    with arrivals(here) as reached:
        assert ask(here, owned.replace(b"Host: router", b"Host: evil.example")).status == 200
    told = "\n".join(f"{name}: {value}" for name, value in reached[0].fields)
    assert "evil" not in told
    assert reached[0].one("x-forwarded-host") == "lanonasis.com"
    assert reached[0].one("x-forwarded-proto") == "http"
    token = here.env["ROUTER_ADMIN_TOKEN"]
    fields = f"Authorization: Bearer {token}\r\n"
    assert ask(here, get("/metrics", "router", fields)).status == 200
    assert_problem(ask(here, get("http://lanonasis.com/metrics", "router", fields)), 404)
    assert_problem(ask(here, get("/metrics", "lanonasis.com", fields)), 404)


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


@pytest.mark.parametrize("target", ["/metrics?x=/health", "/metrics/", "/METRICS", "/metrics.json",
                                    "/%6detrics", "/dashboard/data?/health", "/metrics;a"])  # fmt: skip
def test_45_no_query_or_spelling_opens_an_operators_page(here: World, target: str) -> None:
    for host in ("router", "lanonasis.com", "localhost"):
        assert_problem(ask(here, get(target, host)), 404)


def test_46_a_query_over_the_limit_is_refused_whatever_it_holds(here: World) -> None:
    query = "&".join(["a=1"] * 10_000)
    refuse(here, get(f"/lanonasis/api/open?{query}"), 414)


# 47, 48: an upstream is named by the configuration alone

ELSEWHERE = {
    "an authority in front": ("//evil.example/lanonasis/api/open", "", None),
    "a user in front": ("/lanonasis/api/open@evil.example", "", None),
    "behind the service": ("/lanonasis/api/open/@evil.example/", "", "/up/@evil.example/"),
    "absolute": ("http://evil.example/lanonasis/api/open", "", "/up"),
    "absolute with a port": ("http://evil.example:1/lanonasis/api/open", "", "/up"),
    "X-Forwarded-Host": ("/lanonasis/api/open", "X-Forwarded-Host: evil.example\r\n", "/up"),
    "X_Forwarded_Host": ("/lanonasis/api/open", "X_Forwarded_Host: evil.example\r\n", "/up"),
    "Forwarded": ("/lanonasis/api/open", "Forwarded: host=evil.example\r\n", "/up"),
    "X-Host": ("/lanonasis/api/open", "X-Host: evil.example\r\n", "/up"),
    "X-Original-URL": ("/lanonasis/api/open", "X-Original-URL: /metrics\r\nX-Rewrite-URL: /evil\r\n", "/up"),
    "X-Forwarded-Prefix": ("/lanonasis/api/open", "X-Forwarded-Prefix: //evil.example\r\n", "/up"),
    "Proxy": ("/lanonasis/api/open", "Proxy: http://evil.example\r\nHttp-Proxy: evil\r\n", "/up"),
}  # fmt: skip


@pytest.mark.parametrize("host", ["router", "evil.example"])
@pytest.mark.parametrize(("target", "fields", "sent"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_47_no_request_says_which_upstream_is_called(
    here: World, target: str, fields: str, sent: str | None, host: str
) -> None:
    with arrivals(here) as reached:
        told = ask(here, get(target, host, fields))
        assert told.status == 200 if sent else told.status in (400, 404)
    assert [one.target for one in reached] == ([sent] if sent else [])
    for one in reached:
        assert one.one("host") == authority_of_the_origin(here)
        assert not hostile(one)


def hostile(request: Received) -> list[str]:
    return [value for _, value in request.fields if "evil" in value or value == "/metrics"]


@pytest.mark.parametrize(
    "fields",
    [
        "X-Forwarded-Prefix: //evil.example\r\n",
        "x_forwarded_prefix: //evil.example\r\n",
        "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: javascript\r\n",
        "X-Forwarded-Uri: //evil.example/\r\n",
        "Forwarded: host=evil.example;proto=https\r\n",
        "X-Script-Name: //evil.example\r\n",
    ],
)
@pytest.mark.parametrize("host", ["router", "lanonasis.com", "evil.example"])
def test_48_no_redirect_is_made_of_what_a_caller_says(here: World, fields: str, host: str) -> None:
    extra = "Location: /up/x\r\nContent-Location: /up/x\r\nLink: </up/x>\r\n"
    here.origin.reply = answer(b"{}", "302 Found", extra=extra)
    path = "/api/open" if host == "lanonasis.com" else "/lanonasis/api/open"
    with arrivals(here):
        told = ask(here, get(path, host, fields))
        here.origin.reply = answer()
    assert (told.one("location"), told.one("content-location")) == (f"{path}/x", f"{path}/x")
    assert told.one("link") == f"<{path}/x>"


# 49: length


@pytest.mark.parametrize("size", [8193, 102_400, 1_048_576])
@pytest.mark.parametrize(
    "target", ["/lanonasis/api/open/{}", "/lanonasis/api/owned?{}", "http://router/{}", "/{}", "/health?{}"]
)
def test_49_a_target_too_long_is_refused(here: World, target: str, size: int) -> None:
    refuse(here, get(target.format("a" * size)), 414)


@pytest.mark.parametrize("route", ROUTES)
def test_49_a_long_one_within_the_limit_goes_on(here: World, fill: Fill, route: str) -> None:
    rest = "/" + "a" * 8000
    with arrivals(here) as reached, calling(here, fill(GET + b"\r\n", route, rest)) as caller:
        assert caller.answer().status == 200
    assert [one.target for one in reached] == [PATHS[route] + rest]
