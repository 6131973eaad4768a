"""JSON in answers: edited in place, incrementally, whatever it is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.filters import Place, through
from router.body.json_strings import WINDOW, JsonReader
from router.errors import FilterError
from tests.body.toys import Swap, mask, pieces, restore, same, same_or_refused, splits, whole

DROP = frozenset({"system_fingerprint"})


def reader(hint: bool = False) -> Any:
    return lambda: JsonReader(mask(hint=hint), drop=DROP)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b'{"a": "by openai"}', b'{"a": "by onasis"}'),
        (b'{"openai": 1}', b'{"onasis": 1}'),
        (b'{"a": "\\u006fpen\\u0061i \\u0041 \\ud83d\\ude00"}', None),
        (b'["openai","\\"openai\\\\",["x openai"]]', b'["onasis","\\"onasis\\\\",["x onasis"]]'),
        (b" [1e400,-0.0,1E+2,NaN,-Infinity, true ,null]\r\n", None),
        (b"[" + b"9" * 5000 + b"]", None),
        (b'"openai"', b'"onasis"'),
        (b"12", None),
        (b"", None),
        (b"\n\n  \n", None),
        (b'{"a":1,"a":"openai"}', b'{"a":1,"a":"onasis"}'),
        (b'{"a":"\\ud800 openai \\udc00"}', b'{"a":"\\ud800 onasis \\udc00"}'),
        (b'{"a":"\xff\xfe openai \xc3"}', b'{"a":"\xff\xfe onasis \xc3"}'),
        (
            '{"a":"ünï openai élan\U0001f600élan"}'.encode(),
            '{"a":"ünï onasis ÉLAN\U0001f600ÉLAN"}'.encode(),
        ),
        (b'{"a":"\\q \\u12 openai \\u"}', b'{"a":"\\q \\u12 onasis \\u"}'),
        (b'{"a":"raw\nline openai"}', b'{"a":"raw\nline onasis"}'),
        (b'{"a":"openai"}{"b":"openai"}\n["openai"]', b'{"a":"onasis"}{"b":"onasis"}\n["onasis"]'),
        (b"\xef\xbb\xbf" + b'{"a":"openai"}', b"\xef\xbb\xbf" + b'{"a":"onasis"}'),
        (b'{"a":{"b":[{"c":[[],{}]}]}}', None),
    ],
)
def test_only_edited_text_changes(given: bytes, expected: Any) -> None:
    out = same(reader(), given)
    if expected is None:
        expected = given.replace(b"\\u006fpen\\u0061i", b"onasis")
    assert out == expected
    assert same(reader(hint=True), given) == out


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b'{"system_fingerprint":"x","b":2}', b'{"b":2}'),
        (b'{"b":2 , "system_fingerprint":"x" }', b'{"b":2 }'),
        (b'{"a":1,"system_fingerprint":{"y":[1,{"z":"}"}]},"b":2}', b'{"a":1,"b":2}'),
        (b'{"system_fingerprint":null}', b"{}"),
        (b'{ "system_fingerprint" : [1,2] , "system_fingerprint":3 , "c":1}', b'{ "c":1}'),
        (
            b'[{"system_fingerprint":1},{"a":{"system_fingerprint":1,"b":[]}}]',
            b'[{},{"a":{"b":[]}}]',
        ),
        (b'{"system\\u005ffingerprint":1,"a":"system_fingerprint"}', b'{"a":"system_fingerprint"}'),
        (b'{"system_fingerprint":true,"system_fingerprint":"x"}', b"{}"),
    ],
)
def test_named_members_are_dropped(given: bytes, expected: Any) -> None:
    out = same(reader(), given)
    assert re.sub(rb"\s", b"", out) == re.sub(rb"\s", b"", expected)
    json.loads(out)
    assert same(reader(hint=True), given) == out


@pytest.mark.parametrize(
    "broken",
    [
        b"<html>openai</html>",
        b'{"a": openai}',
        b'{"a":"x" "openai"}',
        b'{"a":"openai',
        b'{"a":"b",}{"openai":1}',
        b"[1,2 openai",
        b'{"a":1}} openai {"b":"openai"}',
        b"[" * 300 + b'"openai"' + b"]" * 300,
        b'{"openai" = 3}',
        b'{"a": nul, "b": "openai"}',
    ],
)
def test_what_is_no_json_is_edited_as_text(broken: bytes) -> None:
    assert same(reader(), broken) == broken.replace(b"openai", b"onasis")
    assert same(reader(hint=True), broken) == broken.replace(b"openai", b"onasis")


@pytest.mark.parametrize("text", ["{}".encode("utf-16"), "[1]".encode("utf-16-be"), b"\0\0\0{"])
def test_wide_encodings_are_refused(text: Any) -> None:
    with pytest.raises(FilterError):
        whole(reader(), text)


def test_edited_text_is_escaped_once_and_in_arguments_twice() -> None:
    body = b'{"content":"<EMAIL_1>","arguments":"{\\"to\\":\\"<EMAIL_1>\\"}"}'
    out = json.loads(same(lambda: JsonReader(restore()), body))
    assert out["content"] == 'a"b\\c\nd@x.example'
    assert json.loads(out["arguments"]) == {"to": 'a"b\\c\nd@x.example'}


def test_a_restored_lone_surrogate_stays_valid_json() -> None:
    body = b'{"content":"<EMAIL_1>","arguments":"[\\"<EMAIL_1>\\"]"}'
    out = json.loads(same(lambda: JsonReader(restore("\ud800\u00e9")), body))
    assert out["content"] == "\ud800\u00e9"
    assert json.loads(out["arguments"]) == ["\ud800\u00e9"]


def test_places_name_path_and_key() -> None:
    editor = mask()
    whole(lambda: JsonReader(editor), b'{"a":[{"b":"x"},1,2,"y"],"arguments":"{}"}')
    assert {(text, place) for text, place, _ in editor.seen} == {
        ("a", Place(("a",), key=True)),
        ("b", Place(("a", 0, "b"), key=True)),
        ("x", Place(("a", 0, "b"))),
        ("y", Place(("a", 3))),
        ("arguments", Place(("arguments",), key=True)),
        ("{}", Place(("arguments",), nested=True)),
    }


def long_string(size: int) -> bytes:
    unit = b"openai \\u006fpenai \\n\\\\ \xc3\xa9lan open "
    return (unit * (size // len(unit) + 1))[:size].rstrip(b"\\\xc3")


@pytest.mark.parametrize("size", [WINDOW - 1, WINDOW + 5, WINDOW + 40, 3 * WINDOW + 11])
@pytest.mark.parametrize("chunk", [4093, 65536, 70001])
def test_long_strings_are_edited_in_windows(size: int, chunk: int) -> None:
    text = long_string(size)
    body = b'{"a":"' + text + b'","b":["' + text + b'"],"system_fingerprint":"' + text + b'"}'
    expected = whole(reader(), body)
    parts = [body[at : at + chunk] for at in range(0, len(body), chunk)]
    assert pieces(reader(), parts) == expected
    loaded = json.loads(expected)
    plain = json.loads(b'"' + text + b'"').replace("openai", "onasis").replace("élan", "ÉLAN")
    assert loaded == {"a": plain, "b": [plain]}


def test_long_strings_need_bounded_memory() -> None:
    body = JsonReader(mask())
    body.feed(b'["')
    sent = given = 0
    for _ in range(40):
        chunk = b"opena " * 10_922
        sent += len(chunk)
        given += len(body.feed(chunk))
        assert sent - given <= 2 * WINDOW


def test_a_long_string_may_be_cut_off() -> None:
    body = b'{"a":"' + b"openai " * 20000
    assert whole(reader(), body) == body.replace(b"openai", b"onasis")
    parts = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    assert pieces(reader(), parts) == whole(reader(), body)


def test_endless_space_numbers_and_names_do_not_pile_up() -> None:
    for junk in (b" " * 70000, b"1" * 70000, b'"' + b"x" * 70000, b"truetrue" * 9000):
        for head in (b"", b"[", b"[1,", b'{"a":1,', b'{"a":'):
            body = head + junk + b' openai"'
            expected = whole(reader(), body)
            assert b"openai" not in expected
            assert (
                pieces(reader(), [body[at : at + 997] for at in range(0, len(body), 997)])
                == expected
            )


def test_an_untouched_document_goes_out_at_once() -> None:
    body = JsonReader(mask(hint=True), drop=DROP)
    assert body.feed(b'{"a":[1,2]}') == b'{"a":[1,2]}'
    assert body.feed(b' {"b":"openai"}') == b' {"b":"onasis"}'
    assert body.flush() == b""


def test_complete_members_do_not_wait() -> None:
    body = JsonReader(mask())
    assert body.feed(b'[{"a":"openai"},{"b":"op') == b'[{"a":"onasis"},{'


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["openai", "xopenai", "<openai", "élan", "op", "\ud83d"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["a", "openai", "system_fingerprint", "\\", "é"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def expected_of(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("openai", "onasis").replace("élan", "ÉLAN")
    if isinstance(value, list):
        return [expected_of(one) for one in value]
    if isinstance(value, dict):
        return {expected_of(k): expected_of(v) for k, v in value.items() if k not in DROP}
    return value


@settings(deadline=None, max_examples=80)
@given(json_values, st.booleans(), st.sampled_from([None, 2]), st.data())
def test_any_json_any_split(value: Any, ascii_only: bool, indent: int | None, data: Any) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(
        "utf-8", "surrogatepass"
    )
    out = whole(reader(), body)
    if ascii_only:
        assert repr(json.loads(out or b'""')) == repr(expected_of(value))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    parts = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    for hint in (False, True):
        assert pieces(reader(hint=hint), parts) == out
        assert pieces(reader(hint=hint), [body[i : i + 1] for i in range(len(body))]) == out


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                b'"',
                b"{",
                b"}",
                b"[",
                b"]",
                b",",
                b":",
                b"\\",
                b"u00",
                b"1",
                b"e",
                b"null",
                b" ",
                b"openai",
                b"op",
                b'"a"',
                b'"system_fingerprint":',
                b"\xff",
            ]
        ),
        max_size=14,
    )
)
def test_any_junk_any_split(tokens: Any) -> None:
    junk = b"".join(tokens)
    out = same_or_refused(reader(), junk)
    assert same_or_refused(reader(hint=True), junk) == out


def test_two_words_of_an_editor_that_deletes() -> None:
    assert same(lambda: JsonReader(Swap({"x": ""})), b'{"xx":"x"}') == b'{"":""}'


@pytest.mark.parametrize(
    "body",
    [
        b'{"system_fingerprint":' + b"[" * 250 + b"1" + b"]" * 250 + b',"a":"openai"}',
        b'{"system_fingerprint":' + b'{"x":' * 250 + b"1" + b"}" * 250 + b',"a":"openai"}',
        b'{"a":1,"system_fingerprint":[1,2',
        b'{"a":1,"system_fingerprint":{"b":[}',
    ],
)
def test_what_stops_being_json_within_a_dropped_member_is_refused(body: bytes) -> None:
    for parts in splits(body):
        with pytest.raises(FilterError):
            pieces(reader(), parts)
    with pytest.raises(FilterError):
        through(reader()(), body)
