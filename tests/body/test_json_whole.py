"""JSON in requests: every string found, strictly, and spliced without touching the rest."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.json_whole import (
    MalformedJson,
    TooManyStrings,
    escape,
    escape_nested,
    scan,
    splice,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def brief(tokens: Any) -> list[Any]:
    return [(token.path, token.key, token.text) for token in tokens]


def test_strings_and_names_are_found_with_their_paths() -> None:
    body = b'{"a":[1,{"b":"x"},"\\u0079"],"a":"twice", "c":{}}'
    tokens = scan(body)
    assert brief(tokens) == [
        (("a",), True, "a"),
        (("a", 1, "b"), True, "b"),
        (("a", 1, "b"), False, "x"),
        (("a", 2), False, "y"),
        (("a",), True, "a"),
        (("a",), False, "twice"),
        (("c",), True, "c"),
    ]
    assert [body[token.start : token.end] for token in tokens][3] == b'"\\u0079"'


def test_numbers_on_demand() -> None:
    body = b'{"n":-1.5e3,"l":[1, true ,22,"s",[333],null,4]}'
    numbers = [(token.path, token.text) for token in scan(body, numbers=True) if token.number]
    assert numbers == [
        (("n",), "-1.5e3"),
        (("l", 0), "1"),
        (("l", 2), "22"),
        (("l", 4, 0), "333"),
        (("l", 6), "4"),
    ]
    assert [t.text for t in scan(b" 7 ", numbers=True)] == ["7"]
    for token in scan(body, numbers=True):
        assert body[token.start : token.end].decode().strip('"') == token.text


@pytest.mark.parametrize(
    "body",
    [
        b"1e400",
        b"[" + b"9" * 5000 + b"]",
        b'"\\ud800"',
        b"\xef\xbb\xbf{}",
        b' {"a":1,"a":2,"A":3} ',
        b"null",
        b'""',
        b"[]",
        b"[-0, 0.10, 1E-2]",
    ],
)
def test_odd_but_valid(body: Any) -> None:
    scan(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b"[,1]",
        b'{"a":1,}',
        b"{,}",
        b"[01]",
        b"[+1]",
        b"[1.]",
        b"[.5]",
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b"[tru]",
        b"[True]",
        b"nullx",
        b'{"a" 1}',
        b"{a:1}",
        b"{'a':1}",
        b'["\\x"]',
        b'["\\u12"]',
        b'["\n"]',
        b'["\x00"]',
        b'"abc',
        b'"abc\\',
        b"[1}",
        b'{"a":1]',
        b"1 2",
        b"{}{}",
        b"[1]]",
        b"\xff",
        b'"\xc0\xae"',
        b'"\xed\xa0\x80"',
        b"[1 2]",
        b"[1] x",
        b"\x0b1",
        b"1e5000 /* c */",
        b'{"a":1 "b":2}',
        "{}".encode("utf-16"),
    ],
)
def test_anything_else_is_refused(body: Any) -> None:
    with pytest.raises(MalformedJson) as error:
        scan(body)
    assert 0 <= error.value.offset <= len(body)


def test_deep_nesting_is_refused_at_once() -> None:
    scan(b"[" * 200 + b"]" * 200)
    for body in (b"[" * 100_000, b"[" * 201 + b"]" * 201, b'{"a":' * 100_000):
        begin = time.thread_time()
        with pytest.raises(MalformedJson):
            scan(body)
        assert time.thread_time() - begin < 0.05


@pytest.mark.parametrize("unit", [b"[]", b'""', b'{"a":1}', b'1,""'])
def test_the_number_of_values_is_bounded(unit: bytes) -> None:
    with pytest.raises(TooManyStrings):
        scan(b"[" + b",".join([unit] * 3000) + b"]", max_tokens=2000)
    with pytest.raises(TooManyStrings):
        scan(b"[" + b",".join([b"1"] * 3000) + b"]", max_tokens=2000, numbers=True)


def test_splice_touches_nothing_else() -> None:
    body = b'{"a" : "x\\u0020y" , "b":1e400}'
    token = scan(body)[1]
    assert splice(body, [(token.start, token.end, b'"<A_1>"')]) == b'{"a" : "<A_1>" , "b":1e400}'
    assert splice(body, []) == body


@given(st.text())
@settings(deadline=None, max_examples=100)
def test_escaped_text_reads_back(text: Any) -> None:
    assert json.loads(b'"' + escape(text) + b'"') == text
    assert json.loads(json.loads(b'"\\"' + escape_nested(text) + b'\\""')) == text


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=15,
)


def strings(value: Any, path: tuple[Any, ...] = ()) -> Iterator[Any]:
    if isinstance(value, str):
        yield path, False, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, (*path, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield (*path, name), True, name
            yield from strings(item, (*path, name))


@given(values, st.booleans(), st.sampled_from([None, 1]))
@settings(deadline=None, max_examples=150)
def test_the_same_strings_as_a_parser_sees(
    value: Any, ascii_only: bool, indent: int | None
) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(
        "utf-8", "surrogatepass"
    )
    try:
        body.decode()
    except UnicodeDecodeError:
        return
    tokens = scan(body)
    assert brief(tokens) == list(strings(value))
    for token in tokens:
        assert json.loads(body[token.start : token.end]) == token.text


@given(
    st.lists(
        st.sampled_from(
            [*list('{}[],:"\\ ue0123456789.-+tfn'), "true", "null", '"a"', '"a":', "é"]
        ),
        max_size=12,
    )
)
@settings(deadline=None, max_examples=400)
def test_accepts_exactly_what_a_strict_parser_accepts(parts: Any) -> None:
    body = "".join(parts).encode()
    try:
        json.loads(body, parse_constant=int)
        valid = True
    except (ValueError, RecursionError):
        valid = False
    try:
        scan(body)
        assert valid
    except MalformedJson:
        assert not valid
