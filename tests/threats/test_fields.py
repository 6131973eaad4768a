"""Cases 51-63 of the hostile inputs: what callers say of themselves, and what they carry."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.conftest import session_token
from tests.threats.wire import (
    CHUNKED,
    GET,
    POST,
    ROUTES,
    arrivals,
    ask,
    assert_problem,
    calling,
    lines,
    refuse,
)

if TYPE_CHECKING:
    from router.testing import Received
    from tests.threats.conftest import Fill
    from tests.world import World

ALL = (*ROUTES, "login", "masked", "private", "hooked")
"""``login`` forwards its callers' credentials; ``hooked`` knows a secret instead of a caller."""

KNOWN = {
    "signed-in": ("u-1", "bearer"),
    "owned": ("u-1", "bearer"),
    "hooked": ("webhook", "webhook"),
}
"""Whom the upstream is told of, and how they proved it."""

SPOOFED = "spoofed"


@pytest.fixture
def hooked(here: World, fill: Fill) -> Fill:
    """Fills a template, for the webhook too."""

    def filled(template: bytes, service: str = "open", rest: str = "") -> bytes:
        if service == "hooked":
            secret = f"<H>X-Webhook-Secret: {here.env['WEBHOOK_SECRET']}\r\n"
            template = template.replace(b"<H>", secret.encode())
        return fill(template, service, rest)

    return filled


def sized(fields: str, body: bytes = b"{}") -> bytes:
    return POST + fields.encode("latin-1") + b"Content-Length: %d\r\n\r\n" % len(body) + body


# 51, 52, 55: names that only the router may speak under

IDENTITY = (
    "X-User-Id", "X-User-Email", "X-User", "X-User-Roles", "X-Auth-Method", "X-Auth-Request-User",
    "X-Auth-Request-Email", "X-Scopes", "X-Platform", "X-Service", "X-Router-Admin", "X-Router",
    "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Access-Token",
    "X-Remote-User", "Remote-User", "X-WebAuth-User", "X-Authenticated-User", "X-Client-Cert",
    "X-SSL-Client-Verify", "X-Consumer-Id", "X-Credential-Identifier", "X-Token-Subject",
)  # fmt: skip
FORWARDING = (
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port",
    "X-Forwarded-Uri", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Ssl",
    "X-Forwarded-Method", "X-Forwarded-Scheme", "X-Forwarded", "Forwarded-For", "Forwarded",
    "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Cluster-Client-IP",
    "X-Original-URL", "X-Rewrite-URL", "X-Original-Host", "X-Envoy-External-Address", "Via",
    "X-Request-Id", "X-Original-Forwarded-For",
)  # fmt: skip

SPELLINGS = {
    "as it is": lambda name: name,
    "lower case": str.lower,
    "capitals": str.upper,
    "underscores": lambda name: name.replace("-", "_"),
    "lower underscores": lambda name: name.lower().replace("-", "_"),
    "one underscore": lambda name: name.replace("-", "_", 1),
    "last underscore": lambda name: "_".join(name.rsplit("-", 1)),
    "dots": lambda name: name.replace("-", "."),
    "encoded": lambda name: name.replace("-", "%2D"),
    "behind a prefix": lambda name: "HTTP_" + name.upper().replace("-", "_"),
}


@pytest.mark.parametrize("framing", ["sized", "chunked"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("names", [IDENTITY, FORWARDING], ids=["51 identity", "55 forwarding"])
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("route", ALL)
def test_51_what_only_the_router_may_say_is_never_a_callers(
    here: World, hooked: Fill, route: str, spell: object, names: tuple[str, ...], times: int,
    framing: str,
) -> None:  # fmt: skip
    assert callable(spell)
    said = "".join(f"{spell(name)}: {SPOOFED}\r\n" * times for name in names)
    raw = sized(said)
    if framing == "chunked":
        raw = POST + said.encode() + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    with arrivals(here) as reached:
        assert ask(here, hooked(raw, route)).status == 200
    assert len(reached) == 1
    assert not [line for line in lines(reached[0]) if SPOOFED in line]
    assert_identity(reached[0], route)


def assert_identity(request: Received, route: str) -> None:
    """The router's own fields stand once each, and say what it knows."""
    names = [name.lower() for name, _ in request.fields]
    assert not [name for name in names if names.count(name) > 1], names
    user, method = KNOWN.get(route, (None, None))
    assert (request.one("x-user-id"), request.one("x-auth-method")) == (user, method)
    assert request.one("x-user-email") == ("owner@example.com" if route == "owned" else None)
    assert request.one("x-forwarded-for") == ("127.0.0.1" if route == "owned" else None)
    assert request.one("x-forwarded-proto") == ("http" if route == "owned" else None)
    assert request.one("x-forwarded-host") == ("router" if route == "owned" else None)
    assert (request.one("x-platform"), request.one("x-service")) == ("lanonasis", route)
    assert (request.one("via"), len(request.one("x-request-id") or "")) == ("1.1 router", 32)


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("route", ["signed-in", "owned", "scoped", "hooked"])
def test_51_no_such_field_lets_anybody_in(here: World, route: str, spell: object) -> None:
    assert callable(spell)
    said = "".join(f"{spell(name)}: u-1\r\n" for name in IDENTITY)
    raw = f"POST /lanonasis/api/{route} HTTP/1.1\r\nHost: router\r\n{said}Content-Length: 0\r\n\r\n"
    with arrivals(here) as reached:
        assert_problem(ask(here, raw.encode()), 401)
    assert reached == []


CREDENTIAL_SPELLINGS = (
    "X_API_Key", "x-api_key", "X.API.Key", "X%2DAPI%2DKey", "HTTP_X_API_KEY", "Api-Key", "X-ApiKey",
    "Author_ization", "Proxy-Authorization", "X-Authorization", "X-Forwarded-Authorization",
)  # fmt: skip


@pytest.mark.parametrize("name", CREDENTIAL_SPELLINGS)
def test_52_a_credential_under_another_name_is_none(
    here: World, name: str, token: str, api_key: str
) -> None:
    for value in (api_key, f"Bearer {token}"):
        raw = f"GET /lanonasis/api/signed-in HTTP/1.1\r\nHost: router\r\n{name}: {value}\r\n\r\n"
        with arrivals(here) as reached:
            assert_problem(ask(here, raw.encode()), 401)
        assert reached == []


# 53: fields that Connection names

CONNECTIONS = {
    "close and a field": "Connection: close, X-User-Id\r\n",
    "lower case": "connection: x-user-id\r\n",
    "underscore": "Connection: X_User_Id\r\n",
    "twice": "Connection: X-User-Id\r\nCONNECTION: X-Auth-Method, x-scopes\r\n",
    "all of ours": "Connection: x-user-id, x-user-email, x-auth-method, x-scopes, x-platform, "
    "x-service, x-request-id, via, forwarded, x-forwarded-for, x-forwarded-host, "
    "x-forwarded-proto, authorization, host, content-length, accept-encoding\r\n",
    "the credential": "Connection: authorization\r\n",
    "the host": "Connection: host\r\n",
    "the length": "Connection: content-length\r\n",
    "itself": "Connection: connection\r\n",
    "odd commas": "Connection: ,, x-user-id ,,\t,x-auth-method,\r\n",
    "quotes": 'Connection: "x-user-id"\r\n',
    "4,000 names": "Connection: " + "a," * 4000 + "x-user-id\r\n",
    "empty": "Connection:\r\n",
    "Proxy-Connection": "Proxy-Connection: x-user-id\r\n",
}


@pytest.mark.parametrize("route", ALL)
@pytest.mark.parametrize("fields", CONNECTIONS.values(), ids=CONNECTIONS)
def test_53_connection_takes_nothing_of_ours_away(
    here: World, hooked: Fill, fields: str, route: str
) -> None:
    body = b'{"a": 1}'
    with arrivals(here) as reached:
        assert ask(here, hooked(sized(fields, body), route)).status == 200
    assert [(one.body, one.complete) for one in reached] == [(body, True)]
    assert_identity(reached[0], route)
    assert reached[0].one("host") == here.origin.url.removeprefix("http://")
    names = {name.lower() for name, _ in reached[0].fields}
    assert not names & {"connection", "proxy-connection"}
    if route == "signed-in":
        assert reached[0].one("authorization") == f"Bearer {here.env['EDGE_FUNCTIONS_KEY']}"


@pytest.mark.parametrize("route", ALL)
@pytest.mark.parametrize("named", ["Content-Type", "content_type", "idempotency-key", "Mcp-Session-Id"])
def test_53_a_callers_own_field_that_is_named_goes_no_further(
    here: World, hooked: Fill, named: str, route: str
) -> None:
    fields = (
        f"Connection: keep-alive, {named}\r\nContent-Type: application/json\r\n"
        "Idempotency-Key: 1\r\nMcp-Session-Id: 1\r\n"
    )
    with arrivals(here) as reached:
        assert ask(here, hooked(sized(fields), route)).status == 200
    passed = {name.lower() for name, _ in reached[0].fields}
    named = named.lower().replace("_", "-")
    assert passed & {"content-type", "idempotency-key", "mcp-session-id"} == (
        {"content-type", "idempotency-key", "mcp-session-id"} - {named}
    )


# 54: fields of one hop

HOPS = (
    "Keep-Alive: timeout=5", "TE: trailers", "Trailer: X-A", "Upgrade: x", "Proxy-Connection: a",
    "Proxy-Authorization: Basic spoofed", "Proxy-Authenticate: Basic", "HTTP2-Settings: AAMA",
    "Proxy-Authentication-Info: a", "keep_alive: spoofed", "PROXY_AUTHORIZATION: spoofed",
)  # fmt: skip
_HOP_NAMES = {line.split(":")[0].lower().replace("_", "-") for line in HOPS}


@pytest.mark.parametrize("route", ALL)
def test_54_fields_of_one_hop_stay_on_it_inwards(here: World, hooked: Fill, route: str) -> None:
    fields = "".join(f"{line}\r\n" for line in HOPS)
    with arrivals(here) as reached:
        assert ask(here, hooked(sized(fields), route)).status == 200
    names = {name.lower().replace("_", "-") for name, _ in reached[0].fields}
    assert not names & _HOP_NAMES


@pytest.mark.parametrize("route", ALL)
def test_54_fields_of_one_hop_stay_on_it_outwards(here: World, hooked: Fill, route: str) -> None:
    extra = "Connection: X-Private, x_other\r\nX-Private: 1\r\nX-Other: 1\r\n" + "".join(
        f"{line}\r\n" for line in HOPS if not line.startswith("Upgrade") and "_" not in line
    )
    here.origin.reply = answer(extra=extra)
    with arrivals(here):
        told = ask(here, hooked(sized(""), route))
        here.origin.reply = answer()
    assert told.status == 200
    names = {name.lower().replace("_", "-") for name, _ in told.fields}
    assert not names & (_HOP_NAMES | {"x-private", "x-other"})


# 56: whom a limit counts


@pytest.mark.parametrize("names", [("X-Forwarded-For",), ("x_forwarded_for", "Forwarded"), FORWARDING])
def test_56_no_field_dodges_a_limit(here: World, names: tuple[str, ...]) -> None:
    """Three a minute, for this address, whatever it says it is."""
    statuses = []
    for number in range(8):
        said = "".join(f"{name}: 1.1.1.{number}\r\n" for name in names)
        raw = f"GET /vortexcore/api/limited-open HTTP/1.1\r\nHost: router\r\n{said}\r\n"
        statuses.append(ask(here, raw.encode()).status)
    assert statuses.count(200) <= 3
    assert statuses[-5:] == [429] * 5


def test_56_no_field_makes_another_caller_of_one(here: World, fill: Fill) -> None:
    statuses = []
    for number in range(8):
        said = f"X-User-Id: u-{number}\r\nX-Forwarded-For: 1.1.1.{number}\r\n"
        statuses.append(ask(here, fill(sized(said), "limited", f"/{number}")).status)
    assert statuses == [200] * 3 + [429] * 5


# 57: whom nobody asks for a credential

AGENTS = (
    "kube-probe/1.29", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "Prometheus/2.5", "curl/8", "",
    "Amazon-Route53-Health-Check-Service", "Consul Health Check", "router",
)  # fmt: skip


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(
    ("path", "status"),
    [("/lanonasis/api/signed-in", 401), ("/lanonasis/api/owned", 401), ("/lanonasis/api/signed-in/health", 401),
     ("/metrics", 404), ("/dashboard/data", 404), ("/whoami", 401)],
)  # fmt: skip
def test_57_no_user_agent_is_a_credential(here: World, agent: str, path: str, status: int) -> None:
    for method in (b"GET", b"HEAD"):
        raw = method + f" {path} HTTP/1.1\r\nHost: router\r\nUser-Agent: {agent}\r\n\r\n".encode()
        with arrivals(here) as reached:
            assert ask(here, raw, method.decode()).status == status
        assert reached == []


# 58, 59: credentials that are two


def doubled(token: str, other: str, api_key: str) -> dict[str, str]:
    return {
        "58 two bearers": f"Authorization: Bearer {token}\r\nAuthorization: Bearer {other}\r\n",
        "58 the same bearer twice": f"Authorization: Bearer {token}\r\n" * 2,
        "58 in two letter cases": f"authorization: Bearer {token}\r\nAUTHORIZATION: Bearer {token}\r\n",
        "58 good and bad": f"Authorization: Bearer {token}\r\nAuthorization: Bearer x\r\n",
        "58 bad and good": f"Authorization: Bearer x\r\nAuthorization: Bearer {token}\r\n",
        "58 empty and good": f"Authorization:\r\nAuthorization: Bearer {token}\r\n",
        "58 basic and good": f"Authorization: Basic eDp5\r\nAuthorization: Bearer {token}\r\n",
        "58 a list": f"Authorization: Bearer {token}, Bearer {other}\r\n",
        "58 a list of the same": f"Authorization: Bearer {token},{token}\r\n",
        "58 two schemes": f"Authorization: Bearer Bearer {token}\r\n",
        "58 two keys": f"X-API-Key: {api_key}\r\nX-API-Key: {api_key}\r\n",
        "58 two keys, letter case": f"x-api-key: {api_key}\r\nX-API-KEY: sk_live_x\r\n",
        "58 an empty key and a good one": f"X-API-Key:\r\nX-API-Key: {api_key}\r\n",
        "58 a list of keys": f"X-API-Key: {api_key}, {api_key}\r\n",
        "58 two keys as bearers": f"Authorization: Bearer {api_key}\r\n" * 2,
        "59 two sessions": f"Cookie: lanonasis_session={token}; lanonasis_session={other}\r\n",
        "59 the same twice": f"Cookie: lanonasis_session={token}; lanonasis_session={token}\r\n",
        "59 in two lines": f"Cookie: lanonasis_session={token}\r\nCookie: lanonasis_session={other}\r\n",
        "59 in two letter cases of the field": f"cookie: lanonasis_session={token}\r\nCOOKIE: a=b; lanonasis_session={token}\r\n",
        "59 bad and good": f"Cookie: lanonasis_session=x; lanonasis_session={token}\r\n",
        "59 good and bad": f"Cookie: lanonasis_session={token}; lanonasis_session=\r\n",
        "59 without blanks": f"Cookie: lanonasis_session={token};lanonasis_session={other}\r\n",
        "59 with many": f"Cookie: lanonasis_session={token};\t lanonasis_session ={other}\r\n",
        "59 another letter case": f"Cookie: LANONASIS_SESSION={token}\r\n",
        "59 encoded": f"Cookie: lanonasis%5Fsession={token}\r\n",
        "59 with a hyphen": f"Cookie: lanonasis-session={token}\r\n",
        "59 behind a prefix": f"Cookie: __Host-lanonasis_session={token}; a=lanonasis_session={token}\r\n",
        "59 in quotes": f'Cookie: a="; lanonasis_session={token}; lanonasis_session={token}"\r\n',
        "59 user metadata": 'Cookie: lanonasis_user={"id":"u-1"}\r\n',
    }  # fmt: skip


@pytest.mark.parametrize("service", ["signed-in", "owned", "scoped"])
@pytest.mark.parametrize("case", doubled("", "", ""))
def test_58_59_a_credential_that_is_not_one_is_none(
    here: World, token: str, api_key: str, case: str, service: str
) -> None:
    fields = doubled(token, session_token(here.env, sub="u-9"), api_key)[case]
    raw = f"GET /lanonasis/api/{service} HTTP/1.1\r\nHost: router\r\n{fields}\r\n"
    with arrivals(here) as reached:
        told = ask(here, raw.encode())
        assert_problem(told, 400, 401)
        assert told.status == 400 or told.one("www-authenticate")
    assert reached == []


@pytest.mark.parametrize("case", doubled("", "", ""))
def test_58_59_nobody_looks_at_credentials_of_an_open_service(
    here: World, token: str, api_key: str, case: str
) -> None:
    fields = doubled(token, session_token(here.env, sub="u-9"), api_key)[case]
    raw = f"GET /lanonasis/api/open HTTP/1.1\r\nHost: router\r\n{fields}\r\n"
    with arrivals(here) as reached:
        assert ask(here, raw.encode()).status == 200
    assert reached[0].one("x-user-id") is None
    assert not [line for line in lines(reached[0]) if token in line or api_key in line]


@pytest.mark.parametrize("kind", ["bearer", "key", "key as bearer", "cookie"])
def test_58_59_one_alone_is_enough(here: World, token: str, api_key: str, kind: str) -> None:
    """So that the refusals above are for what was doubled, and for nothing else."""
    fields = {
        "bearer": f"Authorization: bearer  {token}",
        "key": f"x-api-KEY: {api_key}",
        "key as bearer": f"Authorization: Bearer {api_key}",
        "cookie": f"Cookie: a=b; lanonasis_session={token}; LANONASIS_SESSION=x",
    }[kind]
    raw = f"GET /lanonasis/api/signed-in HTTP/1.1\r\nHost: router\r\n{fields}\r\n\r\n"
    with arrivals(here) as reached:
        assert ask(here, raw.encode()).status == 200
    assert reached[0].one("x-user-id") == ("u-2" if "key" in kind else "u-1")


# 60-62: heads that are large

TINY = "; ".join(f"a{number % 10}=1" for number in range(5000))
"""5,000 cookies in 30 KB."""


@pytest.mark.parametrize("where", ["before", "behind", "without"])
def test_60_five_thousand_cookies_are_read_in_bounded_time(
    here: World, token: str, where: str
) -> None:
    session = f"lanonasis_session={token}"
    cookies = {"before": f"{session}; {TINY}", "behind": f"{TINY}; {session}", "without": TINY}[where]
    raw = f"GET /lanonasis/api/signed-in HTTP/1.1\r\nHost: router\r\nCookie: {cookies}\r\n\r\n"
    assert len(raw) < 32768
    took = []
    with arrivals(here) as reached:
        for _ in range(3):
            began = time.perf_counter()
            assert ask(here, raw.encode()).status == (401 if where == "without" else 200)
            took.append(time.perf_counter() - began)
    assert min(took) < 0.1
    assert not [one for one in reached if one.one("cookie")]


LARGE = {
    "60 5,000 lines of cookies": GET + b"Cookie: a=1\r\n" * 5000,
    "60 300 KB of cookies": GET + b"Cookie: " + TINY.encode() * 10 + b"\r\n",
    "61 64 KiB value": GET + b"X-A: " + b"a" * 65536 + b"\r\n",
    "61 1 MiB value": GET + b"X-A: " + b"a" * 1048576 + b"\r\n",
    "61 1 MiB credential": GET + b"X-API-Key: sk_live_" + b"a" * 1048576 + b"\r\n",
    "61 1 MiB of blanks": GET + b"X-A:" + b" " * 1048576 + b"\r\n",
    "61 1 MiB without end": GET + b"X-A: " + b"a" * 1048576,
    "61 64 KiB name": GET + b"X" * 65536 + b": a\r\n",
    "61 64 KiB of Connection": GET + b"Connection: " + b"a," * 32768 + b"\r\n",
    "61 64 KiB length": POST + b"Content-Length: " + b"0" * 65536 + b"2\r\n",
    "61 64 KiB host": b"GET <P> HTTP/1.1\r\nHost: " + b"a" * 65536 + b"\r\n",
    "62 20,000 fields": GET + b"A: b\r\n" * 20000,
    "62 20,000 names": GET + b"".join(b"X-%d: b\r\n" % n for n in range(20000)),
    "62 20,000 empty values": GET + b"A:\r\n" * 20000,
    "62 20,000 underscores": GET + b"X_User_Id: a\r\n" * 20000,
    "62 101 fields": GET + b"A: b\r\n" * 101,
    "62 20,000 hop-by-hop": GET + b"Connection: close\r\n" * 20000,
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("template", LARGE.values(), ids=LARGE)
def test_60_62_a_head_over_the_limits_is_refused_at_once(
    here: World, fill: Fill, template: bytes, route: str
) -> None:
    raw = fill(template + b"\r\n", route)
    refuse(here, raw, 400, 431)
    with calling(here, raw) as caller:
        began = time.perf_counter()
        assert_problem(caller.answer(), 400, 431)
        assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize("route", ROUTES)
def test_62_twenty_thousand_trailers_are_refused(here: World, fill: Fill, route: str) -> None:
    refuse(here, fill(CHUNKED + b"0\r\n" + b"A: b\r\n" * 20000 + b"\r\n", route), 400, 431)


@pytest.mark.parametrize("route", ROUTES)
def test_62_a_large_head_in_small_pieces_is_refused_too(
    here: World, fill: Fill, route: str
) -> None:
    head = fill(GET, route) + b"X-A: b\r\n" * 8000
    with arrivals(here) as reached, calling(here) as caller:
        for start in range(0, len(head), 512):
            caller.send(head[start : start + 512])
        assert_problem(caller.answer(), 431)
        assert caller.ended()
    assert reached == []


# 63: credentials stay where they were consumed


@pytest.mark.parametrize(
    "route", ["open", "signed-in", "owned", "masked", "private", "login", "scoped"]
)
@pytest.mark.parametrize("spell", ["as it is", "lower case", "capitals"])
def test_63_a_credential_goes_no_further_than_the_configuration_says(
    here: World, token: str, api_key: str, route: str, spell: str
) -> None:
    carried = {
        "Authorization": f"Bearer {token}",
        "X-API-Key": api_key,
        "Cookie": f"lanonasis_session={token}; lanonasis_user=u",
        "Proxy-Authorization": f"Bearer {token}",
        "X-Webhook-Secret": here.env["WEBHOOK_SECRET"],
    }
    fields = "".join(f"{SPELLINGS[spell](name)}: {value}\r\n" for name, value in carried.items())
    raw = f"GET /lanonasis/api/{route}?a=1 HTTP/1.1\r\nHost: router\r\n{fields}\r\n"
    with arrivals(here) as reached:
        assert ask(here, raw.encode()).status == 200
    passed = {name.lower() for name, value in reached[0].fields if value in carried.values()}
    expected = {"authorization", "x-api-key", "cookie"} if route == "login" else set()
    assert passed == expected
    own = None if route == "owned" else f"Bearer {here.env['EDGE_FUNCTIONS_KEY']}"
    if route != "login":
        assert reached[0].one("authorization") == own


FAILING = {
    "400": ("/lanonasis/api/open/../a", 400),
    "401": ("/lanonasis/api/hooked", 401),
    "404": ("/lanonasis/api/nothing", 404),
    "405": ("/lanonasis/api/reading", 405),
    "502 or 503": ("/lanonasis/api/gone", 502),
    "whoami": ("/whoami", 405),
    "operators": ("/metrics", 404),
}


@pytest.mark.parametrize(("path", "status"), FAILING.values(), ids=FAILING)
def test_63_no_error_shows_what_was_sent(
    here: World, api_key: str, path: str, status: int
) -> None:
    bad = session_token(here.env, iss="https://other.example")
    carried = (f"Authorization: Bearer {bad}", f"X-API-Key: {api_key}x", f"Cookie: lanonasis_session={bad}",
               "X-Webhook-Secret: wrong-secret-of-somebody", "X-Said: echo-me")  # fmt: skip
    fields = "".join(f"{line}\r\n" for line in carried)
    raw = f"POST {path}?secret=echo-me HTTP/1.1\r\nHost: router\r\n{fields}Content-Length: 7\r\n\r\necho-me"
    told = ask(here, raw.encode())
    assert_problem(told, status, 503 if status == 502 else status)
    whole = str(told.fields) + told.body.decode()
    shown = (bad, api_key, "echo-me", "wrong-secret", here.env["EDGE_FUNCTIONS_KEY"])
    assert not [word for word in shown if word in whole]


def test_63_a_refused_credential_is_told_coarsely(here: World, api_key: str) -> None:
    """Which of unknown, revoked and misspelt it was is for operators."""
    bad = session_token(here.env, iss="https://other.example")
    raw = (
        f"GET /lanonasis/api/signed-in HTTP/1.1\r\nHost: router\r\nAuthorization: Bearer {bad}\r\n"
        f"X-API-Key: {api_key[:-1]}\r\nCookie: lanonasis_session=x\r\n\r\n"
    )
    problem = assert_problem(ask(here, raw.encode()), 401)
    tried = json.loads(json.dumps(problem["tried"]))
    assert {one["reason"] for one in tried} <= {"", "malformed", "rejected", "expired"}
    assert bad not in str(problem)
