"""Events edited in the likeness of earlier ones come out as if each had been read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.lanes import LaneEditor
from router.body.sse import SseReader
from tests.body.toys import Swap

if TYPE_CHECKING:
    from router.body.frames import Frame
    from router.body.json_walk import Step

DROP = frozenset({"system_fingerprint", "created"})


class Thorough(LaneEditor):
    """Reads each event as if it were the first."""

    def _repeat(self, raw: bytes) -> bytes | None:
        return None


def reader(*, thorough: bool = False, hint: bool = False) -> SseReader:
    words = {"openai": "onasis", "<EMAIL_1>": 'a"b\nc', "gpt": "onasis-gpt"}
    made = SseReader(Swap(words, hint=hint), drop=DROP)
    if thorough:
        made._lanes = Thorough(made._editor, made._frame, drop=DROP, text_lanes=True)
    return made


def fed(body: SseReader, stream: bytes) -> bytes:
    return body.feed(stream) + body.flush()


texts = st.sampled_from(
    ["ope", "nai", "openai", " x", "<EMAIL", "_1>", "", "\\", "\n", '"', "é", "gpt", "stop"]
)
numbers = st.sampled_from([0, 1, 17, -2.5, 1e30])


@st.composite
def events(draw: Any) -> Any:
    """Chat, Responses and unknown events whose parts vary in every way that matters."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        choice = {
            "index": draw(st.integers(0, 1)),
            "delta": {draw(st.sampled_from(["content", "refusal"])): draw(texts)},
            "finish_reason": draw(st.sampled_from([None, None, None, "stop"])),
        }
        event = {
            "id": draw(texts),
            "created": draw(numbers),
            "model": draw(st.sampled_from(["gpt", "m"])),
            "system_fingerprint": draw(texts),
            "choices": [choice],
            "obfuscation": draw(texts),
            "n": draw(numbers),
        }
    elif kind == 1:
        event = {
            "type": draw(
                st.sampled_from(["response.output_text.delta", "response.output_text.done"])
            ),
            "sequence_number": draw(numbers),
            "output_index": draw(st.integers(0, 1)),
            "delta": draw(texts),
            "created": draw(texts),
        }
    elif kind == 2:
        event = {
            draw(st.sampled_from(["text", "content", "other"])): draw(texts),
            "at": draw(texts),
        }
    else:
        event = {
            "text": draw(texts),
            "list": draw(st.lists(numbers, max_size=2)),
            "deep": {"created": 1, "a": draw(texts)},
        }
    space = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    return (
        b"data: "
        + json.dumps(event, separators=space, ensure_ascii=draw(st.booleans())).encode()
        + b"\n\n"
    )


@settings(deadline=None, max_examples=200)
@given(st.lists(events(), min_size=2, max_size=12))
def test_likeness_makes_no_difference(made: Any) -> None:
    stream = b"".join(made)
    expected = fed(reader(thorough=True), stream)
    assert fed(reader(), stream) == expected
    assert fed(reader(hint=True), stream) == expected


class Counting(LaneEditor):
    walks = 0

    def _walk(self, frame: Frame) -> list[Step] | None:
        self.walks += 1
        return super()._walk(frame)


def test_a_stream_of_like_events_is_read_once() -> None:
    body = reader()
    lanes = Counting(body._editor, body._frame, drop=DROP, text_lanes=True)
    body._lanes = lanes
    for number in range(20):
        delta = {"content": f"by openai {number}"}
        event: dict[str, Any] = {
            "sequence_number": number,
            "system_fingerprint": "x" * number,
            "choices": [{"index": 0, "delta": delta}],
        }
        out = body.feed(b"data: " + json.dumps(event).encode() + b"\n\n")
        del event["system_fingerprint"]
        delta["content"] = f"by onasis {number}"
        assert json.loads(out[6:]) == event
    assert lanes.walks == 1


def test_a_string_that_spans_data_lines_is_no_likeness() -> None:
    first = b'data: {"text":"openai"}\n\n'
    second = b'data: {"text":"by\ndata: openai"}\n\n'
    assert fed(reader(), first + second) == fed(reader(thorough=True), first + second)
