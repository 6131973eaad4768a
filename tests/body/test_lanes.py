"""Texts written piecewise over events, in every shape that is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.ndjson import NdjsonReader
from router.body.sse import SseReader
from router.errors import FilterError
from tests.body.toys import Swap, pieces, same, whole

if TYPE_CHECKING:
    from router.body.filters import Edit, Place

VALUE = 'a"b\\c\nd@x.example'


def editor(*, hint: bool = False) -> Swap:
    return Swap({"openai": "onasis", "<EMAIL_1>": VALUE}, hint=hint)


def sse(*events: Any, done: bool = False) -> bytes:
    named = (
        (b"event: " + event["type"].encode() + b"\n" if "." in event.get("type", "") else b"")
        + b"data: "
        + json.dumps(event).encode()
        + b"\n\n"
        for event in events
    )
    return b"".join(named) + (b"data: [DONE]\n\n" if done else b"")


def events(stream: bytes) -> Any:
    lines = [line[6:] for line in stream.split(b"\n") if line.startswith(b"data: ")]
    return [json.loads(line) for line in lines if line != b"[DONE]"]


def run(stream: bytes, reader: Any = SseReader) -> bytes:
    out = same(lambda: reader(editor()), stream)
    assert same(lambda: reader(editor(hint=True)), stream) == out
    return out


def chat(index: int = 0, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
    }


def content(stream: bytes, index: int = 0, name: str = "content") -> str:
    return "".join(
        choice["delta"].get(name) or ""
        for event in events(stream)
        for choice in event.get("choices", [])
        if choice["index"] == index
    )


def test_chat_content_over_deltas() -> None:
    words = ["", "by <", "EMA", "IL_1", ">, open", "a", "i and ", "op", "en <EMAIL"]
    stream = sse(*(chat(content=word) for word in words), chat(finish="stop"), done=True)
    out = run(stream)
    assert content(out) == f"by {VALUE}, onasis and open <EMAIL"
    finished = [event["choices"][0]["finish_reason"] for event in events(out)]
    assert finished == [None] * 10 + ["stop"]
    assert out.endswith(b"data: [DONE]\n\n")


def test_what_needs_no_change_passes_byte_for_byte() -> None:
    stream = (
        b'data:  {"choices" : [ {"index":0,"delta":{"content":"x\\u0041 "}} ] , "n":1e400}\r\n\r\n'
    )
    assert run(stream * 3) == stream * 3


def test_carry_comes_with_the_finishing_event_where_that_has_text() -> None:
    out = run(sse(chat(content="ope"), chat(content="nai", finish="stop")))
    assert [event["choices"][0]["delta"]["content"] for event in events(out)] == ["", "onasis"]


def test_carry_comes_before_done_and_before_the_end() -> None:
    for done in (True, False):
        out = run(sse(chat(content="ope"), done=done))
        assert content(out) == "ope"
        assert len(events(out)) == 2
    assert content(run(sse(chat(content="x ope"))[:-2])) == "x ope"
    assert run(sse(chat(content="ope")) + b"data: [DONE]").endswith(b"data: [DONE]")


def test_choices_and_names_are_lanes_of_their_own() -> None:
    out = run(
        sse(
            chat(0, content="<EMA", reasoning="op"),
            chat(1, content="open"),
            chat(0, content="IL_1>", reasoning="enai"),
            chat(1, content="ai"),
            chat(1, finish="stop"),
            chat(0, finish="stop"),
            done=True,
        )
    )
    assert (content(out, 0), content(out, 1)) == (VALUE, "onasis")
    assert content(out, 0, "reasoning") == "onasis"


def test_a_copied_event_adds_nothing_but_the_carry() -> None:
    first = chat(role="assistant", content="<EM", refusal="no")
    first["choices"].append({"index": 1, "delta": {"content": "other"}, "finish_reason": None})
    out = run(sse(first, chat(0, finish="stop"), chat(1, finish="stop")))
    assert content(out) == "<EM"
    assert content(out, name="role") == "assistant"
    assert content(out, name="refusal") == "no"
    assert content(out, 1) == "other"


def tool(index: int, arguments: str, **more: Any) -> dict[str, Any]:
    call = {
        "index": index,
        "function": {"arguments": arguments, **more.pop("function", {})},
        **more,
    }
    return chat(tool_calls=[call])


def test_tool_arguments_are_escaped_once_more() -> None:
    out = run(
        sse(
            tool(0, "", id="call_1", function={"name": "send"}),
            tool(0, '{"to": "<EM'),
            tool(1, '{"via": "open', id="call_2", function={"name": "open"}),
            tool(0, 'AIL_1>"}'),
            tool(1, 'ai"}'),
            chat(finish="tool_calls"),
        )
    )
    calls = {0: "", 1: ""}
    ids = {0: "", 1: ""}
    for event in events(out):
        for call in event["choices"][0]["delta"].get("tool_calls", []):
            calls[call["index"]] += call["function"]["arguments"]
            ids[call["index"]] += call.get("id", "")
    assert json.loads(calls[0]) == {"to": VALUE}
    assert json.loads(calls[1]) == {"via": "onasis"}
    assert ids == {0: "call_1", 1: "call_2"}


def test_legacy_completions() -> None:
    def piece(text: Any, finish: str | None = None) -> dict[str, Any]:
        return {
            "object": "text_completion",
            "choices": [{"text": text, "index": 0, "finish_reason": finish}],
        }

    out = run(sse(piece("by ope"), piece("nai <"), piece("", "stop"), done=True))
    assert "".join(e["choices"][0]["text"] for e in events(out)) == "by onasis <"


@pytest.mark.parametrize(
    "between",
    [
        {"choices": [], "usage": {"total_tokens": 3}},
        {"choices": [], "prompt_filter_results": []},
        {"error": None},
        {"error": {}},
        {"error": 0, "type": "rate_limits.updated"},
        {"type": "usage", "usage": {}},
        {"usage": {"total_tokens": 3}},
        {"type": "ping"},
    ],
)
def test_an_event_without_text_ends_no_text(between: dict[str, Any]) -> None:
    words = ["to <EM", "AIL_1> and ope", "nai"]
    told = [event for word in words for event in (chat(content=word), between)]
    out = run(sse(*told, chat(finish="stop"), done=True))
    assert content(out) == f"to {VALUE} and onasis"
    assert events(out).count(between) == 3


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "overloaded"}},
        {"error": {"message": "overloaded"}, "choices": [{"index": 0, "delta": {}}]},
        {"object": "error", "type": "BadRequestError", "error": "no"},
    ],
)
def test_what_is_withheld_goes_out_before_an_error(error: dict[str, Any]) -> None:
    out = events(run(sse(chat(content="by ope"), error)))
    assert ["error" in event for event in out] == [False, False, True]
    assert content(sse(*out[:2])) == "by ope"


def test_responses_go_on_behind_news_of_the_response() -> None:
    def delta(text: str) -> dict[str, Any]:
        return {"type": "response.output_text.delta", "item_id": "i", "output_index": 0,
                "content_index": 0, "delta": text}  # fmt: skip

    place = {"item_id": "i", "output_index": 0, "content_index": 0}
    cited = {"type": "response.output_text.annotation.added", **place, "annotation": {}}
    news = {"type": "response.in_progress", "response": {"id": "r", "output": []}}
    for between in (cited, news):
        told = (delta("to <EM"), between, delta("AIL_1>"), {"type": "response.completed"})
        out = events(run(sse(*told)))
        assert "".join(event.get("delta", "") for event in out) == f"to {VALUE}"


def test_gemini_goes_on_behind_its_usage() -> None:
    def part(text: str) -> dict[str, Any]:
        return {"candidates": [{"content": {"parts": [{"text": text}]}, "index": 0}]}

    usage = {"usageMetadata": {"totalTokenCount": 3}}
    out = events(run(sse(part("to <EM"), usage, part("AIL_1>"))))
    texts = [c["content"]["parts"][0]["text"] for e in out for c in e.get("candidates", [])]
    assert "".join(texts) == f"to {VALUE}"


def test_anthropic_blocks() -> None:
    def delta(index: int, **members: Any) -> dict[str, Any]:
        return {"type": "content_block_delta", "index": index, "delta": members}

    stream = sse(
        {"type": "message_start", "message": {"model": "m", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        delta(0, type="text_delta", text="hi <EM"),
        {"type": "ping"},
        delta(0, type="text_delta", text="AIL_1> open"),
        {"type": "content_block_stop", "index": 0},
        delta(1, type="input_json_delta", partial_json='{"a": "<EMAIL'),
        delta(1, type="input_json_delta", partial_json='_1>"}'),
        delta(2, type="thinking_delta", thinking="op"),
        {"type": "content_block_stop", "index": 1},
        delta(2, type="thinking_delta", thinking="enai"),
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    )
    out = events(run(stream))
    text = [e["delta"]["text"] for e in out if e.get("delta", {}).get("type") == "text_delta"]
    assert "".join(text) == f"hi {VALUE} open"
    kinds = [e["type"] for e in out]
    assert kinds.index("content_block_stop") == 7
    partial = [e["delta"]["partial_json"] for e in out if "partial_json" in e.get("delta", {})]
    assert json.loads("".join(partial)) == {"a": VALUE}
    assert "".join(e["delta"].get("thinking", "") for e in out if "delta" in e) == "onasis"


def test_responses_api() -> None:
    def delta(
        text: Any, output: int = 0, kind: str = "response.output_text.delta"
    ) -> dict[str, Any]:
        return {
            "type": kind,
            "output_index": output,
            "item_id": f"i{output}",
            "content_index": 0,
            "delta": text,
        }

    arguments = "response.function_call_arguments.delta"
    stream = sse(
        {"type": "response.created", "response": {"id": "r", "output": []}},
        delta("to <EMAIL"),
        delta('{"x":"<EM', 1, arguments),
        {"type": "response.output_item.added", "output_index": 2, "item": {"id": "i2"}},
        delta("_1> by open"),
        {
            "type": "response.output_text.done",
            "output_index": 0,
            "item_id": "i0",
            "text": "to <EMAIL_1> by open",
        },
        delta('AIL_1>"}', 1, arguments),
        {
            "type": "response.function_call_arguments.done",
            "output_index": 1,
            "item_id": "i1",
            "arguments": '{"x":"<EMAIL_1>"}',
        },
        {
            "type": "response.completed",
            "response": {"output": [{"content": [{"text": "<EMAIL_1> open"}]}]},
        },
    )
    out = events(run(stream))
    assert (
        "".join(e["delta"] for e in out if e["type"] == "response.output_text.delta")
        == f"to {VALUE} by open"
    )
    calls = "".join(e["delta"] for e in out if e["type"] == arguments)
    assert json.loads(calls) == {"x": VALUE}
    whole_text = next(e for e in out if e["type"] == "response.output_text.done")
    assert whole_text["text"] == f"to {VALUE} by open"
    assert json.loads(out[-2]["arguments"]) == {"x": VALUE}
    assert [e["type"] for e in out].index("response.output_text.done") == 6
    assert out[-1]["response"]["output"][0]["content"][0]["text"] == f"{VALUE} open"


def test_gemini_parts() -> None:
    def part(text: Any, finish: str | None = None, thought: bool = False) -> dict[str, Any]:
        candidate = {"content": {"parts": [{"text": text, "thought": thought}], "role": "model"}}
        return {"candidates": [{**candidate, **({"finishReason": finish} if finish else {})}]}

    out = events(
        run(sse(part("op", thought=True), part("<EMA"), part("IL_1> ope"), part("nai", "STOP")))
    )
    texts = {True: "", False: ""}
    for event in out:
        one = event["candidates"][0]["content"]["parts"][0]
        texts[one["thought"]] += one["text"]
    assert texts == {True: "op", False: f"{VALUE} onasis"}


def ndjson(*lines: Any) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def test_ollama_lines() -> None:
    stream = ndjson(
        {"message": {"role": "assistant", "content": "by <EM", "thinking": "op"}, "done": False},
        {"message": {"role": "assistant", "content": "AIL_1> open"}, "done": False},
        {"message": {"role": "assistant", "content": ""}, "done": True, "total": 1},
    )
    out = [json.loads(line) for line in run(stream, NdjsonReader).splitlines()]
    assert "".join(line["message"]["content"] for line in out) == f"by {VALUE} open"
    stream = ndjson({"response": "ope", "done": False}, {"response": "nai", "done": True})
    out = [json.loads(line) for line in run(stream, NdjsonReader).splitlines()]
    assert [line["response"] for line in out] == ["", "onasis"]


def test_json_lines_that_are_none() -> None:
    stream = b'{"a":"openai"}\r\nby openai ope\n\x1e{"a":"openai"}\n\n[1'
    assert run(stream, NdjsonReader) == stream.replace(b"openai", b"onasis")
    with pytest.raises(FilterError):
        whole(lambda: NdjsonReader(editor(), max_line=10), b"x" * 11)
    with pytest.raises(FilterError):
        pieces(lambda: NdjsonReader(editor(), max_line=10), [b"x" * 9, b"xx"])


def test_events_of_unknown_shape() -> None:
    out = run(
        sse({"content": "by ope"}, {"content": "nai op"}, {"sources": ["openai"], "done": True})
    )
    assert events(out) == [
        {"content": "by "},
        {"content": "onasis op"},
        {"sources": ["onasis"], "done": True},
    ]
    out = run(
        sse(
            {"type": "text-delta", "id": "1", "delta": "ope"},
            {"type": "text-delta", "id": "1", "delta": "nai op"},
            {"type": "text-end", "id": "1"},
        )
    )
    assert [event.get("delta") for event in events(out)] == ["", "onasis op", None]
    out = run(
        sse(
            {"type": "token", "content": "ope"},
            {"type": "token", "content": "nai"},
            {"type": "final", "content": "x ope"},
        )
    )
    assert [event["content"] for event in events(out)] == ["", "onasis", "x ope"]


def test_strings_as_data() -> None:
    out = run(b'data: "by <EMA"\n\ndata: "IL_1>"\n\ndata: "op"\n\ndata: [DONE]\n\n')
    assert (
        out
        == b'data: "by "\n\ndata: '
        + json.dumps(VALUE).encode()
        + b'\n\ndata: "op"\n\ndata: [DONE]\n\n'
    )


def test_json_rpc_messages_are_whole() -> None:
    stream = sse(
        {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "by ope"}]}},
        {"jsonrpc": "2.0", "id": 2, "result": {"content": [{"type": "text", "text": "nai"}]}},
    )
    assert run(stream) == stream


def test_text_goes_on_in_events_of_the_same_name_only() -> None:
    stream = (
        b"event: token\ndata: by ope\n\nevent: status\ndata: nai\n\n"
        b"data: ope\n\nevent: end\ndata: x\n\n"
    )
    assert run(stream) == stream


def test_the_number_of_lanes_is_bounded() -> None:
    stream = sse(*(chat(index, content="op") for index in range(300)))
    with pytest.raises(FilterError):
        whole(lambda: SseReader(editor()), stream)


class Greedy:
    def edits(self, text: Any, place: Place, final: bool) -> tuple[list[Edit], int]:
        return [], len(text) if final else 0


def test_what_is_held_back_is_bounded() -> None:
    with pytest.raises(FilterError):
        whole(lambda: SseReader(Greedy()), sse(chat(content="x" * 70_000)))


def test_a_pair_of_surrogates_split_over_deltas_stays() -> None:
    first, second = chat(content="X"), chat(content="Y")
    stream = sse(first, second).replace(b'"X"', b'"\\ud83d"').replace(b'"Y"', b'"\\ude00 openai"')
    out = run(stream)
    assert out == stream.replace(b"openai", b"onasis")


pieces_of_text = st.lists(
    st.sampled_from(
        ["<", "EMAIL", "_1>", "<EMAIL_1>", "op", "en", "ai", "openai", " ", 'q"\\', "é", ""]
    ),
    max_size=10,
)


@settings(deadline=None, max_examples=60)
@given(pieces_of_text, pieces_of_text, st.booleans(), st.sampled_from(["stop", None]))
def test_any_interleaving_reads_as_the_edited_wholes(
    one: Any, two: Any, done: bool, finish: str | None
) -> None:
    made = []
    for index, words in enumerate((one, two)):
        made += [(at, chat(index, content=word)) for at, word in enumerate(words)]
    stream = sse(*(event for _, event in sorted(made, key=lambda pair: pair[0])))
    stream += sse(chat(0, finish=finish), chat(1, finish=finish), done=done)
    out = whole(lambda: SseReader(editor()), stream)
    assert (
        pieces(
            lambda: SseReader(editor(hint=True)),
            [stream[i : i + 7] for i in range(0, len(stream), 7)],
        )
        == out
    )
    for index, words in enumerate((one, two)):
        text = "".join(words).replace("openai", "onasis").replace("<EMAIL_1>", VALUE)
        assert content(out, index) == text
