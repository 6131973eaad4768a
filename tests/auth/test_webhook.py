"""A shared secret in a field."""

from __future__ import annotations

import secrets

import pytest

from router.auth.webhook import WebhookSecret
from tests.auth.tokens import NOW, asks

SECRET = secrets.token_hex(24).encode()
OLD = secrets.token_hex(20).encode()


async def outcome(*values: bytes) -> str:
    method = WebhookSecret([SECRET, OLD])
    attempt = await method.attempt(asks(*((b"x-webhook-secret", v) for v in values)), NOW)
    return attempt.reason or attempt.outcome


async def test_the_secret_and_the_one_before() -> None:
    assert await outcome(SECRET) == await outcome(OLD) == "passed"


async def test_other_values() -> None:
    for wrong in (b"", SECRET[:-1], SECRET + b"x", SECRET.upper() + b"Z", b"\xff\x00", b"x" * 9999):
        assert await outcome(wrong) == "rejected"


async def test_absent_and_twice() -> None:
    assert await outcome() == "absent"
    assert await outcome(SECRET, SECRET) == "malformed"


async def test_the_principal_and_the_field() -> None:
    method = WebhookSecret([SECRET], header="X-Cron-Secret", scopes=frozenset({"sync:run"}))
    assert method.fields == frozenset({b"x-cron-secret"})
    attempt = await method.attempt(asks((b"x-cron-secret", SECRET)), NOW)
    assert attempt.principal is not None
    assert attempt.principal.id == "key:webhook"
    assert attempt.principal.scopes == frozenset({"sync:run"})


@pytest.mark.parametrize("none", [[], [b""], [b"x", b""]])
def test_an_empty_secret_is_no_secret(none: list[bytes]) -> None:
    with pytest.raises(ValueError):
        WebhookSecret(none)
