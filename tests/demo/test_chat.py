from __future__ import annotations

from typing import Any

import httpx
import openai
import pytest

from router.demo.streaming import pieces
from tests.demo.conftest import Origin, eventually


@pytest.fixture
def client(origin: Origin) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{origin.functions}/ai-chat",
        api_key=origin.env["EDGE_FUNCTIONS_KEY"],
        max_retries=0,
    )


def test_a_completion_repeats_what_was_said_and_names_its_vendor(client: openai.OpenAI) -> None:
    with client:
        answer = client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": "I am <PERSON_1>."}]
        )
    content = answer.choices[0].message.content or ""
    assert content.startswith("You wrote: I am <PERSON_1>.")
    assert "OpenAI's gpt-4o-mini" in content
    assert answer.id.startswith("chatcmpl-")
    assert (answer.system_fingerprint or "").startswith("fp_")
    assert answer.usage is not None
    assert answer.usage.total_tokens > 0


def test_a_stream_gives_the_same_words_in_small_deltas_and_then_the_usage(
    client: openai.OpenAI,
) -> None:
    with client:
        stream = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": "I am <PERSON_1>."}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = list(stream)
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(deltas).startswith("You wrote: I am <PERSON_1>.")
    assert max(map(len, deltas)) <= 5
    assert not any("OpenAI" in delta or "<PERSON_1>" in delta for delta in deltas)
    assert chunks[-1].usage is not None
    assert not chunks[-1].choices


def test_a_stream_ends_with_done_and_carries_the_vendors_fields(origin: Origin) -> None:
    answer = httpx.post(
        f"{origin.functions}/ai-chat",
        json={"messages": [{"role": "user", "content": "hi"}], "stream": True},
        headers=origin.edge,
    )
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.text.endswith("data: [DONE]\n\n")
    assert answer.headers["server"].startswith("openai")
    assert answer.headers["openai-organization"].startswith("org-")
    assert "__cf_bm=" in answer.headers["set-cookie"]
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_the_user_names_is_called_with_his_words(
    client: openai.OpenAI, stream: bool
) -> None:
    said = "Please get_weather for Jane in Ghent"
    with client:
        answer: Any = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": said}],
            tools=[
                {
                    "type": "function",
                    "function": {
                        "name": "get_weather",
                        "parameters": {
                            "type": "object",
                            "properties": {"place": {"type": "string"}},
                        },
                    },
                }
            ],
            stream=stream,
        )
        if stream:
            calls = [c.choices[0].delta.tool_calls for c in answer]
            functions = [call[0].function for call in calls if call]
            name = functions[0].name
            arguments = "".join(function.arguments or "" for function in functions)
        else:
            function = answer.choices[0].message.tool_calls[0].function
            name, arguments = function.name, function.arguments
    assert name == "get_weather"
    assert arguments == f'{{"place":"{said}"}}'


@pytest.mark.parametrize("model", ["error-401", "error-404", "error-429", "error-500"])
def test_errors_are_the_vendors_own(client: openai.OpenAI, model: str) -> None:
    with client, pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x"}])
    assert caught.value.status_code == int(model.removeprefix("error-"))


def test_without_the_service_role_key_the_vendor_complains(origin: Origin) -> None:
    answer = httpx.post(f"{origin.functions}/ai-chat", json={"message": "hi"})
    assert answer.status_code == 401
    assert "platform.openai.com" in answer.json()["error"]["message"]


def test_a_reader_who_leaves_ends_the_stream(origin: Origin) -> None:
    said = "leaving " * 2000
    body = {"messages": [{"role": "user", "content": said}], "stream": True}
    url = f"{origin.functions}/ai-chat"
    with httpx.stream("POST", url, json=body, headers=origin.edge) as answer:
        next(answer.iter_raw())

    def left() -> bool:
        entry = origin.received("/functions/v1/ai-chat", "leaving leaving")[-1]
        return entry["disconnected"] is True and entry["complete"] is False

    assert eventually(left)


def test_pieces_lose_nothing_and_are_short() -> None:
    text = "Ask OpenAI, née <PERSON_1>, 🙂 …"
    assert "".join(pieces(text)) == text
    assert all(len(piece) <= 5 for piece in pieces(text))
