"""The session is one cookie by one name; all else in a Cookie field means nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.auth.cookie import SessionCookie
from tests.auth.tokens import NOW, asks, sso, token

NAME = b"lanonasis_session"


async def outcome(*lines: bytes) -> str:
    method = SessionCookie(NAME.decode(), [sso()])
    attempt = await method.attempt(asks(*((b"cookie", line) for line in lines)), NOW)
    return attempt.reason or attempt.outcome


@pytest.mark.parametrize(
    "form",
    [
        b"lanonasis_session=%s",
        b"theme=dark; lanonasis_session=%s; a=b",
        b"a=b;lanonasis_session=%s",
        b" lanonasis_session = %s ",
        b"next-auth.session-token=x; lanonasis_session=%s",
        b"xlanonasis_session=1; lanonasis_session=%s",
    ],
)
async def test_a_session(form: bytes) -> None:
    assert await outcome(form % token()) == "passed"


async def test_the_principal() -> None:
    method = SessionCookie("lanonasis_session", [sso()])
    attempt = await method.attempt(asks((b"cookie", NAME + b"=" + token())), NOW)
    assert attempt.principal is not None
    assert (attempt.principal.id, attempt.principal.method) == ("user:u1", "cookie")
    assert attempt.principal.scopes == frozenset({"*"})


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"a=b",
        b'lanonasis_user={"id":"u1","email":"owner@example.com"}',
        b"Lanonasis_Session=x",
        b"lanonasis_session_2=x",
        b"lanonasis_session",
        b"a=lanonasis_session=x",
        b"LANONASIS-SESSION=x",
    ],
)
async def test_no_session(line: bytes) -> None:
    assert await outcome(line) == "absent"


@pytest.mark.parametrize("sign", [b"; ", b";", b";\t"])
async def test_two_sessions_are_none(sign: bytes) -> None:
    one = NAME + b"=" + token()
    assert await outcome(one + sign + one) == "malformed"
    assert await outcome(one + sign + NAME + b"=") == "malformed"
    assert await outcome(NAME + b"=x" + sign + one) == "malformed"
    assert await outcome(one, one) == "malformed"
    assert await outcome(b'a="' + sign + one + sign + one + b'"') == "malformed"


async def test_several_cookie_lines_are_one() -> None:
    assert await outcome(b"a=b", NAME + b"=" + token(), b"c=d") == "passed"


@pytest.mark.parametrize("value", [b"", b'"x"', b"x.y", b"\xff\x00", b"null"])
async def test_a_session_that_is_none(value: bytes) -> None:
    assert await outcome(NAME + b"=" + value) == "malformed"


async def test_an_expired_session() -> None:
    assert await outcome(NAME + b"=" + token(exp=NOW - 1)) == "expired"


@pytest.mark.parametrize(
    "flood",
    [
        b"; ".join(b"c%d=1" % n for n in range(5000)),
        b";" * 60000,
        b"; lanonasis_session" * 3000,
        b"; lanonasis_session=" * 3000,
        b";" + b" " * 60000,
        b"lanonasis_session" + b" " * 60000,
        b"a" * (1 << 20),
    ],
    ids=["many", "semicolons", "names", "sessions", "spaces", "trailing", "long"],
)
async def test_floods_cost_little(flood: bytes) -> None:
    started = time.thread_time()
    assert await outcome(flood) in {"absent", "malformed"}
    assert time.thread_time() - started < 0.05


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a;b", "é"])
def test_a_cookie_needs_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="cookie name"):
        SessionCookie(name, [])


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text('lanonsi_e= ;\t"\\,x.', max_size=60).map(str.encode), max_size=3))
async def test_no_cookies_pass_or_raise(lines: list[bytes]) -> None:
    assert await outcome(*lines) in {"absent", "malformed", "rejected"}
