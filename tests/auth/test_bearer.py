"""Authorization: Bearer carries a JWT, or an API key where SDKs can send nothing else."""

from __future__ import annotations

import pytest

from router.auth.api_key import ApiKeys
from router.auth.bearer import Bearer
from tests.auth.stored import RecordedKeys, new_key
from tests.auth.tokens import NOW, asks, sso, token


async def outcome(*lines: bytes, bearer: Bearer | None = None) -> str:
    method = bearer or Bearer([sso()])
    attempt = await method.attempt(asks(*((b"authorization", line) for line in lines)), NOW)
    return attempt.reason or attempt.outcome


@pytest.mark.parametrize("scheme", [b"Bearer ", b"bearer ", b"BEARER ", b"Bearer   "])
async def test_a_token(scheme: bytes) -> None:
    assert await outcome(scheme + token()) == "passed"


@pytest.mark.parametrize("line", [b"Basic dXNlcjpwYXNz", b"", b"Bearers x", b"token", b"DPoP x"])
async def test_other_schemes_are_not_ours(line: bytes) -> None:
    assert await outcome(line) == "absent"


async def test_no_line() -> None:
    assert await outcome() == "absent"


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b" ",
        b" opaque-oauth-token",
        b" \tx",
        b" a, Bearer b",
        b" x.y.z\x00",
        b" \xff",
        b" sk_x",
    ],
)
async def test_what_is_no_token(rest: bytes) -> None:
    assert await outcome(b"Bearer" + rest) == "malformed"


async def test_a_token_with_more_behind_it() -> None:
    good = b"Bearer " + token()
    for more in (b" x", b", Basic x", b";", b"\n"):
        assert await outcome(good + more) == "malformed"


async def test_two_lines_prove_nothing() -> None:
    good = b"Bearer " + token()
    assert await outcome(good, good) == "malformed"
    assert await outcome(good, b"Basic x") == "malformed"


async def test_an_injection_is_just_no_token() -> None:
    attack = b"Bearer ' OR (SELECT pg_sleep(10)) IS NULL --"
    assert await outcome(attack) == "malformed"


async def test_an_api_key_as_bearer(keys: RecordedKeys) -> None:
    key, row = await new_key(keys)
    bearer = Bearer([sso()], api_keys=ApiKeys(keys))
    attempt = await bearer.attempt(asks((b"authorization", b"Bearer " + key)), NOW)
    assert attempt.method == "bearer"
    assert attempt.principal is not None
    assert (attempt.principal.id, attempt.principal.method) == (f"key:{row.id}", "api_key")
    assert attempt.principal.scopes == frozenset({"ai:chat"})
    assert await outcome(b"Bearer " + token(), bearer=bearer) == "passed"


async def test_no_api_key_where_it_is_switched_off(keys: RecordedKeys) -> None:
    key, _ = await new_key(keys)
    assert await outcome(b"Bearer " + key) == "malformed"
    assert keys.finds == []
