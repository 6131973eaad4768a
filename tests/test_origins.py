"""Which web origins are a platform's own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.origins import OriginPolicy

OWN = OriginPolicy.of(
    ["lanonasis.com", "*.lanonasis.com", "Saas.Seftec.tech", "localhost", "127.0.0.1"],
    ["https://partner.example:8443", "http://dev.example/", "HTTPS://Upper.example"],
)


@pytest.mark.parametrize(
    "origin",
    [
        b"https://lanonasis.com", b"https://api.lanonasis.com", b"https://a.b.lanonasis.com",
        b"https://saas.seftec.tech", b"https://partner.example:8443", b"http://dev.example",
        b"https://upper.example", b"http://localhost:5173", b"http://127.0.0.1:8080",
        b"https://localhost",
    ],
)  # fmt: skip
def test_own(origin: bytes) -> None:
    assert OWN.admits(origin)


@pytest.mark.parametrize(
    "origin",
    [
        b"null", b"", b"*", b"https://", b"lanonasis.com", b"http://lanonasis.com",
        b"https://lanonasis.com:444", b"https://lanonasis.com:443", b"https://lanonasis.com.",
        b"https://lanonasis.com/", b"https://lanonasis.com/x", b"https://evil.example",
        b"https://evillanonasis.com", b"https://lanonasis.com.evil.example",
        b"https://lanonasis.com@evil.example", b"https://evil.example#.lanonasis.com",
        b"https://evil.example/.lanonasis.com", b"https://.lanonasis.com",
        b"https://x\x00.lanonasis.com", b"https://x y.lanonasis.com", b"ftp://lanonasis.com",
        b"https://sub.saas.seftec.tech", b"https://partner.example", b"https://dev.example",
        b"https://[::1]", b"http://localhost.evil.example", b" https://lanonasis.com",
        b"https://lanonasis.com ", b"https://lanonasis.com\r\nx: y", b"https://lanonasis.com, x",
        b"https://" + b"a." * 200 + b"lanonasis.com", b"\xff",
    ],
    ids=range(32),
)  # fmt: skip
def test_foreign(origin: bytes) -> None:
    assert not OWN.admits(origin)


def test_nothing_is_own_where_nothing_is_listed() -> None:
    assert not OriginPolicy.of([]).admits(b"https://lanonasis.com")
    assert not OriginPolicy.of([]).admits(b"http://localhost")


@pytest.mark.parametrize("host", ["", "*", "a b", "x:80", "https://x", "a/b", "*.*.x", "é.example"])
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(ValueError):
        OriginPolicy.of([host])


@pytest.mark.parametrize(
    "origin", ["", "*", "null", "x.example", "https://x/y", "ws://x", "https://*.x"]
)
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(ValueError):
        OriginPolicy.of([], [origin])


@settings(deadline=None, max_examples=200)
@given(st.text("lanosi.c:m/-@#?*\\ x", max_size=40))
def test_only_names_below_a_wildcard_follow_https(rest: str) -> None:
    if OWN.admits(b"https://" + rest.encode()):
        assert rest == "lanonasis.com" or rest.endswith(".lanonasis.com")
