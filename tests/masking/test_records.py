"""Events that may be records of their own: nothing moves between them but hits cut in two."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.editors import MaskThenRestore
from router.body.ndjson import NdjsonReader
from router.body.sse import SseReader
from router.masking.editor import Masking
from router.privacy.restore import Restorer
from tests.body.toys import pieces, same, whole

if TYPE_CHECKING:
    from router.body.filters import Editor

MASKING = Masking("onasis", vendors={"openai": "onasis"})
VALUES = {"<EMAIL_1>": "d@x.example", "<PERSON_1>": "Ada\nRoe"}


def both() -> Editor:
    return MaskThenRestore(MASKING.editor(), Restorer(VALUES))


def through(stream: bytes, reader: Any = SseReader) -> bytes:
    out = same(lambda: reader(MASKING.editor()), stream)
    assert same(lambda: reader(both()), stream) == out or b"<" in stream
    return same(lambda: reader(both()), stream)


def lines(*texts: str, end: bytes = b"\n") -> bytes:
    return b"".join(b"data: " + text.encode() + end + end for text in texts)


def data(*events: Any) -> bytes:
    return lines(*(json.dumps(event) for event in events))


def ndjson(*records: Any) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(
    ("sent", "got"),
    [
        (["OpenAI", "a"], ["Onasis", "a"]),
        (["served by OpenAI", "next message"], ["served by Onasis", "next message"]),
        (["to <EMA", "next"], ["to <EMA", "next"]),
        (["to <EMA", "openai <"], ["to <EMA", "onasis <"]),
        (["<", "<", "<PERSON", "openai"], ["<", "<", "<PERSON", "onasis"]),
        (["to <EMA", "IL_1>, hi"], ["to ", "d@x.example, hi"]),
        (["to <EM", "AI", "", "L_1>, OpenAI"], ["to ", "", "", "d@x.example, Onasis"]),
        (["Open", "AI"], ["Open", "AI"]),
    ],
)
def test_lines_of_text_stay_where_they_are(sent: list[str], got: list[str], end: bytes) -> None:
    assert through(lines(*sent, end=end)) == lines(*got, end=end)


def test_an_event_is_not_told_twice() -> None:
    stream = b"event: log\nid: 7\ndata: using OpenAI\n\n"
    assert through(stream) == stream.replace(b"OpenAI", b"Onasis")
    for held in (b"to <EMAI", b'{"text":"by Open"}'):
        stream = b"event: log\nid: 7\ndata: " + held + b"\n\n"
        assert through(stream) == stream
        assert through(stream + b"\n\n: hello\n\n" + stream) == stream + b"\n\n: hello\n\n" + stream


@pytest.mark.parametrize("make", [data, ndjson])
@pytest.mark.parametrize("name", ["text", "content", "token", "delta", "response", "answer"])
def test_records_of_unknown_shape_keep_their_text(make: Any, name: str) -> None:
    reader = SseReader if make is data else NdjsonReader
    for first, second in (
        ("OpenAI", "hi"),
        ("I am OpenAI", "Second line"),
        ("I am O", "penAI"),
        ("see <EMAIL", "_1>"),
    ):
        sent = [{"who": "a", name: first}, {"who": "b", name: second}]
        expected = [{"who": "a", name: first.replace("OpenAI", "Onasis")}, sent[1]]
        assert through(make(*sent), reader) == make(*expected)


def test_messages_of_unknown_shape_keep_their_text() -> None:
    sent = [{"id": i, "message": {"content": text}} for i, text in enumerate(("OpenAI", "hi"))]
    out = through(data(*sent))
    assert out == data(*sent).replace(b"OpenAI", b"Onasis")


def test_events_alike_but_for_their_text_are_one_text() -> None:
    out = through(
        data({"token": "by Op"}, {"token": "enA"}, {"token": "I, <EMA"}, {"token": "IL_1>"})
    )
    assert out == data(
        {"token": "by "}, {"token": ""}, {"token": "Onasis, "}, {"token": "d@x.example"}
    )
    sent = [{"token": "a"}, {"token": "o"}, {"who": "b", "token": "penai"}, {"token": "x op"}]
    assert through(data(*sent)) == data(*sent)


def test_a_complete_word_leaves_at_once() -> None:
    body = SseReader(both())
    assert body.feed(data({"text": "by OpenAI"})) == data({"text": "by Onasis"})
    assert body.feed(lines("by OpenAI")) == lines("by Onasis")
    assert body.feed(lines("Open")) == lines("Open")
    lined = NdjsonReader(both())
    assert lined.feed(ndjson({"text": "by OpenAI"})) == ndjson({"text": "by Onasis"})


def test_what_waits_leaves_with_the_next_sign_of_life() -> None:
    body = SseReader(both())
    event = data({"content": "Plan A"})
    assert body.feed(event) == b""
    assert body.feed(b": ping\n\n") == event + b": ping\n\n"
    assert body.feed(event) == b""
    assert body.flush() == event


def test_what_waits_is_bounded() -> None:
    body = SseReader(both())
    event = lines("<", *[""] * 80)
    assert body.feed(event) == event
    for _ in range(3):
        assert body.feed(lines("<")) == b""
        assert body.feed(b"\n\n") == b""
        assert body.feed(b"\n") == lines("<") + b"\n\n\n"


def test_known_shapes_may_lie_between() -> None:
    chat = {"choices": [{"index": 0, "delta": {"content": "by Open"}}]}
    out = through(data(chat, {"text": "by Open"}, chat, {"text": "AI"}))
    assert b"openai" not in out.lower()
    assert out.index(b'{"text": "by Open"}') < out.rindex(b"choices")


words = st.sampled_from(
    ["Open", "AI", "OpenAI", "<EMA", "IL_1>", "<EMAIL_1>", "<", " a", "é", 'q"\\', "", "x", "🙂"]
)
record = st.one_of(
    st.builds(lambda w, who: json.dumps({"who": who, "text": w}), words, st.sampled_from("ab")),
    st.builds(lambda w: json.dumps({"content": w, "text": w}, ensure_ascii=False), words),
    st.builds(json.dumps, words),
    words,
)


@settings(deadline=None, max_examples=100)
@given(st.lists(record, max_size=7), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.integers(1, 9))
def test_events_stay_as_many_and_nothing_but_hits_changes(
    sent: list[str], end: bytes, size: int
) -> None:
    stream = lines(*sent, end=end)
    out = whole(lambda: SseReader(both()), stream)
    cut = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert pieces(lambda: SseReader(both()), cut) == out
    assert out.count(end + end) == stream.count(end + end)
    assert b"OpenAI" not in out or b"OpenAI" not in stream
    if "EMA" not in "".join(sent) and "Open" not in "".join(sent):
        assert out == stream
