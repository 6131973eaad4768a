"""Server-sent events: cut anywhere, edited as JSON or text, every other byte as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.sse import SseReader
from router.errors import FilterError
from tests.body.toys import mask, pieces, restore, same, whole


def reader(hint: bool = False) -> Any:
    return lambda: SseReader(mask(hint=hint), drop=frozenset({"system_fingerprint"}))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_every_byte_stays_but_for_edited_text(end: Any, bom: bytes) -> None:
    lines = [
        b": comment by openai",
        b"",
        b"event: openai.thing",
        b"id: openai-7",
        b"retry: 3000",
        b'data: {"a": "openai",',
        b'data:"b" : "x"}',
        b"",
        b"",
        b":",
        b"data",
        b"data:",
        b"unknown openai: 1",
        b"",
        b'data: {"n":1e400}',
        b"",
        b"data: [DONE]",
        b"",
        b"",
    ]
    stream = bom + end.join(lines)
    out = same(reader(), stream)
    assert out == stream.replace(b"openai", b"onasis")
    assert same(reader(hint=True), stream) == out


def test_mixed_line_ends() -> None:
    stream = b"data: openai\r\n\ndata: openai\r\rdata: openai\n\r\ndata: openai\r\n\r\n:x\r\r\n"
    assert same(reader(), stream) == stream.replace(b"openai", b"onasis")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_an_event_leaves_with_its_blank_line(end: Any) -> None:
    body = SseReader(mask())
    assert body.feed(b": hello" + end) == b": hello" + end
    assert body.feed(b'data: {"a":1}' + end) == b""
    event = body.feed(end[:1])
    if end == b"\r\n":
        assert event == b'data: {"a":1}\r\n\r'
        assert body.feed(b"\n") == b"\n"
    else:
        assert event == b'data: {"a":1}' + end + end


def test_dropped_members_even_over_lines() -> None:
    stream = b'data: {"a":1,\ndata: "system_fingerprint":\ndata: "x",\ndata: "b":2}\n\n'
    out = same(reader(), stream)
    joined = b"\n".join(line[6:] for line in out.split(b"\n") if line.startswith(b"data: "))
    assert json.loads(joined) == {"a": 1, "b": 2}


def test_inserted_line_breaks_become_data_lines() -> None:
    out = same(lambda: SseReader(restore("one\r\ntwo")), b"data: x <EMAIL_1> y\n\n")
    assert out == b"data: x one\ndata: two y\n\n"
    out = same(lambda: SseReader(restore("one\ntwo")), b"event: <EMAIL_1>\ndata: 1\n\n")
    assert out == b"event: one two\ndata: 1\n\n"
    out = same(lambda: SseReader(restore(" one")), b"data:<EMAIL_1>\n\n")
    assert out == b"data:  one\n\n"


def test_an_unfinished_event_goes_out_at_the_end() -> None:
    stream = b'data: {"a":"openai"}'
    assert same(reader(), stream) == b'data: {"a":"onasis"}'
    assert same(reader(), b'data: {"a":"openai') == b'data: {"a":"onasis'


def test_long_events_are_refused() -> None:
    for stream in (b"data: " + b"x" * 2000, b"data: " + b"x" * 2000 + b"\n\n"):
        with pytest.raises(FilterError):
            whole(lambda: SseReader(mask(), max_event=1000), stream)
        with pytest.raises(FilterError):
            pieces(lambda: SseReader(mask(), max_event=1000), [stream[:900], stream[900:]])


def text_of(stream: bytes) -> list[bytes]:
    """The data of each event, as a browser dispatches them."""
    events = []
    data = None
    for line in stream.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if not line and data is not None:
            events.append(b"\n".join(data))
            data = None
        name, _, value = line.partition(b":")
        if name == b"data":
            data = [*(data or []), value.removeprefix(b" ")]
    return events


parts = st.lists(
    st.sampled_from(
        [
            "open",
            "ai",
            "o",
            "penai",
            " openai ",
            "x",
            " ",
            "é",
            "élan",
            "él",
            "<EM",
            "AIL_1>",
            "<EMAIL_1>",
            "data:",
            "",
        ]
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=30)
@given(parts, st.booleans(), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.booleans())
def test_text_streams_read_as_the_edited_whole(
    words: Any, spaced: bool, end: Any, done: bool
) -> None:
    colon = b"data: " if spaced else b"data:"
    words = [word for word in words if spaced or not word.startswith(" ")]
    stream = b"".join(colon + word.encode() + end + end for word in words)
    if done:
        stream += b"data: [DONE]" + end + end
    for words_of in (mask, restore):
        out = same(lambda words_of=words_of: SseReader(words_of()), stream)  # type: ignore[misc]
        hinted = same(lambda words_of=words_of: SseReader(words_of(hint=True)), stream)  # type: ignore[misc]
        assert hinted == out
        got = [event for event in text_of(out) if event != b"[DONE]"]
        text = "".join(words)
        for old, new in words_of().words.items():
            text = text.replace(old, new)
        assert b"".join(got).decode() == text
        assert out.endswith(b"data: [DONE]" + end + end) or not done


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from(
            [
                b"data",
                b":",
                b" ",
                b"\r",
                b"\n",
                b"\r\n",
                b"\n\n",
                b"{",
                b'"',
                b"}",
                b"openai",
                b"open",
                b"event",
                b"\xef\xbb\xbf",
                b"\xff",
                b'{"content":"ope',
                b'"}',
            ]
        ),
        max_size=14,
    )
)
def test_any_junk_any_split(tokens: Any) -> None:
    junk = b"".join(tokens)
    out = same(reader(), junk)
    assert same(reader(hint=True), junk) == out
