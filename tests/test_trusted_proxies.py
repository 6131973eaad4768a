"""What a proxy in front says of a request: believed of a trusted one, of nobody else."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from router.fields import client_address
from router.testing import answer
from tests.talk import bearer, request
from tests.threats.wire import ask
from tests.world import CONFIG, World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

SAID = (
    "X-Forwarded-For: 203.0.113.9",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: api.lanonasis.com",
)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A router behind a proxy on this machine."""
    config = CONFIG.replace("server:\n", "server:\n  trusted_proxies: [127.0.0.0/8]\n")
    with world(tmp_path_factory.mktemp("behind"), config) as running:
        yield running


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("alone")) as running:
        yield running


def forwarded(here: World, *said: str, target: str = "/lanonasis/api/owned") -> str:
    assert ask(here, request(target, bearer(here), *said, body=b"{}")).status == 200
    return here.origin.requests[-1].one("forwarded") or ""


def test_an_upstream_is_told_what_the_caller_asked_the_proxy_for(behind: World) -> None:
    told = 'for=203.0.113.9;proto=https;host="api.lanonasis.com"'
    assert forwarded(behind, *SAID) == told
    assert behind.origin.requests[-1].one("x-forwarded-proto") == "https"
    assert behind.origin.requests[-1].one("x-forwarded-host") == "api.lanonasis.com"


def test_a_host_the_proxy_was_asked_for_is_routed_by(behind: World) -> None:
    assert "api.lanonasis.com" in forwarded(behind, *SAID, target="/api/owned")


def test_places_in_answers_are_on_the_proxys_scheme_and_host(behind: World) -> None:
    challenge = 'Bearer resource_metadata="/.well-known/oauth-protected-resource"'
    behind.origin.reply = answer(
        b"{}", "401 Unauthorized", extra=f"WWW-Authenticate: {challenge}\r\n"
    )
    got = ask(behind, request("/api/open", *SAID, body=b"{}"))
    behind.origin.reply = answer()
    assert 'resource_metadata="https://api.lanonasis.com/' in (got.one("www-authenticate") or "")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("X-Forwarded-Proto: ftp",), "proto=http;"),
        (("X-Forwarded-Proto: http, HTTPS",), "proto=https;"),
        (("X-Forwarded-Proto: https", "X-Forwarded-Proto: http"), "proto=http;"),
        (("X-Forwarded-Host: a b",), 'host="router"'),
        (('X-Forwarded-Host: a";for=x',), 'host="router"'),
        (("X-Forwarded-Host: evil.example, lanonasis.com:443",), 'host="lanonasis.com:443"'),
        (("X-Forwarded-Host: [::1]:80",), 'host="[::1]:80"'),
        (("Forwarded: for=1.1.1.1;proto=https;host=lanonasis.com",), 'proto=http;host="router"'),
    ],
)
def test_the_last_well_formed_word_counts(behind: World, said: tuple[str, ...], told: str) -> None:
    assert told in forwarded(behind, *said)


def test_nobody_else_is_believed(alone: World) -> None:
    assert forwarded(alone, *SAID) == 'for=127.0.0.1;proto=http;host="router"'
    got = ask(alone, request("/api/owned", bearer(alone), *SAID, body=b"{}"))
    assert got.status == 404


def test_the_zone_of_an_address_is_nobodys_business() -> None:
    trusted = [ip_network("10.0.0.0/8")]
    told = b"fe80::1%" + b"z" * 30_000
    assert client_address("10.0.0.1", [(b"x-forwarded-for", told)], trusted) == "fe80::1"
    told = b"203.0.113.9, 10.0.0.2%x"  # no address at all
    assert client_address("10.0.0.1", [(b"x-forwarded-for", told)], trusted) == "10.0.0.1"
