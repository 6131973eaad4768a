"""Cookie, then bearer, then API key, then 401; each credential passes by itself or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from router.auth.api_key import ApiKeyField, ApiKeys, mint_key
from router.auth.bearer import Bearer
from router.auth.chain import AuthChain, Disabled
from router.auth.cookie import SessionCookie
from router.auth.issuer import Issuer
from router.auth.webhook import WebhookSecret
from router.errors import DownstreamError, InternalError
from router.exchange import ANONYMOUS
from router.stores.keys import SqliteKeys
from tests.auth.stored import RecordedKeys, new_key
from tests.auth.tokens import NOW, asks, sso, token

if TYPE_CHECKING:
    from pathlib import Path

    from router.auth.attempt import Credentials, Method


def chain(keys: SqliteKeys, **more: Any) -> AuthChain:
    judge = ApiKeys(keys)
    methods: list[Method] = [
        SessionCookie("lanonasis_session", [sso()]),
        Bearer([sso()], api_keys=judge),
        ApiKeyField(judge),
    ]
    return AuthChain(methods, clock=lambda: NOW, **more)


def cookie(value: bytes) -> tuple[bytes, bytes]:
    return b"cookie", b"lanonasis_session=" + value


def bearer(value: bytes) -> tuple[bytes, bytes]:
    return b"authorization", b"Bearer " + value


def api_key(value: bytes) -> tuple[bytes, bytes]:
    return b"x-api-key", value


async def refusal(auth: AuthChain, credentials: Credentials) -> DownstreamError:
    with pytest.raises(DownstreamError) as told:
        await auth.authenticate(credentials)
    assert told.value.status == 401
    return told.value


async def test_the_first_that_passes_tells_who_calls(keys: RecordedKeys) -> None:
    auth = chain(keys)
    key, row = await new_key(keys)
    every = [cookie(token(sub="c")), bearer(token(sub="b")), api_key(key)]
    assert [(await auth.authenticate(asks(*every[start:]))).id for start in range(3)] == [
        "user:c",
        "user:b",
        f"key:{row.id}",
    ]


async def test_a_stale_credential_does_not_lock_out_a_good_one(keys: RecordedKeys) -> None:
    auth = chain(keys)
    key, row = await new_key(keys)
    stale = token(exp=NOW - 1)
    assert (await auth.authenticate(asks(cookie(stale), bearer(token())))).method == "bearer"
    found = await auth.authenticate(asks(cookie(b"x"), bearer(stale), api_key(key)))
    assert found.id == f"key:{row.id}"
    two = await auth.authenticate(asks(bearer(token()), bearer(token()), api_key(key)))
    assert two.id == f"key:{row.id}"


async def test_reject_stops_at_the_first_that_does_not_hold(keys: RecordedKeys) -> None:
    auth = chain(keys, on_invalid="reject")
    assert (await auth.authenticate(asks(bearer(token())))).method == "bearer"
    error = await refusal(auth, asks(cookie(token(exp=NOW - 1)), bearer(token())))
    assert error.members["tried"] == [
        {"method": "cookie", "outcome": "rejected", "reason": "expired"}
    ]


async def test_nothing_presented(keys: RecordedKeys) -> None:
    error = await refusal(chain(keys), asks())
    assert (error.code, error.title) == ("unauthorized", "Unauthorized")
    assert error.fields == ((b"www-authenticate", b'Bearer realm="router"'),)
    assert error.members["tried"] == [
        {"method": name, "outcome": "absent", "reason": ""}
        for name in ("cookie", "bearer", "api_key")
    ]


async def test_something_presented_that_does_not_hold(keys: RecordedKeys) -> None:
    error = await refusal(
        chain(keys), asks(cookie(token(exp=NOW - 1)), bearer(b"x"), api_key(mint_key().encode()))
    )
    assert (error.code, error.title) == ("invalid_token", "Invalid token")
    assert error.fields == ((b"www-authenticate", b'Bearer realm="router", error="invalid_token"'),)
    assert error.members["tried"] == [
        {"method": "cookie", "outcome": "rejected", "reason": "expired"},
        {"method": "bearer", "outcome": "rejected", "reason": "malformed"},
        {"method": "api_key", "outcome": "rejected", "reason": "rejected"},
    ]


async def test_the_body_that_existing_clients_read(keys: RecordedKeys) -> None:
    forged = token()[:-5] + b"AAAAA"
    body = orjson.loads((await refusal(chain(keys), asks(bearer(forged)))).body("r1"))
    assert (body["error"], body["details"]) == ("Invalid token", "invalid signature")
    body = orjson.loads((await refusal(chain(keys), asks())).body("r1"))
    assert body["error"] == "Unauthorized"


async def test_no_credential_and_no_finer_reason_in_the_answer(keys: RecordedKeys) -> None:
    key = mint_key().encode()
    bad = token(aud=None, iat=NOW + 9999)
    error = await refusal(chain(keys), asks(bearer(bad), api_key(key)))
    body = error.body("r1")
    assert key not in body
    assert bad not in body
    assert b"iat" not in body
    finer = [one.finer for one in await chain(keys).attempt_all(asks(bearer(bad), api_key(key)))]
    assert finer == ["", "iat", "unknown key"]


async def test_every_attempt_is_told(keys: RecordedKeys) -> None:
    attempts = await chain(keys).attempt_all(asks(cookie(b"x"), bearer(token())))
    assert [one.outcome for one in attempts] == ["rejected", "passed"]
    assert attempts[-1].principal is not None


async def test_an_open_service_has_no_methods() -> None:
    auth = AuthChain([])
    assert await auth.authenticate(asks(bearer(token()))) is ANONYMOUS
    assert await auth.attempt_all(asks()) == []
    assert auth.fields == frozenset()


async def test_a_method_without_its_secret_opens_nothing() -> None:
    auth = AuthChain([Disabled("webhook")])
    error = await refusal(auth, asks((b"x-webhook-secret", b"")))
    assert error.code == "unauthorized"
    (attempt,) = await auth.attempt_all(asks())
    assert attempt.finer == "disabled: it has no secret"


async def test_a_store_that_is_down_is_503(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    auth = chain(SqliteKeys(tmp_path / "file" / "router.db"))
    for field in (api_key, bearer):
        with pytest.raises(InternalError) as told:
            await auth.authenticate(asks(field(mint_key().encode())))
        assert told.value.code == "store_unavailable"
    assert (await auth.authenticate(asks(bearer(token())))).method == "bearer"
    assert (await refusal(auth, asks())).code == "unauthorized"


async def test_a_session_is_no_bearer_where_issuers_differ(keys: RecordedKeys) -> None:
    secret = b"k" * 32
    other = Issuer("orion", (secret,), audience="orion-core")
    auth = AuthChain([SessionCookie("s", [sso()]), Bearer([other])], clock=lambda: NOW)
    theirs = token(secret, aud="orion-core")
    assert (await auth.authenticate(asks(bearer(theirs)))).method == "bearer"
    await refusal(auth, asks(bearer(token())))
    await refusal(auth, asks((b"cookie", b"s=" + theirs)))


async def test_a_token_known_to_one_method_is_not_known_to_another(keys: RecordedKeys) -> None:
    auth = chain(keys)
    one = token()
    assert (await auth.authenticate(asks(bearer(one)))).method == "bearer"
    assert (await auth.authenticate(asks(cookie(one)))).method == "cookie"


def test_the_fields_a_chain_consumes(tmp_path: Path) -> None:
    keys = SqliteKeys(tmp_path / "router.db")
    assert chain(keys).fields == frozenset({b"cookie", b"authorization", b"x-api-key"})
    assert AuthChain([WebhookSecret([b"s"])]).fields == frozenset({b"x-webhook-secret"})


async def test_a_challenge_stands_on_every_401() -> None:
    error = await refusal(AuthChain([WebhookSecret([b"s"])]), asks())
    assert error.fields == ((b"www-authenticate", b'Webhook realm="router"'),)
