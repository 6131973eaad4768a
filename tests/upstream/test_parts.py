"""The pure parts: targets, request heads, breakers, deadlines."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import DownstreamError
from router.upstream.breaker import Breaker, BreakerPolicy
from router.upstream.deadline import Deadline
from router.upstream.request import encode_head
from router.upstream.target import Target


@pytest.mark.parametrize(
    ("url", "host", "port", "base", "authority", "literal"),
    [
        ("http://h", "h", 80, b"", b"h", False),
        ("http://H.Example:80/", "h.example", 80, b"", b"h.example", False),
        ("https://h", "h", 443, b"", b"h", False),
        ("https://h:80/a/b/", "h", 80, b"/a/b", b"h:80", False),
        ("http://127.0.0.1:9000/x", "127.0.0.1", 9000, b"/x", b"127.0.0.1:9000", True),
        ("http://[::1]:9000", "::1", 9000, b"", b"[::1]:9000", True),
        (
            "http://bücher.example",
            "xn--bcher-kva.example",
            80,
            b"",
            b"xn--bcher-kva.example",
            False,
        ),
        ("http://my_service.", "my_service.", 80, b"", b"my_service.", False),
    ],
)
def test_a_target_is_what_its_url_says(
    url: str, host: str, port: int, base: bytes, authority: bytes, *, literal: bool
) -> None:
    target = Target.parse(url)
    assert target == Target(host, port, url.startswith("https"), base, authority, literal)


@pytest.mark.parametrize(
    "url",
    [
        "", "h:80", "ftp://h", "http://", "http://:80", "http://u:p@h", "http://u@h", "http://h?q",
        "http://h/?", "http://h#", "http://h:99999", "http://h:x", "http://h/a b", "http://h/\u00e9",
        "http://a b", "http://-h", "http://h..", "http://a;b", "http://h\\@evil",
        "http+unix://x", "http://h/\r\nx", "http://[::1", "http://" + "a" * 300,
    ],
)  # fmt: skip
def test_what_is_no_target_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        Target.parse(url)
    assert "u:p" not in str(caught.value)


TARGET = Target.parse("http://h/base")


@pytest.mark.parametrize("bad", [b"a\r\nx: y", b"a\nb", b"a\rb", b"a\0b"])
def test_nothing_can_break_out_of_its_line(bad: bytes) -> None:
    for method, path, fields in (
        (b"GET", b"/", [(b"a", bad)]),
        (b"GET", b"/", [(bad, b"a")]),
        (b"GET", b"/" + bad, []),
        (bad, b"/", []),
        (b"GET", b"/ HTTP/1.1 x", []),
        (b"G ET", b"/", []),
    ):
        with pytest.raises(DownstreamError):
            encode_head(TARGET, method, path, fields, b"")


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=5), st.binary(max_size=9)), max_size=5))
def test_a_head_has_as_many_lines_as_fields(fields: list[tuple[bytes, bytes]]) -> None:
    try:
        named = [(b"x" + name, value) for name, value in fields]
        head = encode_head(TARGET, b"GET", b"/", named, b"")
    except DownstreamError:
        return
    assert head.count(b"\n") == head.count(b"\r\n") == len(fields) + 3
    assert head.endswith(b"\r\n\r\n")
    assert head.startswith(b"GET /base/ HTTP/1.1\r\nhost: h\r\n")


def test_an_empty_path_is_the_root() -> None:
    head = encode_head(Target.parse("http://h"), b"GET", b"", [], b"")
    assert head == b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"


def test_a_breaker_counts_failures_in_a_row() -> None:
    breaker = Breaker(BreakerPolicy(failures=2, open=10))
    for outcome in (breaker.failure, lambda _: breaker.success(), breaker.failure):
        breaker.begin()
        outcome(0)
    assert breaker.closed
    assert breaker.allows(0)
    breaker.begin()
    breaker.failure(5)
    assert not breaker.closed
    assert not breaker.allows(14.9)


def test_a_half_open_breaker_lets_one_through() -> None:
    breaker = Breaker(BreakerPolicy(failures=1, open=10))
    breaker.begin()
    breaker.failure(0)
    assert breaker.allows(10)
    breaker.begin()
    assert not breaker.allows(11)
    breaker.abandon()
    assert breaker.allows(11)
    breaker.begin()
    breaker.failure(12)
    assert not breaker.allows(21)
    assert breaker.allows(22)
    breaker.begin()
    breaker.success()
    assert breaker.closed
    breaker.begin()
    assert breaker.allows(22)


def test_a_late_failure_of_an_older_call_keeps_it_open() -> None:
    breaker = Breaker(BreakerPolicy(failures=1, open=10))
    breaker.begin()
    breaker.begin()
    breaker.failure(0)
    breaker.failure(3)
    assert not breaker.allows(12)
    assert breaker.allows(13)


async def test_a_deadline_moves_later_without_a_new_timer() -> None:
    loop = asyncio.get_running_loop()
    expired: asyncio.Future[float] = loop.create_future()
    deadline = Deadline(loop, lambda: expired.set_result(loop.time()))
    start = loop.time()
    deadline.set(start + 0.02)
    timer = deadline._timer
    deadline.set(start + 0.05)
    assert deadline._timer is timer
    assert await asyncio.wait_for(expired, 1) >= start + 0.05


async def test_a_deadline_moves_earlier() -> None:
    loop = asyncio.get_running_loop()
    expired: asyncio.Future[None] = loop.create_future()
    deadline = Deadline(loop, lambda: expired.set_result(None))
    deadline.set(loop.time() + 60)
    deadline.set(loop.time() + 0.01)
    await asyncio.wait_for(expired, 1)


async def test_a_cleared_or_closed_deadline_does_not_expire() -> None:
    loop = asyncio.get_running_loop()
    expired: list[None] = []
    deadlines = [Deadline(loop, lambda: expired.append(None)) for _ in range(2)]
    for deadline in deadlines:
        deadline.set(loop.time() + 0.01)
    deadlines[0].clear()
    deadlines[1].close()
    await asyncio.sleep(0.03)
    assert not expired
