"""A cookie acts only for pages of the platform's own; what is no browser may pass."""

from __future__ import annotations

import pytest

from router.auth.same_site import check_same_site, needs_same_site
from router.errors import DownstreamError
from router.exchange import Principal, RequestHead
from router.origins import OriginPolicy

OWN = OriginPolicy.of(["lanonasis.com", "*.lanonasis.com"], ["https://partner.example:8443"])


def allowed(*fields: tuple[bytes, bytes]) -> bool:
    try:
        check_same_site(RequestHead("POST", b"/", b"", list(fields)), OWN)
    except DownstreamError:
        return False
    return True


def test_the_refusal() -> None:
    with pytest.raises(DownstreamError) as told:
        check_same_site(RequestHead("POST", b"/", b"", [(b"origin", b"null")]), OWN)
    assert (told.value.status, told.value.code) == (403, "origin_not_allowed")


def test_neither_field_is_no_browser() -> None:
    assert allowed()
    assert allowed((b"referer", b"https://evil.example/"))


@pytest.mark.parametrize(
    "origin",
    [b"https://lanonasis.com", b"https://api.lanonasis.com", b"https://partner.example:8443"],
)
def test_own_origins(origin: bytes) -> None:
    assert allowed((b"origin", origin))
    assert allowed((b"origin", origin), (b"sec-fetch-site", b"cross-site"))


@pytest.mark.parametrize("origin", [b"https://evil.example", b"null", b"", b"http://lanonasis.com"])
def test_foreign_origins(origin: bytes) -> None:
    assert not allowed((b"origin", origin))
    assert not allowed((b"origin", origin), (b"sec-fetch-site", b"same-origin"))


def test_two_origins_are_foreign() -> None:
    own = (b"origin", b"https://lanonasis.com")
    assert not allowed(own, own)


@pytest.mark.parametrize(
    ("site", "passes"),
    [
        (b"same-origin", True), (b"same-site", True), (b"none", True),
        (b"cross-site", False), (b"", False), (b"SAME-ORIGIN", False), (b"x", False),
    ],
)  # fmt: skip
def test_without_origin_the_browser_tells_the_site(site: bytes, passes: bool) -> None:
    assert allowed((b"sec-fetch-site", site)) is passes


def test_two_sites_are_foreign() -> None:
    site = (b"sec-fetch-site", b"same-origin")
    assert not allowed(site, site)


@pytest.mark.parametrize(
    ("method", "verb", "like_write", "needed"),
    [
        ("cookie", "POST", False, True), ("cookie", "DELETE", False, True),
        ("cookie", "QUERY", False, True), ("cookie", "get", False, True),
        ("cookie", "GET", False, False), ("cookie", "HEAD", False, False),
        ("cookie", "GET", True, True), ("bearer", "POST", True, False),
        ("api_key", "POST", False, False), ("none", "POST", True, False),
    ],
)  # fmt: skip
def test_when_it_is_needed(method: str, verb: str, like_write: bool, needed: bool) -> None:
    assert needs_same_site(Principal("user:u1", method), verb, like_write=like_write) is needed
