"""Secrets: vendors' prefixes, tokens, keys, values of keys; and what only looks like them."""

from __future__ import annotations

import base64
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.privacy.kinds import DEFAULT_LANGUAGES
from tests.privacy.find.extended.texts import found, spans

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
SEEDS = st.integers(0, 10_000)

# Put together, so that nobody's scanner takes these for real ones: prefix, length, alphabet.
VENDORS = {
    "openai": ("s" + "k-", 32, LETTERS),
    "openai project": ("s" + "k-" + "proj-", 64, LETTERS),
    "anthropic": ("s" + "k-" + "ant-api03-", 80, LETTERS),
    "stripe": ("s" + "k_" + "live_", 24, LETTERS),
    "stripe restricted": ("r" + "k_" + "test_", 24, LETTERS),
    "aws": ("AK" + "IA", 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "aws session": ("AS" + "IA", 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "github": ("gh" + "p_", 36, LETTERS),
    "github app": ("gh" + "s_", 36, LETTERS),
    "github fine": ("github" + "_pat_", 60, LETTERS),
    "google": ("AI" + "za", 35, LETTERS),
    "slack": ("xo" + "xb-", 40, LETTERS),
    "hugging face": ("h" + "f_", 34, LETTERS),
    "gitlab": ("gl" + "pat-", 20, LETTERS),
    "npm": ("np" + "m_", 36, LETTERS),
    "pypi": ("py" + "pi-", 120, LETTERS),
}


def drawn(seed: int, size: int, alphabet: str = LETTERS) -> str:
    """Letters and digits by lot, of each kind at least some."""
    chance = random.Random(seed)
    rest = "".join(chance.choices(alphabet, k=size - 4))
    return rest[:3] + "A7" + rest[3:] + "Q2" if size > 8 else rest


def secrets_in(text: str) -> list[str]:
    return [value for value, entity in found(text, DEFAULT_LANGUAGES) if entity == "SECRET"]


@pytest.mark.parametrize("vendor", VENDORS)
@given(seed=SEEDS, around=st.sampled_from(["{}", "key {} ok", 'k = "{}";', "({})", "a\n{}\nb 1"]))
def test_a_vendors_key_is_found_whole(vendor: str, seed: int, around: str) -> None:
    prefix, size, alphabet = VENDORS[vendor]
    key = prefix + drawn(seed, size, alphabet)
    assert secrets_in(around.format(key)) == [key]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_prefix_within_a_word_or_with_too_little_behind_it_is_none(vendor: str) -> None:
    prefix, size, alphabet = VENDORS[vendor]
    assert secrets_in(f"x{prefix}{drawn(1, size, alphabet)}") == []
    assert secrets_in(f"{prefix}a1 and 2") == []


def b64(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ"]), st.text(max_size=9), min_size=1))
def test_a_jwt_is_found_whole(head: dict[str, str]) -> None:
    token = f"{b64(head)}.{b64({'sub': '12345', 'iat': 1516239022})}.{drawn(3, 43)}"
    assert secrets_in(f"see {token}, please") == [token]


def test_a_private_key_is_found_with_its_frame() -> None:
    kind = "PRIVATE " + "KEY-----"
    key = f"-----BEGIN RSA {kind}\n{drawn(1, 60)}\n{drawn(2, 60)}==\n-----END RSA {kind}"
    assert secrets_in(f"here:\n{key}\nbye") == [key]


def test_a_private_key_that_is_cut_is_found_as_far_as_it_goes() -> None:
    key = "-----BEGIN PRIVATE " + f"KEY-----\n{drawn(1, 60)}\n"
    assert secrets_in(key + "(cut)") == [key]


def test_a_public_key_is_none() -> None:
    assert secrets_in(f"-----BEGIN PUBLIC KEY-----\n{drawn(1, 60)}\n-----END PUBLIC KEY-----") == []


NAMED = [
    ('password = "{}"', "Tr0ub4dor&3"),
    ("DB_PASSWORD={}", "s3cr3tpa55"),
    ('{{"password": "{}"}}', "correct-h0rse"),
    ("pwd: '{}'", "Summer2024"),
    ("Password: {}", "P@ssw0rd1"),
    ("<password>{}</password>", "s3cr3tpa55"),
    ("My password is {}.", "Hunter2024!"),
    ("export API_TOKEN={}", drawn(5, 30)),
    ("api-key: {}", drawn(6, 24)),
    ('client_secret="{}"', drawn(7, 40)),
    ('"secretAccessKey" : "{}"', drawn(8, 40)),
    ("Authorization: Bearer {}", drawn(9, 40)),
    ('headers = {{"Authorization": "Bearer {}"}}', drawn(10, 40)),
    ("curl -H 'Authorization: Basic {}'", base64.b64encode(b"bob:hunter2").decode()),
    ("postgres://admin:{}@db/x", "s3cr3tP4ss"),
]


@pytest.mark.parametrize(("text", "value"), NAMED)
def test_the_value_of_a_key_that_is_called_secret_is_found(text: str, value: str) -> None:
    assert secrets_in(text.format(value)) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "password = get_password(1)",
        "password: Optional[str] = None  # 1",
        "password = password1[0]",
        "password: ${DB_PASSWORD_1}",
        "password={{ vault.pw_1 }}",
        "password == 'abc123'",
        "password: ********1",
        "password: <your-password-1>",
        "passwords: 12345678",
        "the password must be 8 characters",
        "token: str = 1",
        "private_key: Ed25519PrivateKey | None",
        "self.token = token1",
        "token_type: bearer1",
        "max_tokens: 4096",
        f'"next_page_token": "{drawn(1, 30)}"',
        "token = tokens[10]",
        'secret_name: "my-app-secret-2024"',
        'api_key = os.environ["API_KEY_1"]',
        "api_key=your-api-key-goes-here-123456",
        "Bearer token 1234567890123456",
        "Authorization: Basic information about 12345678",
        "http://localhost:8080/a@b",
        "https://user:${PASSWORD_1}@host/",
        "risk-assessment-of-the-year-2024-and-2025",
        "scikit: sk-learn-estimator-version-1-2-3",
        'class="sk-toggleable__content fitted" id="sk-container-id-12"',
        "commit 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        "see https://example.com/eyJabc.html and 1",
    ],
)
def test_code_and_names_are_no_secrets(text: str) -> None:
    assert secrets_in(text) == []


def test_a_secret_scores_above_any_threshold_in_use() -> None:
    key = "s" + "k-" + drawn(1, 40)
    assert [span.score for span in spans(key)] == [0.95]
