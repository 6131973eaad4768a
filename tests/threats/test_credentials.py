"""Cases 57-59 and 63 of the hostile inputs: what proves a caller, and where it stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conftest import session_token
from tests.threats.wire import (
    arrivals,
    ask,
    assert_problem,
    lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World


# 57: whom nobody asks for a credential

AGENTS = (
    "kube-probe/1.29", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "Prometheus/2.5", "curl/8", "",
    "Amazon-Route53-Health-Check-Service", "Consul Health Check", "router",
)  # fmt: skip


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/lanonasis/api/signed-in", 401),
        ("/lanonasis/api/owned", 401),
        ("/lanonasis/api/signed-in/health", 401),
        ("/metrics", 404),
        ("/dashboard/data", 404),
        ("/whoami", 401),
    ],
)
def test_57_no_user_agent_is_a_credential(here: World, agent: str, path: str, status: int) -> None:
    for method in (b"GET", b"HEAD"):
        raw = method + f" {path} HTTP/1.1\r\nHost: router\r\nUser-Agent: {agent}\r\n\r\n".encode()
        with arrivals(here) as reached:
            assert ask(here, raw, method.decode()).status == status
        assert reached == []


# 58, 59: credentials that are two


DOUBLED = {
    "58 two bearers": "Authorization: Bearer <T>|Authorization: Bearer <O>|",
    "58 the same bearer twice": "Authorization: Bearer <T>|" * 2,
    "58 in two letter cases": "authorization: Bearer <T>|AUTHORIZATION: Bearer <T>|",
    "58 good and bad": "Authorization: Bearer <T>|Authorization: Bearer x|",
    "58 bad and good": "Authorization: Bearer x|Authorization: Bearer <T>|",
    "58 empty and good": "Authorization:|Authorization: Bearer <T>|",
    "58 basic and good": "Authorization: Basic eDp5|Authorization: Bearer <T>|",
    "58 a list": "Authorization: Bearer <T>, Bearer <O>|",
    "58 a list of the same": "Authorization: Bearer <T>,<T>|",
    "58 two schemes": "Authorization: Bearer Bearer <T>|",
    "58 two keys": "X-API-Key: <K>|X-API-Key: <K>|",
    "58 two keys, letter case": "x-api-key: <K>|X-API-KEY: sk_live_x|",
    "58 an empty key and a good one": "X-API-Key:|X-API-Key: <K>|",
    "58 a list of keys": "X-API-Key: <K>, <K>|",
    "58 two keys as bearers": "Authorization: Bearer <K>|" * 2,
    "59 two sessions": "Cookie: <S>=<T>; <S>=<O>|",
    "59 the same twice": "Cookie: <S>=<T>; <S>=<T>|",
    "59 in two lines": "Cookie: <S>=<T>|Cookie: <S>=<O>|",
    "59 in two letter cases of the field": "cookie: <S>=<T>|COOKIE: a=b; <S>=<T>|",
    "59 bad and good": "Cookie: <S>=x; <S>=<T>|",
    "59 good and bad": "Cookie: <S>=<T>; <S>=|",
    "59 without blanks": "Cookie: <S>=<T>;<S>=<O>|",
    "59 with many": "Cookie: <S>=<T>;\t <S> =<O>|",
    "59 another letter case": "Cookie: <SS>=<T>|",
    "59 encoded": "Cookie: lanonasis%5Fsession=<T>|",
    "59 with a hyphen": "Cookie: lanonasis-session=<T>|",
    "59 behind a prefix": "Cookie: __Host-<S>=<T>; a=<S>=<T>|",
    "59 in quotes": 'Cookie: a="; <S>=<T>; <S>=<T>"|',
    "59 user metadata": 'Cookie: lanonasis_user={"id":"u-1"}|',
}


def doubled(case: str, token: str, other: str, api_key: str) -> str:
    """The field lines of a case: ``|`` ends one, ``<S>`` is the session cookie's name."""
    words = {"|": "\r\n", "<T>": token, "<O>": other, "<K>": api_key}
    words |= {"<S>": "lanonasis_session", "<SS>": "LANONASIS_SESSION"}
    fields = DOUBLED[case]
    for word, meaning in words.items():
        fields = fields.replace(word, meaning)
    return fields


@pytest.mark.parametrize("service", ["signed-in", "owned", "scoped"])
@pytest.mark.parametrize("case", DOUBLED)
def test_58_59_a_credential_that_is_not_one_is_none(
    here: World, token: str, api_key: str, case: str, service: str
) -> None:
    fields = doubled(case, token, session_token(here.env, sub="u-9"), api_key)
    raw = f"GET /lanonasis/api/{service} HTTP/1.1\r\nHost: router\r\n{fields}\r\n"
    with arrivals(here) as reached:
        told = ask(here, raw.encode())
        assert_problem(told, 400, 401)
        assert told.status == 400 or told.one("www-authenticate")
    assert reached == []


@pytest.mark.parametrize("case", DOUBLED)
def test_58_59_nobody_looks_at_credentials_of_an_open_service(
    here: World, token: str, api_key: str, case: str
) -> None:
    fields = doubled(case, token, session_token(here.env, sub="u-9"), api_key)
    raw = f"GET /lanonasis/api/open HTTP/1.1\r\nHost: router\r\n{fields}\r\n"
    several = max(fields.lower().count("authorization:"), fields.lower().count("x-api-key:")) > 1
    with arrivals(here) as reached:
        assert ask(here, raw.encode()).status == (400 if several else 200)
    assert len(reached) == (not several)
    for got in reached:
        assert got.one("x-user-id") is None
        assert not [line for line in lines(got) if token in line or api_key in line]


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


# 63: credentials stay where they were consumed


@pytest.mark.parametrize(
    "route", ["open", "signed-in", "owned", "masked", "private", "login", "scoped"]
)
@pytest.mark.parametrize("spell", [str, str.lower, str.upper])
def test_63_a_credential_goes_no_further_than_the_configuration_says(
    here: World, token: str, api_key: str, route: str, spell: Callable[[str], str]
) -> None:
    carried = {
        "Authorization": f"Bearer {token}",
        "X-API-Key": api_key,
        "Cookie": f"lanonasis_session={token}; lanonasis_user=u",
        "Proxy-Authorization": f"Bearer {token}",
        "X-Webhook-Secret": here.env["WEBHOOK_SECRET"],
    }
    fields = "".join(f"{spell(name)}: {value}\r\n" for name, value in carried.items())
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
def test_63_no_error_shows_what_was_sent(here: World, api_key: str, path: str, status: int) -> None:
    bad = session_token(here.env, iss="https://other.example")
    fields = (
        f"Authorization: Bearer {bad}\r\nX-API-Key: {api_key}x\r\n"
        f"Cookie: lanonasis_session={bad}\r\n"
        "X-Webhook-Secret: wrong-secret-of-somebody\r\nX-Said: echo-me\r\nContent-Length: 7\r\n"
    )
    raw = f"POST {path}?secret=echo-me HTTP/1.1\r\nHost: router\r\n{fields}\r\necho-me"
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
