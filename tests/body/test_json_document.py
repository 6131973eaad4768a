"""Whole documents: the way past the walk gives, byte for byte, what the walk gives."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.filters import Edit, Place
from router.body.json_layout import is_deeper
from router.body.json_strings import JsonReader
from tests.body.toys import REFUSED, Swap, mask, outcome, pieces, restore, whole

DROP = frozenset({"system_fingerprint", "x"})


class Pointing(Swap):
    """Tells where its words are; ``model`` members are its business as a whole."""

    def hits(self, raw: bytes) -> list[int] | None:
        words = [*self.words, "model"]
        pattern = re.compile("|".join(map(re.escape, words)).encode())
        return [found.start() for found in pattern.finditer(raw)]

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:
        if "model" in place.path and not place.key:
            self.seen.append((text, place, final))
            return ([Edit(0, len(text), "m")] if text != "m" else []), len(text)
        return super().edits(text, place, final)


class Plain:
    """The same editor without a hint, so that everything is walked."""

    def __init__(self, editor: Swap) -> None:
        self.editor = editor

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:
        return self.editor.edits(text, place, final)


def pointing() -> Pointing:
    return Pointing({"openai": 'on"as', "élan": "", "<E_1>": "a\nb"})


def both(body: bytes) -> bytes:
    """The output, which is the same with hints of either kind and without."""
    fast, slow = pointing(), pointing()
    out = outcome(lambda: whole(lambda: JsonReader(fast, drop=DROP), body))
    walked = outcome(lambda: whole(lambda: JsonReader(Plain(slow), drop=DROP), body))
    assert out == walked
    if out == REFUSED:
        return out
    # Of names the walk asks once for all items of an array.
    told, shown = ({seen[:2] for seen in one.seen if not seen[1].key} for one in (slow, fast))
    assert shown <= told
    for make in (mask, restore):
        hinted = whole(lambda make=make: JsonReader(make(hint=True), drop=DROP), body)  # type: ignore[misc]
        assert hinted == whole(lambda make=make: JsonReader(Plain(make()), drop=DROP), body)  # type: ignore[misc]
    return out


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":"openai","a":"openai"}', rb'{"a":"on\"as","a":"on\"as"}'),
        (b'{"openai":1, "b":[2,"openai"]}', rb'{"on\"as":1, "b":[2,"on\"as"]}'),
        (rb'{"a":"\"openai\\","b":"\\\"openai"}', rb'{"a":"\"on\"as\\","b":"\\\"on\"as"}'),
        (rb'{"arguments":"openai"}', rb'{"arguments":"on\\\"as"}'),
        (b'{"model":["gpt",{"a":"b"}],"c":"gpt"}', b'{"model":["m",{"a":"m"}],"c":"gpt"}'),
        (b'{"x":1 , "b":2}', b'{ "b":2}'),
        (b'{ "x":{"x":1,"y":[]} , "x" : "q" ,"b":2, "x":null }', b'{"b":2 }'),
        (b'[{"x":[[{}]]} ,"x",{"a":"x","x":"openai"}]', b'[{} ,"x",{"a":"x"}]'),
        (
            rb'{"a\/b":["openai"],"\n":{"x":1,"\\":"openai"}}',
            rb'{"a\/b":["on\"as"],"\n":{"\\":"on\"as"}}',
        ),
        (b' [1e5,-0.0,"openai",2]\r\n', b' [1e5,-0.0,"on\\"as",2]\r\n'),
        (b'{"a":[[],[[]],["",["openai"]]]}', rb'{"a":[[],[[]],["",["on\"as"]]]}'),
    ],
)
def test_a_whole_document(body: bytes, expected: bytes) -> None:
    assert both(body) == expected


def test_places_are_those_of_the_walk() -> None:
    editor = pointing()
    body = rb'{"a\"":[0,{"openai":[["openai"],1,"openai"]}],"arguments":"openai"}'
    whole(lambda: JsonReader(editor), body)
    path = ('a"', 1, "openai")
    assert [(text, place) for text, place, _ in editor.seen] == [
        ("openai", Place(path, key=True)),
        ("openai", Place((*path, 0, 0))),
        ("openai", Place((*path, 2))),
        ("openai", Place(("arguments",), nested=True)),
    ]


def test_strings_without_a_hit_are_not_read() -> None:
    editor = pointing()
    whole(lambda: JsonReader(editor), b'{"a":"b","c":["d","openai"],"e":{"f":"g"}}')
    assert [text for text, _, _ in editor.seen] == ["openai"]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 201 + b'"openai"' + b"]" * 201,
        b"[" * 1100 + b'"openai"' + b"]" * 1100,
        b'["openai"' + b" " * 5000 + b"]",
        b'["openai",' + b"9" * 20_000 + b"]",
        b'["openai",NaN]',
        b'["openai",1e400]',
        b'["openai" "x"]',
        b'{"a":"openai]',
        b'{"a":"openai","x":"}',
        rb'{"\u0078":1,"a":"\u006fpenai"}',
        b'["\xff openai"]',
        b'["' + b"openai " * 10_000 + b'"]',
        b"{openai}",
        b'{"a":"openai"}{"x":"openai"}',
    ],
)
def test_the_unusual_is_walked(body: bytes) -> None:
    both(body)


def test_many_brackets_are_not_deep() -> None:
    assert not is_deeper(b'["[[[[",' + b"[{}]," * 300 + b"[]]", 3)
    assert is_deeper(b'["]]]]",[[{}]]]', 3)
    body = b"[" + b'{"a":"openai"},' * 300 + b"1]"
    assert both(body) == body.replace(b"openai", rb"on\"as")


@pytest.mark.parametrize("rest", [b"\n", b'{"a":"openai","x":1}', b' "openai', b"]openai"])
@pytest.mark.parametrize("body", [b'{"a":"openai"}', b'{"a":1}', b'{"x":1}'])
def test_what_follows_a_document_is_read_as_ever(body: bytes, rest: bytes) -> None:
    slow = whole(lambda: JsonReader(Plain(pointing()), drop=DROP), body + rest)
    assert pieces(lambda: JsonReader(pointing(), drop=DROP), [body, rest]) == slow


class Members(list[Any]):
    """Members of an object, names any number of times."""


NAMES = st.sampled_from(
    ["a", "openai", "system_fingerprint", "x", "model", "arguments", '"', "é\\", "n\n"]
)
TEXTS = st.text(max_size=4) | st.sampled_from(
    ["openai", "by openai!", "élan", "<E_1>", '"openai"', "\\openai\n", "x", '"x":1', "{[openai,"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(st.tuples(NAMES, inner), max_size=5).map(Members)
    ),
    max_leaves=14,
)  # fmt: skip


def written(value: Any, ascii_only: bool, space: str) -> str:
    if isinstance(value, Members):
        inner = [
            f"{space}{json.dumps(name, ensure_ascii=ascii_only)}{space}:{space}"
            f"{written(one, ascii_only, space)}{space}"
            for name, one in value
        ]
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        inner = [f"{space}{written(one, ascii_only, space)}{space}" for one in value]
        return "[" + ",".join(inner) + space + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


@settings(deadline=None, max_examples=200)
@given(VALUES, st.booleans(), st.sampled_from(["", " ", "\n\t"]))
def test_any_document_goes_the_short_way_as_the_long(
    value: Any, ascii_only: bool, space: str
) -> None:
    text = written([value], ascii_only, space)
    both(text.encode("utf-8", "surrogatepass"))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [*'{}[],:"\\1', " ", "openai", '"openai"', '"x":', '"model":', '"a":1', "null", '\\"']
        ),
        max_size=14,
    ).map("".join)
)
def test_any_junk_too(junk: str) -> None:
    for text in (junk, f"[{junk}]", f'{{"a":{junk}}}'):
        if text:
            both(text.encode())
