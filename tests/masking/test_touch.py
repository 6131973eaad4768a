"""``untouched`` may err towards No; a Yes is a promise about every text in the bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.filters import Place
from router.masking.editor import Masking

MASKING = Masking("onasis", models={"onasis-chat": "gpt-4o-mini"}, models_policy="hide")


def free(raw: bytes) -> bool:
    return MASKING.editor().untouched(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'data: {"delta":{"text":" hello"}}\n\n',
        b'{"choices":[{"index":0,"message":{"role":"assistant","content":"fine, thanks."}}]}',
        b"data: [DONE]\n\n",
        b": keep-alive\n\n",
        b"",
        '{"text":"größer, 日本語"}'.encode(),
    ],
)
def test_clean_bytes_pass(raw: bytes) -> None:
    assert free(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"text":"OpenAI"}',
        b'{"text":"openair"}',
        rb'{"text":"\u006fpenai"}',
        b'{"text":"by Open"}',
        b'{"text":"import ChatO"}',
        b'{"text":"x%2Fop"}',
        b'{"text":"x%2"}',
        b'{"text":"x%"}',
        rb'{"text":"x\\"}',
        rb'{"text":"x\\no"}',
        b'{"text":"xO1"}',
        b'{"text":"O"}',
        rb'{"text":"x\no"}',
        '{"text":"日o"}'.encode(),
        b'{"text":"reopen", "b":1}',
        b'{"text":"Azure ", "b":1}',
        b'{"text":"by Open',
        b'{"text":"by O',
        b'{"text":"well \\',
        b'{"system_fingerprint":null}\n',
        b'{"model":"x"}\n',
        b'{"id":"chatcmpl-1"}\n',
    ],
)
def test_what_may_concern_masking_is_told(raw: bytes) -> None:
    assert not free(raw)


PIECES = st.sampled_from(
    ["open", "ai", "OpenAI", "o", "cha", "tgpt", "é", "日", "azure ", " ", "\n", "x", "5", "azur",
     "Eleven ", "vertex-", ".", "ChatO", "useOp", "1Ope", "%2Fo", "%20op", "O", "C", "Ab", '"',
     "\\", "gpt-4o", "neon", "me", "hello"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=4).map("".join)


@given(texts=st.lists(TEXTS, max_size=4), ascii_only=st.booleans())
@settings(deadline=None, max_examples=400)
def test_a_yes_means_every_text_settles_without_an_edit(texts: list[str], ascii_only: bool) -> None:
    raw = json.dumps({"x": texts}, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    if not free(raw):
        return
    for text in texts:
        for final in (True, False):
            for path in ((), ("name",), ("provider",)):
                assert MASKING.editor().edits(text, Place(path), final) == ([], len(text))


def test_a_yes_forgets_what_stood_before() -> None:
    editor = MASKING.editor()
    place = Place(("text",))
    assert editor.edits("x", place, False) == ([], 1)
    assert editor.untouched(b'{"text":" hello"}\n')
    assert editor.edits("OpenAI, ", place, False)[0]
