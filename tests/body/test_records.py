"""Events of shapes that no rule knows: a token that is cut between two is found all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from router.body.ndjson import NdjsonReader
from router.body.sse import SseReader
from router.masking.editor import Masking
from router.privacy.restore import Restorer
from tests.body.toys import Swap, same, whole

MAIL = "<EMAIL_ADDRESS_1>"
VALUES = {MAIL: "a@x.example", "<PERSON_1>": 'A "B"'}


def data(*events: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def restored(*events: Any) -> list[Any]:
    """What comes of them, as events and as lines."""
    out = same(lambda: SseReader(Restorer(VALUES)), data(*events))
    lines = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    lines = same(lambda: NdjsonReader(Restorer(VALUES)), lines)
    heard = [json.loads(line) for line in lines.splitlines()]
    assert heard == [json.loads(line[6:]) for line in out.splitlines() if line]
    return heard


@pytest.mark.parametrize("name", ["output", "v", "tool_plan", "text", "märchen"])
def test_any_name_will_do(name: str) -> None:
    sent = [{name: "by <EMAIL"}, {name: "_ADDR"}, {name: "ESS_1>, ok"}]
    assert restored(*sent) == [{name: "by "}, {name: ""}, {name: "a@x.example, ok"}]


def test_numbers_ids_and_times_may_differ() -> None:
    first = {"id": "e1", "n": 1, "token": {"text": "<PERSON", "logprob": None}, "created_at": "1"}
    second = {"id": "e2", "n": 2, "token": {"text": "_1>", "logprob": -1.5}, "created_at": "2"}
    assert [one["token"]["text"] for one in restored(first, second)] == ["", 'A "B"']


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"who": "a", "output": "<PERSON"}, {"who": "b", "output": "_1>"}),
        ({"type": "a.delta", "output": "<PERSON"}, {"type": "b.delta", "output": "_1>"}),
        ({"output": "<PERSON"}, {"other": "_1>"}),
        ({"output": ["<PERSON"]}, {"output": ["x", "_1>"]}),
        ({"jsonrpc": "2.0", "output": "<PERSON"}, {"jsonrpc": "2.0", "output": "_1>"}),
        ({"type": "message", "output": "<PERSON"}, {"type": "message", "output": "_1>"}),
        ("<PERSON", {"output": "_1>"}),
    ],
)
def test_other_records_keep_their_text(first: Any, second: Any) -> None:
    assert restored(first, second) == [first, second]


def test_several_texts_in_one_event_each_go_on() -> None:
    sent = [
        {"out": [{"t": "<PERSON"}, {"t": "by <EMAIL_ADDRE"}]},
        {"out": [{"t": "_1>"}, {"t": "SS_"}]},
        {"out": [{"t": " x"}, {"t": "1>"}]},
    ]
    heard = [[one["t"] for one in event["out"]] for event in restored(*sent)]
    assert heard == [["", "by "], ['A "B"', ""], [" x", "a@x.example"]]


def test_the_last_event_may_end_the_token_and_the_stream() -> None:
    sent = [{"output": "<PERSON", "done": False}, {"output": "_1> <PERSON", "done": True}]
    assert [one["output"] for one in restored(*sent)] == ["", 'A "B" <PERSON']


def test_a_beginning_that_comes_to_nothing_stays() -> None:
    sent = [{"output": text} for text in ("1 <", " 2 <", "<PER", "haps", "<PERSON", "_12>")]
    assert restored(*sent) == sent


def test_only_an_event_that_ends_in_a_beginning_waits() -> None:
    body = SseReader(Restorer(VALUES))
    held, other = data({"output": "to <PER"}), data({"output": "haps"})
    assert body.feed(data({"output": "hi <b"})) == data({"output": "hi <b"})
    assert body.feed(held) == b""
    assert body.feed(other) == held + other


def test_an_unusual_member_of_a_known_shape_goes_on_too() -> None:
    def chat(finish: Any = None, **delta: str) -> Any:
        return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    sent = [chat(content="a <", musing="<PERSON"), chat(content="b", musing="_1>")]
    heard = [one["choices"][0]["delta"] for one in restored(*sent)]
    assert heard == [{"content": "a ", "musing": ""}, {"content": "<b", "musing": 'A "B"'}]
    sent = [chat(content="a <", musing="<PERSON"), chat("stop")]
    heard = [one["choices"][0]["delta"] for one in restored(*sent)]
    assert heard[0] == {"content": "a ", "musing": "<PERSON"}
    assert [one.get("content") for one in heard] == ["a ", "<", None]


def test_a_word_goes_on_where_events_count() -> None:
    sent: Any = [
        {"token": {"id": at, "text": text}} for at, text in enumerate(("by open", "ai", " x"))
    ]
    out = whole(lambda: SseReader(Swap({"openai": "onasis"})), data(*sent))
    texts = [json.loads(line[6:])["token"]["text"] for line in out.splitlines() if line]
    assert texts == ["by ", "onasis", " x"]


def test_what_is_repeated_is_restored_each_time() -> None:
    cut = [{"output": text} for text in ("<PERSON", "_1>") * 3]
    assert [one["output"] for one in restored(*cut)] == ["", 'A "B"'] * 3
    sent = [{"output": MAIL, "n": number} for number in range(4)]
    assert {one["output"] for one in restored(*sent)} == {"a@x.example"}


def test_a_line_that_ends_in_a_backslash_waits() -> None:
    stream = b"data: x \\\n\ndata: <person_1\\>\n\n"
    out = whole(lambda: SseReader(Restorer(VALUES)), stream)
    assert out == b'data: x \n\ndata: A "B"\n\n'


def test_a_models_name_holds_no_event_back() -> None:
    body = SseReader(Masking("onasis", vendors={"openai": "onasis"}).editor())
    for model in ("gpt-4o", "open"):
        event = data({"model": model, "models": [model], "output": "x"})
        assert len(body.feed(event)) > 20
