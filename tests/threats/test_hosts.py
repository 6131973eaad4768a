"""Cases 36-38 and 47-48 of the hostile inputs: no request says which upstream is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.threats.wire import (
    GET,
    arrivals,
    ask,
    assert_problem,
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


@pytest.mark.parametrize(
    "path", ["/lanonasis/api/open", "/lanonasis/api/owned", "/health", "/api/open"]
)
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
    "X-Original-URL": ("/lanonasis/api/open", "X-Original-URL: /metrics\r\n", "/up"),
    "X-Forwarded-Prefix": ("/lanonasis/api/open", "X-Forwarded-Prefix: //evil.example\r\n", "/up"),
    "Proxy": ("/lanonasis/api/open", "Proxy: http://evil.example\r\nHttp-Proxy: evil\r\n", "/up"),
}


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
