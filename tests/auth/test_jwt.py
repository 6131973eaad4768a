"""A token holds in one strict form only, and only for what its issuer may say."""

from __future__ import annotations

import json
import secrets
import socket
import string
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from router.auth.issuer import Issuer
from router.auth.jwt import JwtVerifier
from tests.auth.tokens import NOW, SECRET, b64, raw_token, sign, sso, token

HEADER = b'{"alg":"HS256","typ":"JWT"}'


def outcome(data: bytes, *issuers: Issuer, service: str = "ai-chat", now: float = NOW) -> str:
    attempt = JwtVerifier("bearer", issuers or (sso(),)).attempt(data, service, now)
    assert (attempt.principal is not None) == (attempt.outcome == "passed")
    return attempt.reason or attempt.outcome


def test_a_good_token_names_the_user() -> None:
    attempt = JwtVerifier("bearer", [sso()]).attempt(token(email="a@b.example"), "ai-chat", NOW)
    principal = attempt.principal
    assert principal is not None
    assert (principal.id, principal.method, principal.subject) == ("user:u1", "bearer", "u1")
    assert (principal.email, principal.expires_at) == ("a@b.example", NOW + 600)
    assert principal.scopes == frozenset({"*"})


def test_what_pyjwt_signs_holds() -> None:
    signed = pyjwt.encode({"sub": "u1", "exp": int(NOW) + 60}, SECRET, "HS256")
    assert outcome(signed.encode()) == "passed"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_longer_hashes_where_pinned(algorithm: str) -> None:
    signed = token(header={"alg": algorithm})
    assert outcome(signed, sso(algorithms=(algorithm,))) == "passed"
    assert outcome(signed, sso()) == "rejected"


@pytest.mark.parametrize("name", ["none", "None", "nOnE", "", "RS256", "ES256", "hs256"])
def test_no_algorithm_but_the_pinned_one(name: str) -> None:
    header = json.dumps({"alg": name}).encode()
    signed = b64(header) + b"." + b64(json.dumps({"sub": "u1", "exp": NOW + 60}).encode())
    assert outcome(signed + b".") == "malformed"
    assert outcome(sign(signed)) == "rejected"
    assert outcome(signed + b".AAAA") == "rejected"


@pytest.mark.parametrize("alg", [None, 7, ["HS256"], {"HS256": 1}])
def test_an_algorithm_that_is_no_name(alg: object) -> None:
    assert outcome(token(header={"alg": alg})) == "malformed"


def test_a_public_key_is_refused_as_a_secret() -> None:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    for encoding, form in [
        (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH),
    ]:
        with pytest.raises(ValueError, match="public key"):
            Issuer("sso", (public.public_bytes(encoding, form),))


@pytest.mark.parametrize(("algorithm", "size"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_a_secret_is_as_long_as_the_hash(algorithm: str, size: int) -> None:
    good = secrets.token_hex(size).encode()[:size]
    assert Issuer("sso", (good,), (algorithm,)).secrets == (good,)
    with pytest.raises(ValueError, match=f"{size} bytes"):
        Issuer("sso", (good, good[:-1]), (algorithm,))


def test_an_issuer_needs_a_secret_and_a_known_algorithm() -> None:
    for wrong in ((), (b"",)):
        with pytest.raises(ValueError):
            Issuer("sso", wrong)
    with pytest.raises(ValueError, match="not known"):
        Issuer("sso", (SECRET,), ("none",))


def test_a_secret_is_never_shown() -> None:
    assert SECRET.decode() not in repr(sso())


def test_any_of_several_secrets_verifies() -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    issuer = Issuer("sso", (new, old))
    assert outcome(token(old), issuer) == outcome(token(new), issuer) == "passed"
    assert outcome(token(secrets.token_bytes(32)), issuer) == "rejected"


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "x5t"])
def test_keys_in_the_token_are_ignored_without_any_connection(
    member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a token made us open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    own = secrets.token_bytes(32)
    value: Any = {"kty": "oct", "k": b64(own).decode()} if member == "jwk" else "https://evil.test"
    assert outcome(token(own, header={member: value})) == "rejected"
    assert outcome(token(header={member: value})) == "passed"


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"b64": True}]
)
def test_extensions_that_must_be_understood(header: dict[str, object]) -> None:
    assert outcome(token(header=header)) == "malformed"


@pytest.mark.parametrize(
    "kid", ["../../dev/null", "' UNION SELECT 1 --", ["a"], 7, None, "k" * 200]
)
def test_a_key_id_that_names_no_key(kid: object) -> None:
    assert outcome(token(header={"kid": kid})) == "malformed"
    assert outcome(token(header={"kid": "2026-11:a"})) == "passed"


@pytest.mark.parametrize("kind", ["dpop+jwt", "logout+jwt", "JWE", 1])
def test_tokens_of_another_type(kind: object) -> None:
    assert outcome(token(header={"typ": kind})) == "rejected"
    assert outcome(token(header={"typ": "at+JWT"})) == "passed"


def respellings() -> list[bytes]:
    good = token()
    head, body, signature = good.split(b".")
    last = string.ascii_letters.encode() + string.digits.encode() + b"-_"
    twin = signature[:-1] + bytes([last[(last.index(signature[-1]) ^ 1)]])
    return [
        good + b"=",
        good + b"==",
        b" " + good,
        good + b" ",
        good + b"\n",
        good.replace(b".", b".."),
        b".".join([head, body]),
        b".".join([head, body, signature, b""]),
        b".".join([head, b"", signature]),
        b".".join([head + b"\x00", body, signature]),
        b".".join([b"+/" + head, body, signature]),
        b".".join([head, body, signature[:-4] + b"+/aa"]),
        b".".join([head, body, twin]),
        json.dumps({"payload": body.decode(), "signature": signature.decode()}).encode(),
        json.dumps(
            {"payload": body.decode(), "protected": head.decode(), "signature": signature.decode()}
        ).encode(),
        good.decode().encode("utf-16"),
        b"\xff\xfe" + good,
        b"",
        b"..",
        b"Bearer " + good,
    ]


def test_only_the_strict_compact_form() -> None:
    assert outcome(token()) == "passed"
    for data in respellings():
        assert outcome(data) == "malformed", data


def test_a_long_token_is_not_looked_at() -> None:
    assert outcome(token(pad="x" * 8192)) == "malformed"
    assert outcome(b"a" * (1 << 20)) == "malformed"
    assert outcome(b".".join([b"e" * 40, b"", b"i" * 16, b"c" * 400, b"t" * 16])) == "malformed"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"sub":"u1","sub":"admin","exp":9999999999}',
        b'{"sub":"u1","exp":1,"exp":9999999999}',
        b'{"sub":"u1","exp":NaN}',
        b'{"sub":"u1","exp":Infinity}',
        b'["sub","exp"]',
        b"null",
        b'{"sub":"u1","exp":9999999999}{}',
        b'\xef\xbb\xbf{"sub":"u1","exp":9999999999}',
        '{"sub":"u1","exp":9999999999}'.encode("utf-16"),
        b'{"sub":"\xff","exp":9999999999}',
        b'{"sub":"u1","exp":' + b"9" * 5000 + b"}",
        b'{"a":' + b"[" * 2500 + b"]" * 2500 + b"}",
        b"",
    ],
)
def test_claims_that_are_not_plain_json(payload: bytes) -> None:
    assert outcome(raw_token(HEADER, payload)) in {"malformed", "rejected"}


def test_duplicate_members_in_the_header() -> None:
    payload = json.dumps({"sub": "u1", "exp": NOW + 60}).encode()
    assert outcome(raw_token(b'{"alg":"none","alg":"HS256"}', payload)) == "malformed"


@pytest.mark.parametrize(
    "exp", ["1e400", '"9999999999"', "-1", "true", "null", "[]", "{}", "1e300"]
)
def test_an_expiry_that_is_no_date(exp: str) -> None:
    assert outcome(raw_token(HEADER, b'{"sub":"u1","exp":' + exp.encode() + b"}")) == "rejected"


def test_an_expiry_is_needed_and_never_stretched() -> None:
    assert outcome(token(exp=None)) == "rejected"
    assert outcome(token(exp=NOW)) == "expired"
    assert outcome(token(exp=NOW - 1), sso(leeway=30.0)) == "expired"
    assert outcome(token(exp=NOW + 1)) == "passed"
    assert outcome(token(exp=NOW + 0.5)) == "passed"


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_from_the_future(claim: str) -> None:
    far: dict[str, Any] = {claim: NOW + 3600}
    word: dict[str, Any] = {claim: "soon"}
    near: dict[str, Any] = {claim: NOW + 3}
    assert outcome(token(**far)) == outcome(token(**word)) == "rejected"
    assert outcome(token(**near)) == "passed"
    assert outcome(token(**near), sso(leeway=0.0)) == "rejected"


@pytest.mark.parametrize("sub", [None, "", 7, ["u1"], "a\nb", "a\x00", " u1", "x" * 300, "\ud800"])
def test_a_subject_is_needed_and_is_one_line(sub: object) -> None:
    assert outcome(token(sub=sub)) == "rejected"


def test_issuer_and_audience_where_configured() -> None:
    strict = sso(issuer="https://sso.example", audience="onasis")
    good: dict[str, Any] = {"iss": "https://sso.example", "aud": "onasis"}
    assert outcome(token(**good), strict) == "passed"
    assert outcome(token(**{**good, "aud": ["x", "onasis"]}), strict) == "passed"
    wrongs: list[dict[str, Any]] = [
        {"aud": "onasi"}, {"aud": None}, {"aud": ["x"]}, {"aud": {"onasis": 1}}, {"aud": []},
        {"iss": None}, {"iss": ["https://sso.example"]}, {"iss": "https://sso.example/"},
    ]  # fmt: skip
    for wrong in wrongs:
        assert outcome(token(**{**good, **wrong}), strict) == "rejected"


def test_claims_can_be_read_elsewhere() -> None:
    issuer = sso(claims={"email": "sub"})
    attempt = JwtVerifier("bearer", [issuer]).attempt(token(sub="a@b.example"), "sessions", NOW)
    assert attempt.principal is not None
    assert attempt.principal.email == attempt.principal.subject == "a@b.example"


def test_a_token_of_another_service() -> None:
    own = secrets.token_bytes(32)
    orion = Issuer("orion", (own,), services=frozenset({"sessions"}))
    verifier = JwtVerifier("bearer", [sso(), orion])
    for _ in range(2):  # the second time from what is known
        assert verifier.attempt(token(own), "sessions", NOW).outcome == "passed"
        assert verifier.attempt(token(own), "ai-chat", NOW).outcome == "rejected"
        assert verifier.attempt(token(), "ai-chat", NOW).outcome == "passed"
    assert JwtVerifier("bearer", [orion]).attempt(token(own), "x", NOW).outcome == "rejected"
    assert JwtVerifier("bearer", []).attempt(token(), "x", NOW).outcome == "rejected"


def test_the_reason_comes_from_the_issuer_who_signed() -> None:
    own = secrets.token_bytes(32)
    issuers = [sso(), Issuer("orion", (own,)), Issuer("third", (secrets.token_bytes(32),))]
    attempt = JwtVerifier("bearer", issuers).attempt(token(own, exp=NOW - 1), "x", NOW)
    assert (attempt.reason, attempt.finer) == ("expired", "exp")


def test_a_known_token_ends_with_its_expiry() -> None:
    verifier = JwtVerifier("bearer", [sso()])
    short = token(exp=NOW + 10)
    assert verifier.attempt(short, "x", NOW).outcome == "passed"
    assert verifier.attempt(short, "x", NOW + 9.9).outcome == "passed"
    assert verifier.attempt(short, "x", NOW + 10).reason == "expired"


def test_a_known_token_is_the_same_attempt_for_a_minute() -> None:
    verifier = JwtVerifier("bearer", [sso()])
    first = verifier.attempt(token(), "x", NOW)
    assert verifier.attempt(token(), "x", NOW + 59) is first
    assert verifier.attempt(token(), "x", NOW + 61) is not first
    assert verifier.attempt(token(), "x", NOW - 3600).outcome == "rejected"  # iat is ahead then


def test_known_tokens_are_bounded() -> None:
    verifier = JwtVerifier("bearer", [sso()])
    for number in range(4200):
        verifier.attempt(token(n=number), "x", NOW)
    assert len(verifier._known) == 4096


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200))
def test_no_bytes_pass_or_raise(data: bytes) -> None:
    assert outcome(data) in {"malformed", "rejected"}


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_changed_token_never_passes(data: st.DataObject) -> None:
    good = bytearray(token())
    at = data.draw(st.integers(0, len(good) - 1))
    good[at] ^= data.draw(st.integers(1, 255))
    assert outcome(bytes(good)) in {"malformed", "rejected"}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(["sub", "exp", "nbf", "iat", "aud", "iss", "email"]), JSON))
def test_signed_nonsense_never_raises(claims: dict[str, object]) -> None:
    issuer = sso(issuer="i", audience="a")
    assert outcome(raw_token(HEADER, json.dumps(claims).encode()), issuer) in {
        "malformed", "rejected", "expired", "passed",
    }  # fmt: skip
