"""Whole JSON documents are masked, and requests translated, as if each token were read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.editors import MaskThenRestore
from router.body.json_strings import JsonReader
from router.body.json_whole import MalformedJson, TooManyStrings
from router.errors import DownstreamError
from router.masking.editor import Masking
from router.masking.models import compile_models
from router.masking.requests import _by_token, inward_json
from router.masking.shipped import DROPPED_MEMBERS
from tests.masking.test_mask_then_restore import Restore

if TYPE_CHECKING:
    from router.body.filters import Edit, Editor, Place
    from router.masking.models import Models
    from router.masking.requests import Inward

MODELS = {"onasis-chat": "gpt-4o-mini", "onasis-tts": "acme/secret_v3"}
PASS = Masking("onasis", vendors={"openai": "onasis"}, models=MODELS)
HIDE = Masking("onasis", models=MODELS, models_policy="hide")


class Plain:
    """An editor without its hints, so that everything is walked."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:
        return self._editor.edits(text, place, final)


def read(editor: Editor, body: bytes) -> bytes:
    reader = JsonReader(editor, drop=DROPPED_MEMBERS)
    fed = reader.feed(body) + reader.flush()
    assert JsonReader(editor, drop=DROPPED_MEMBERS).whole(body) == fed
    return fed


NAMES = st.sampled_from(
    ["id", "model", "models", "content", "name", "provider", "error", "openai_usage", "arguments",
     "system_fingerprint", "x_groq", "signature", "meta", "a\\b"]
)  # fmt: skip
TEXTS = st.sampled_from(
    ["OpenAI", "x openai, ", "chatcmpl-AbCdEf0123456789", "gpt-4o-mini", "gpt-4o-mini-2024-07-18",
     "in-house", "acme/secret_v3", "secret_v3", "Express", "meta", "<EMAIL_1>", "by <PERSON_1>:\n",
     "\\nopenai", '{"a":"openai"}', "é Claude", "org-ABCDEFGHIJKLMNOP0123", "openai.com/v1", ""]
)  # fmt: skip


class Members(list[Any]):
    """Members of an object, names any number of times."""


VALUES = st.recursive(
    TEXTS | st.text(max_size=3) | st.sampled_from([1, None, True, -2.5]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(st.tuples(NAMES, inner), max_size=5).map(Members)
    ),
    max_leaves=10,
)
BODIES = st.lists(st.tuples(NAMES, VALUES), max_size=5).map(Members)


def written(value: Any, slashes: bool) -> str:
    if isinstance(value, Members):
        inner = [f"{json.dumps(name)}: {written(one, slashes)}" for name, one in value]
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join([written(one, slashes) for one in value]) + "]"
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("/", "\\/") if slashes else text


@settings(deadline=None, max_examples=200)
@given(value=BODIES, slashes=st.booleans(), failed=st.booleans(), masking=st.sampled_from([0, 1]))
def test_a_document_is_masked_as_string_by_string(
    value: Any, slashes: bool, failed: bool, masking: int
) -> None:
    body = written(value, slashes).encode("utf-8", "surrogatepass")
    of = (PASS, HIDE)[masking]
    expected = read(Plain(of.editor(failed=failed)), body)
    assert read(of.editor(failed=failed), body) == expected
    joined = [MaskThenRestore(of.editor(failed=failed), Restore()) for _ in range(2)]
    assert read(joined[0], body) == read(Plain(joined[1]), body)


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b'{"model":"secret_v3","a":1}', b'{"model":"onasis-tts","a":1}'),
        (rb'{"text":"by acme\/secret_v3."}', b'{"text":"by onasis-tts."}'),
    ],
)
def test_a_configured_models_name_is_seen_however_it_is_written(body: bytes, seen: bytes) -> None:
    assert not PASS.editor().untouched(body)
    assert read(PASS.editor(), body) == seen


def outcome(translate: Any, body: bytes, models: Models) -> Inward | tuple[Any, ...]:
    try:
        result: Inward = translate(body, models)
    except (MalformedJson, TooManyStrings, DownstreamError) as error:
        return type(error), str(error)
    return result


TABLES = [compile_models("onasis", MODELS, policy) for policy in ("pass", "reject")]


def same(body: bytes) -> None:
    for models in TABLES:
        assert outcome(inward_json, body, models) == outcome(_by_token, body, models)


ALIASES = st.sampled_from(["onasis-chat", "onasis-tts", "gpt-5", 'a"b', "a/b", '"model'])
REQUESTS = st.lists(st.tuples(st.just("model") | NAMES, ALIASES | VALUES), max_size=4).map(Members)


@settings(deadline=None, max_examples=200)
@given(value=REQUESTS, slashes=st.booleans())
def test_a_request_is_translated_as_token_by_token(value: Any, slashes: bool) -> None:
    same(written(value, slashes).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'["model","onasis-chat"]',
        b'{"model" :\n "onasis-chat" , "n":1e400}',
        rb'{"model":"onasis\u002dchat"}',
        rb'{"a":"\"model","model":"onasis-chat"}',
        rb'{"a":"\"model"}',
        b'{"model":null}',
        b'{"model":["onasis-chat"]}',
        b'{"a":{"model":"onasis-chat"}}',
        b'{"model":"onasis-chat"',
        b'{"model":"onasis-chat","a":NaN}',
        b'{"model":"onasis-chat","a":"\xff"}',
        b'\xef\xbb\xbf{"model":"onasis-chat"}',
        b'{"model":"onasis-chat","a":' + b"[" * 199 + b"]" * 199 + b"}",
        b'{"model":"onasis-chat","a":' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"model":"onasis-chat","a":[' + b"{}," * 300 + b"1]}",
        b'{"model":"onasis-chat","a":[' + b"1," * 100_001 + b'"x","y"]}',
        b'{"model":"onasis-chat","a":[' + b'"",' * 100_001 + b"1]}",
    ],
)
def test_unusual_requests_too(body: bytes) -> None:
    same(body)


def test_unlisted_models_in_a_list_are_hidden_however_it_arrives() -> None:
    body = b'{"a":1,"b":2,"c":3,"models":["in-house",{"id":"x"},["house-2"]],"d":"\\u0041"}'
    seen = body.replace(b"in-house", b"onasis").replace(b"house-2", b"onasis")
    assert read(HIDE.editor(), body) == seen
    for cut in range(1, len(body)):
        reader = JsonReader(HIDE.editor(), drop=DROPPED_MEMBERS)
        assert reader.feed(body[:cut]) + reader.feed(body[cut:]) + reader.flush() == seen


@pytest.mark.parametrize(
    ("masking", "body", "masked", "leaks"),
    [
        (PASS, {"content": "by OpenAI", "openai_usage": "x"}, 2, 0),
        (HIDE, {"id": "chatcmpl-" + "Ab1" * 8, "model": "gpt-4o-mini", "z": "by OpenAI"}, 3, 0),
        (PASS, {"content": "in OpenAIfoo anthropicbar xopenai", "model": "m", "openai": 1}, 1, 3),
    ],
)
def test_what_is_masked_is_counted_once(
    masking: Masking, body: dict[str, object], masked: int, leaks: int
) -> None:
    editor = masking.editor()
    JsonReader(editor, drop=DROPPED_MEMBERS).whole(json.dumps(body).encode())
    assert (editor.masked, editor.leaks) == (masked, leaks)
