"""Cases 51-56 of the hostile inputs: what callers say of themselves and of their way here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.threats.wire import (
    POST,
    ROUTES,
    arrivals,
    ask,
    assert_problem,
    lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable

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

SPELLINGS: dict[str, Callable[[str], str]] = {
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


@pytest.mark.parametrize("framing", ["sized", "chunked and twice"])
@pytest.mark.parametrize("names", [IDENTITY, FORWARDING], ids=["51 identity", "55 forwarding"])
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("route", ALL)
def test_51_what_only_the_router_may_say_is_never_a_callers(
    here: World,
    hooked: Fill,
    route: str,
    spell: Callable[[str], str],
    names: tuple[str, ...],
    framing: str,
) -> None:
    times = 1 if framing == "sized" else 2
    said = "".join(f"{spell(name)}: {SPOOFED}\r\n" * times for name in names)
    raw = sized(said)
    if times == 2:
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
def test_51_no_such_field_lets_anybody_in(
    here: World, route: str, spell: Callable[[str], str]
) -> None:
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
@pytest.mark.parametrize(
    "named", ["Content-Type", "content_type", "idempotency-key", "Mcp-Session-Id"]
)
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


@pytest.mark.parametrize(
    "names", [("X-Forwarded-For",), ("x_forwarded_for", "Forwarded"), FORWARDING]
)
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
