"""Case 50 of the hostile inputs: where an upstream leads its callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.threats.wire import (
    POST,
    arrivals,
    ask,
)

if TYPE_CHECKING:
    from tests.threats.conftest import Fill
    from tests.world import World


ASKED = POST + b"Content-Length: 2\r\n\r\n{}"


P = "/lanonasis/api/{service}/"

LOCATIONS = {
    "own authority": ("{origin}/up/x?a=1#b", P + "x?a=1#b"),
    "own path": ("/up/x", P + "x"),
    "private address": ("http://10.0.0.5:9000/up/x", P + "x"),
    "private address, capitals": ("HTTP://10.0.0.5:9000/up/x", P + "x"),
    "no scheme": ("//10.0.0.5:9000/up/x", P + "x"),
    "no scheme, TLS port": ("//10.0.0.5:443/up/x", P + "x"),
    "IPv6 of IPv4": ("http://[::ffff:10.0.0.5]:9000/up/x", P + "x"),
    "unique local IPv6": ("http://[fd00::5]:9000/up/x", P + "x"),
    "a name without dots": ("http://backend:9000/up/x", P + "x"),
    "an inner domain": ("http://api.prod.svc.cluster.local/up/x", P + "x"),
    "an inner domain with a dot": ("http://backend.internal.:9000/up/x", P + "x"),
    "user in front": ("http://u:p@10.0.0.5:9000/up/x", P + "x"),
    "stranger for a user": ("http://elsewhere.example@10.0.0.5:9000/up/x", P + "x"),
    "no path": ("http://10.0.0.5:9000", None),
    "a number": ("http://167772165:9000/up/x", None),
    "backslashes": ("http:\\\\10.0.0.5\\up\\x", None),
    "one slash": ("http:/10.0.0.5/up/x", None),
    "no slash": ("http:10.0.0.5/up/x", None),
    "a blank in front": (" http://10.0.0.5:9000/up/x", P + "x"),
    "a tab in the scheme": ("ht\ttp://10.0.0.5:9000/up/x", None),
    "a tab in the slashes": ("http:/\t/10.0.0.5:9000/up/x", None),
    "a tab in the host": ("http://10.\t0.0.5:9000/up/x", None),
    "stranger": ("https://elsewhere.example/x?next=1", "https://elsewhere.example/x?next=1"),
    "a native application": ("http://127.0.0.1:7/up/x", "http://127.0.0.1:7/up/x"),  # RFC 8252
    "relative": ("x/y", "x/y"),
}

INNER = ("10.0.0.5", "10.\t0.0.5", "fd00", "backend", "cluster.local", "167772165", ":9000")


@pytest.mark.parametrize("service", ["open", "masked"])
@pytest.mark.parametrize("status", ["302 Found", "201 Created"])
@pytest.mark.parametrize(("said", "seen"), LOCATIONS.values(), ids=LOCATIONS)
def test_50_a_location_is_the_callers_and_shows_no_inner_name(
    here: World, fill: Fill, said: str, seen: str | None, status: str, service: str
) -> None:
    """Without ``seen`` any reading is good that names nobody: dropped, or a 502."""
    path = "/masked" if service == "masked" else "/up"
    said = said.replace("/up/x", path + "/x").format(origin=here.origin.url)
    extra = "".join(f"{name}: {said}\r\n" for name in ("Location", "Content-Location"))
    here.origin.reply = answer(b"{}", status, extra=f"{extra}Link: <{said}>; rel=next\r\n")
    with arrivals(here):
        told = ask(here, fill(ASKED, service))
        here.origin.reply = answer()
    if told.status == 502:
        assert seen is None
        return
    assert told.status == int(status[:3])
    for name in ("location", "content-location", "link"):
        value = (told.one(name) or "").lower()
        assert not [word for word in INNER if word in value], (name, value)
        assert str(here.origin.port) not in value
    if seen is not None:
        wanted = seen.format(service=service).replace("/up/", path + "/")
        assert (told.one("location"), told.one("content-location")) == (wanted, wanted)
        assert told.one("link") == f"<{wanted}>; rel=next"


@pytest.mark.parametrize(
    "said", ["/\\10.0.0.5/x", "http:///10.0.0.5/x", "///10.0.0.5/x", "/\t/10.0.0.5/x"]
)
def test_50_a_path_that_some_read_as_an_authority_stays_below_the_service(
    here: World, fill: Fill, said: str
) -> None:
    here.origin.reply = answer(b"{}", "302 Found", extra=f"Location: {said}\r\n")
    with arrivals(here):
        told = ask(here, fill(ASKED))
        here.origin.reply = answer()
    assert told.status == 502 or (told.one("location") or "").startswith("/lanonasis/api/open/")


@pytest.mark.parametrize("by", ["path", "host", "absolute"])
def test_50_a_location_stays_in_the_form_the_caller_used(here: World, by: str) -> None:
    here.origin.reply = answer(b"{}", "302 Found", extra=f"Location: {here.origin.url}/up/x\r\n")
    line, host, seen = {
        "path": (b"/vortexcore/api/open", b"evil.example", "/vortexcore/api/open/x"),
        "host": (b"/api/open", b"API.lanonasis.com:443", "/api/open/x"),
        "absolute": (b"http://lanonasis.com/api/open", b"evil.example", "/api/open/x"),
    }[by]
    with arrivals(here):
        raw = b"GET " + line + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
        told = ask(here, raw)
        here.origin.reply = answer()
    assert told.one("location") == seen


@pytest.mark.parametrize(
    "name", ["Refresh", "X-Upstream", "X-Served-By", "Via", "Server", "X-Backend-Server", "Alt-Svc"]
)
def test_50_a_masked_service_has_no_other_field_to_name_its_upstream_by(
    here: World, fill: Fill, name: str
) -> None:
    here.origin.reply = answer(extra=f"{name}: 0; url=http://10.0.0.5:9000/masked/x\r\n")
    with arrivals(here):
        told = ask(here, fill(ASKED, "masked"))
        here.origin.reply = answer()
    assert "10.0.0.5" not in str(told.fields)
