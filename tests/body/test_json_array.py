"""An array that grows, whose elements are events: texts go on from one element to the next."""

from __future__ import annotations

import json
from typing import Any

import pytest

from router.body.json_array import ArrayReader, is_array_of_events
from router.body.json_strings import JsonReader
from router.errors import FilterError
from tests.body.toys import pieces, restore, same

VALUE = 'a"b\\c\nd@x.example'


def candidate(text: str, finish: str = "") -> Any:
    made: Any = {"content": {"parts": [{"text": text}]}, "index": 0}
    return {"candidates": [{**made, "finishReason": finish} if finish else made]}


def array(*events: Any, between: bytes = b",\r\n") -> bytes:
    return b"[" + between.join(json.dumps(event).encode() for event in events) + b"\n]\n"


def said(out: bytes) -> list[str]:
    return [one["candidates"][0]["content"]["parts"][0]["text"] for one in json.loads(out)]


def run(body: bytes) -> bytes:
    return same(lambda: JsonReader(restore()), body)


def test_a_text_goes_on_in_the_next_element() -> None:
    events = (candidate("to <EM"), candidate("AIL_"), candidate("1>, hi"), candidate("", "STOP"))
    assert said(run(array(*events))) == ["to ", "", f"{VALUE}, hi", ""]


def test_what_is_withheld_goes_out_before_the_end() -> None:
    assert said(run(array(candidate("to <EM")))) == ["to ", "<EM"]
    assert said(run(array(candidate("a"), candidate("to <EM")))) == ["a", "to ", "<EM"]
    out = run(array(candidate("to <EM"), candidate("", "STOP")))
    assert said(out)[0] == "to "
    assert "".join(said(out)) == "to <EM"


def test_an_error_among_the_events_is_edited_like_any_other() -> None:
    out = run(array(candidate("<EM"), {"error": {"message": "<EMAIL_1> unknown"}}))
    assert json.loads(out)[-1] == {"error": {"message": f"{VALUE} unknown"}}


def test_what_needs_no_change_passes_byte_for_byte() -> None:
    body = b' [ {"candidates" : [1e400, "\\u0041 ]"]} ,\n\n{"b":"\\\\"}, 7, "x" ] '
    assert run(body) == body


def test_what_stands_behind_the_array_is_text() -> None:
    out = run(array(candidate("a")) + b"by <EMAIL_1>")
    assert out.endswith(b"by " + VALUE.encode())


@pytest.mark.parametrize("cut", [3, 17, 40, 70])
def test_an_array_that_ends_in_the_middle_is_edited_all_the_same(cut: int) -> None:
    body = array(candidate("<EMAIL_1>"), candidate("b"))
    assert run(body[:-cut]).startswith(b'[{"candidates"')


def test_an_element_leaves_when_it_is_complete() -> None:
    body = JsonReader(restore())
    event = json.dumps(candidate("hi")).encode()
    assert body.feed(b"[" + event) == b"[" + event
    assert body.feed(b",\n" + event[:-1]) == b""
    assert body.feed(b"}") == b",\n" + event


def test_other_arrays_are_no_streams() -> None:
    for body in (b'[{"text":"to <EM"},{"text":"AIL_1>"}]', b'{"candidates":[]}', b"[1]", b"[{}]"):
        assert is_array_of_events(body) is False
        assert run(body) == body
    assert [is_array_of_events(head) for head in (b"", b"[", b'[ {"cand')] == [None] * 3


@pytest.mark.parametrize("size", [1000, 60])
@pytest.mark.parametrize("upto", [1000, 120])
def test_long_elements_are_refused(size: int, upto: int) -> None:
    body = array(candidate("x" * 100))[:upto]
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    with pytest.raises(FilterError):
        pieces(lambda: ArrayReader(restore(), max_event=80), parts)
