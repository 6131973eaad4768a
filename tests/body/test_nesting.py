"""How deep in JSON within JSON a text stands, however it is cut."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.filters import Edit
from router.body.json_strings import JsonReader
from router.body.ndjson import NdjsonReader
from router.body.nesting import Nesting, escapes
from router.body.sse import SseReader
from tests.body.toys import pieces, restore, whole

VALUE = 'a"b\\c\nd@x.example'


def within(text: str) -> str:
    return json.dumps({"n": 1, "b": text})


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ('{"a": "', 1),
        ('{"a": ', 0),
        ('{"a": "b", "', 1),
        (within('{"a": "@'), 2),
        (within(' [1, {"a": "@'), 2),
        (within(within('{"a": "@')), 3),
        (within('He said "@'), 1),
        (within('[Ada](b) "@'), 1),
        (within('{name} "@'), 1),
        (within('[1] "@'), 1),
        (within('{"a": "b"} "@'), 1),
        (within('{"a": "b"}') + '{"c": "@', 1),
        (within('{"a": "\\\\"') + '"@', 1),
    ],
)
def test_a_string_is_json_as_long_as_it_reads_so(text: str, depth: int) -> None:
    text = text.partition("@")[0]
    for at in range(len(text) + 1):
        nesting = Nesting()
        nesting.read(text[:at])
        nesting.copy().read('"{[')
        nesting.read(text[at:])
        assert nesting.depth == depth


def test_an_escape_tells_its_own_depth() -> None:
    assert [escapes(text) for text in ("<", "\\u003c", "\\\\u003c", "\\\\\\\\u003c")] == [
        0,
        1,
        2,
        3,
    ]
    text = '{"a": "\\\\u003cX'
    assert Nesting().depths(text, [Edit(7, len(text), "x")]) == [2]


json_values: Any = st.recursive(
    st.sampled_from(["<EMAIL_1>", "x", 'q"\\', "", 1, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("k"), inner, max_size=1),
    max_leaves=4,
)


def nested(value: Any, depth: int) -> str:
    text = json.dumps(value)
    return text if depth == 1 else json.dumps({"in": nested(value, depth - 1)})


def true(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: true(one) for name, one in value.items()}
    if isinstance(value, list):
        return [true(one) for one in value]
    return VALUE if value == "<EMAIL_1>" else value


def chat(piece: str) -> Any:
    call = {"index": 0, "function": {"arguments": piece}}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}


def unknown(piece: str) -> Any:
    return {"tool": {"arguments": piece}}


def cut_or_not(make: Any, data: bytes, size: int = 7) -> bytes:
    out = whole(make, data)
    assert pieces(make, [data[at : at + size] for at in range(0, len(data), size)]) == out
    return out


@settings(deadline=None, max_examples=60)
@given(
    value=st.builds(lambda one: {"v": one}, json_values),
    depth=st.integers(1, 3),
    size=st.integers(1, 9),
    shape=st.sampled_from([chat, unknown]),
)
def test_arguments_parse_to_the_true_values(value: Any, depth: int, size: int, shape: Any) -> None:
    sent = nested(value, depth)
    events = [json.dumps(shape(sent[at : at + size])) for at in range(0, len(sent), size)]
    document = json.dumps({"arguments": sent}).encode()
    document = cut_or_not(lambda: JsonReader(restore()), document)
    lines = "".join(f"{one}\n" for one in events).encode()
    named = "".join(f"data: {one}\n\n" for one in events).encode()
    lines = cut_or_not(lambda: NdjsonReader(restore()), lines)
    named = cut_or_not(lambda: SseReader(restore()), named)
    assert lines.splitlines() == [line[6:] for line in named.splitlines() if line]
    heard = [json.loads(line) for line in lines.splitlines()]
    if shape is chat:
        heard = [one["choices"][0]["delta"]["tool_calls"][0]["function"] for one in heard]
    else:
        heard = [one["tool"] for one in heard]
    for text in (json.loads(document)["arguments"], "".join(one["arguments"] for one in heard)):
        for _ in range(depth - 1):
            text = json.loads(text)["in"]  # noqa: PLW2901
        assert json.loads(text) == true(value)


def test_long_arguments_keep_their_depth() -> None:
    inner = {"text": 'x" ' * 40_000, "to": "<EMAIL_1>"}
    sent = json.dumps({"arguments": json.dumps({"in": json.dumps(inner)})}).encode()
    out = json.loads(cut_or_not(lambda: JsonReader(restore()), sent, 5000))["arguments"]
    assert json.loads(json.loads(out)["in"]) == {**inner, "to": VALUE}


@pytest.mark.parametrize("piece", ["1", "\\", '\\"', '{\\"a\\":', "[", " ", '"', "\\\\u0022"])
def test_time_is_linear_in_the_text(piece: str) -> None:
    nesting = Nesting()
    began = time.process_time()
    nesting.read('{"a": "{\\"b\\": ' + piece * (300_000 // len(piece)) + 'x\\"')
    assert time.process_time() - began < 2.0
