from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.json_whole import scan
from router.privacy.anchors import plain_digits
from router.privacy.kinds import PRESIDIO
from router.privacy.prefilter import Prefilter
from router.privacy.quiet import Quiet
from router.privacy.selectors import context

PREFILTER = Prefilter(PRESIDIO.usual, PRESIDIO)


def may_hold(text: str) -> bool:
    return PREFILTER.may_hold(plain_digits(text))


QUIET = Quiet(may_hold)


@pytest.mark.parametrize(
    ("body", "quiet"),
    [
        (b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi\\n\\"you\\""}]}', True),
        ('{"a": "Zoë 😀"}'.encode(), True),
        (b'{"a": "bob@x.io"}', False),
        (b'{"a": "bob\\u0040x.io"}', False),
        (b'{"a": "1\\/2\\/3\\/4\\/5"}', False),
        (b'{"a": "<EMAIL_ADDRESS_1>"}', False),
        (b'{"a": NaN}', False),
        (b'{"a": ', False),
        (b'"\xff"', False),
        (b"\xef\xbb\xbf{}", False),
        (b"[" * 150 + b"]" * 150, True),
        (b"[" * 250 + b"]" * 250, False),
        (b'"' + b"a " * 10_000 + b'"', False),
    ],
)
def test_quiet_documents_are_told_from_their_bytes(body: bytes, quiet: bool) -> None:
    assert QUIET.json(body) is quiet


@pytest.mark.parametrize(
    ("raw", "quiet"),
    [(b"", True), (b"a=b&c=d", True), (b"a=%31", False), (b"q=a+b", False), (b"\xff", False)],
)
def test_quiet_queries_are_told_from_their_bytes(raw: bytes, quiet: bool) -> None:
    assert QUIET.url(raw) is quiet


_TEXT = st.lists(
    st.one_of(
        st.text(max_size=4),
        st.sampled_from(
            ["1.", "2", "@", ":", "::", "ab", "-", "/", "\\", '"', "\n", "license", "DE", "1" * 26]
        ),
    ),
    max_size=6,
).map("".join)
_JSON = st.recursive(
    st.one_of(_TEXT, st.integers(0, 10**10), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(_TEXT, st.sampled_from(["ssn", "cardNumber"])), inner, max_size=3
        ),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(value=_JSON, ascii_only=st.booleans())
def test_no_string_of_a_quiet_document_may_hold_anything(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    if not QUIET.json(body):
        return
    for token in scan(body, numbers=True):
        names = [step for step in token.path if isinstance(step, str)]
        before = context(names[-1]) if names and not token.key else ""
        assert not may_hold(token.text if not token.number else "")
        assert not may_hold(f"{before} {token.text}") or not before
