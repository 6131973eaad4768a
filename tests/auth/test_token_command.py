"""``router token`` prints what the router itself believes."""

from __future__ import annotations

import json
import time

import pytest

from router.auth.jwt import JwtVerifier
from router.cli.token import token
from tests.auth.tokens import SECRET, sso


def test_the_token_holds(capsys: pytest.CaptureFixture[str]) -> None:
    issuer = sso(issuer="https://sso.example", audience="onasis")
    assert token(issuer, sub="u1", email="a@b.example", expires="90s") == 0
    out, err = capsys.readouterr()
    attempt = JwtVerifier("bearer", [issuer]).attempt(out.strip().encode(), "x", time.time())
    assert attempt.principal is not None
    assert (attempt.principal.subject, attempt.principal.email) == ("u1", "a@b.example")
    assert (attempt.principal.expires_at or 0) - time.time() == pytest.approx(90, abs=2)
    assert err == ""
    assert SECRET.decode() not in out


def test_renamed_claims(capsys: pytest.CaptureFixture[str]) -> None:
    issuer = sso(claims={"email": "sub"}, algorithms=("HS512",))
    assert token(issuer, sub="a@b.example", as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["claims"]) == {"sub", "iat", "exp"}
    attempt = JwtVerifier("bearer", [issuer]).attempt(told["token"].encode(), "x", time.time())
    assert attempt.principal is not None
    assert attempt.principal.email == "a@b.example"


@pytest.mark.parametrize("expires", ["", "0s", "1 fortnight", "-5m"])
def test_a_duration_that_is_none(expires: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert token(sso(), sub="u1", expires=expires) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "expires" in err
