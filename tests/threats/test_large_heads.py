"""Cases 60-62 of the hostile inputs: heads that are large."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.threats.wire import (
    CHUNKED,
    GET,
    POST,
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


# 60-62: heads that are large

TINY = "; ".join(f"a{number % 10}=1" for number in range(5000))
"""5,000 cookies in 30 KB."""


@pytest.mark.parametrize("where", ["before", "behind", "without"])
def test_60_five_thousand_cookies_are_read_in_bounded_time(
    here: World, token: str, where: str
) -> None:
    session = f"lanonasis_session={token}"
    cookies = {"before": f"{session}; {TINY}", "behind": f"{TINY}; {session}", "without": TINY}[
        where
    ]
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
    took: list[float] = []
    while len(took) < 5 and min(took, default=1) > 0.1:
        began = time.perf_counter()
        with calling(here, raw) as caller:
            assert_problem(caller.answer(), 400, 431)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.1, "in one of five runs at least: others use this machine too"


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
