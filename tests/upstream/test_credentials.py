"""What the router proves itself with."""

from __future__ import annotations

import secrets
from typing import Any

import jwt
import pytest

from router.errors import DownstreamError, InternalError
from router.exchange import ANONYMOUS, Principal
from router.upstream.credentials import Bearer, Header, Mint

SECRET = secrets.token_urlsafe(32)
WHO = Principal("user:7", "bearer", subject="7", email="me@example.test")


def claims(mint: Mint, who: Principal, now: float) -> dict[str, Any]:
    ((name, value),) = mint.fields(who, now)
    assert name == b"authorization"
    scheme, _, token = value.partition(b" ")
    assert scheme == b"Bearer"
    options: Any = {"verify_exp": False, "verify_aud": False, "verify_iat": False}
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    return jwt.decode(token, SECRET, algorithms=["HS256"], options=options)


def test_fixed_credentials() -> None:
    assert Bearer("abc").fields(WHO, 0) == [(b"authorization", b"Bearer abc")]
    assert Header("X-Webhook-Secret", "s").fields(WHO, 0) == [(b"x-webhook-secret", b"s")]
    assert Bearer("").fields(WHO, 0) == []
    assert Header("X-A", "").fields(WHO, 0) == []


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\0", "\u20ac", "\x7f"])
def test_a_secret_that_cannot_stand_in_a_field_is_refused_unquoted(value: str) -> None:
    for make in (lambda: Header("X-A", value), lambda: Bearer(value)):
        with pytest.raises(ValueError) as caught:
            make()
        assert value not in str(caught.value)


def test_a_minted_token_says_who_calls() -> None:
    mint = Mint("https://web", "orion-core", SECRET)
    assert claims(mint, WHO, 1000.7) == {
        "iss": "https://web",
        "aud": "orion-core",
        "sub": "me@example.test",
        "iat": 1000,
        "exp": 1300,
    }
    by_id = Mint("", "", SECRET, subject="id", lifetime=60)
    assert claims(by_id, WHO, 1000) == {"sub": "7", "iat": 1000, "exp": 1060}


def test_a_token_is_kept_while_it_is_fresh() -> None:
    mint = Mint("i", "a", SECRET)
    first = mint.fields(WHO, 1000)
    assert mint.fields(WHO, 1239) is first
    assert claims(mint, WHO, 1240)["exp"] == 1540
    other = Principal("user:8", "bearer", email="you@example.test")
    assert claims(mint, other, 1240)["sub"] == "you@example.test"


def test_a_clock_that_is_set_back_mints_anew() -> None:
    mint = Mint("i", "a", SECRET)
    mint.fields(WHO, 5000)
    assert claims(mint, WHO, 1000)["iat"] == 1000


def test_tokens_kept_are_bounded() -> None:
    mint = Mint("i", "a", SECRET)
    for number in range(1100):
        mint.fields(Principal("user:x", "bearer", email=f"{number}@example.test"), 0)
    assert len(mint._minted) == 1024


@pytest.mark.parametrize("who", [ANONYMOUS, Principal("key:1", "api_key", subject="7")])
def test_a_caller_without_the_subject_is_refused(who: Principal) -> None:
    with pytest.raises(DownstreamError) as caught:
        Mint("i", "a", SECRET).fields(who, 0)
    assert (caught.value.status, caught.value.code) == (403, "subject_not_allowed")


def test_without_a_secret_nothing_goes_out() -> None:
    with pytest.raises(InternalError) as caught:
        Mint("i", "a", "").fields(WHO, 0)
    assert (caught.value.status, caught.value.code) == (503, "destination_unavailable")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        Mint("i", "a", "x" * 31)


def test_secrets_do_not_show() -> None:
    mint = Mint("i", "a", SECRET)
    mint.fields(WHO, 0)
    for shown in (repr(mint), repr(Bearer(SECRET)), repr(Header("X-A", SECRET))):
        assert SECRET not in shown
        assert "eyJ" not in shown
