"""The official openai SDK, pointed at the router: nothing about it may need to change."""

from __future__ import annotations

import io
import json
import wave
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest

from router.demo.audio import spoken_seconds, wav
from router.demo.embeddings import vector
from tests.sdk.conftest import Stack, address, bearer, fields_of, marker, received

if TYPE_CHECKING:
    from pathlib import Path

_WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
    },
}


def _client(stack: Stack, service: str, platform: str = "lanonasis") -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{stack.router_url}/{platform}/api/{service}",
        api_key=stack.api_key,
        max_retries=0,
        timeout=20,
    )


def _asked(text: str) -> Any:
    return [{"role": "user", "content": text}]


def test_a_completion_gives_the_callers_own_words_back(stack: Stack) -> None:
    mark, email = marker(), address()
    with _client(stack, "ai-chat") as client:
        answer = client.chat.completions.create(
            model="gpt-4o-mini", messages=_asked(f"{mark}: write to {email}")
        )
    content = answer.choices[0].message.content or ""
    assert content.startswith(f"You wrote: {mark}: write to {email}")
    (entry,) = received(stack, mark)
    assert email not in entry["body"]
    assert entry["path"] == "/functions/v1/ai-chat/chat/completions"


def test_the_vendor_is_named_nowhere_in_the_answer(stack: Stack) -> None:
    answer = httpx.post(
        f"{stack.router_url}/lanonasis/api/ai-chat",
        json={"messages": _asked("Who are you?")},
        headers=bearer(stack.api_key),
    )
    shown = answer.text + "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    assert "openai" not in shown.lower()
    assert "cf_bm" not in shown
    assert "onasis's" in answer.json()["choices"][0]["message"]["content"].lower()


def test_the_upstream_sees_its_own_key_and_never_the_callers(stack: Stack) -> None:
    mark = marker()
    with _client(stack, "ai-chat") as client:
        client.chat.completions.create(model="gpt-4o-mini", messages=_asked(mark))
    (entry,) = received(stack, mark)
    assert fields_of(entry)["authorization"] == f"Bearer {stack.env['EDGE_FUNCTIONS_KEY']}"
    assert stack.api_key not in json.dumps(entry)


def test_a_stream_comes_in_deltas_with_values_restored_and_vendor_masked(stack: Stack) -> None:
    mark, email = marker(), address()
    with _client(stack, "ai-chat") as client:
        chunks = list(
            client.chat.completions.create(
                model="gpt-4o-mini",
                messages=_asked(f"{mark}: write to {email}"),
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text.startswith(f"You wrote: {mark}: write to {email}")
    assert "openai" not in text.lower()
    assert "onasis" in text.lower()
    assert len(chunks) > 5
    assert chunks[-1].usage is not None
    assert email not in received(stack, mark)[0]["body"]


async def test_the_async_client_streams_too(stack: Stack) -> None:
    email = address()
    async with openai.AsyncOpenAI(
        base_url=f"{stack.router_url}/vortexcore/api/ai-chat", api_key=stack.api_key, max_retries=0
    ) as client:
        stream = await client.chat.completions.create(
            model="gpt-4o-mini", messages=_asked(f"write to {email}"), stream=True
        )
        text = "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])
    assert email in text


@pytest.mark.parametrize("stream", [False, True])
def test_tool_arguments_come_back_as_valid_json_with_true_values(
    stack: Stack, stream: bool
) -> None:
    said = f"Please get_weather and tell {address()}"
    with _client(stack, "ai-chat") as client:
        answer: Any = client.chat.completions.create(
            model="gpt-4o-mini", messages=_asked(said), tools=[_WEATHER], stream=stream
        )
        if stream:
            calls = [c.choices[0].delta.tool_calls for c in answer if c.choices]
            arguments = "".join(call[0].function.arguments or "" for call in calls if call)
        else:
            arguments = answer.choices[0].message.tool_calls[0].function.arguments
    assert json.loads(arguments) == {"place": said}


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("error-404", openai.NotFoundError),
        ("error-429", openai.RateLimitError),
        ("error-500", openai.InternalServerError),
    ],
)
def test_the_upstreams_errors_are_the_sdks_own_and_name_nobody(
    stack: Stack, model: str, error: type[openai.APIStatusError]
) -> None:
    with _client(stack, "ai-chat") as client, pytest.raises(error) as caught:
        client.chat.completions.create(model=model, messages=_asked("hello"))
    assert "openai" not in caught.value.response.text.lower()


def test_a_wrong_key_is_an_authentication_error(stack: Stack) -> None:
    client = _client(stack, "ai-chat").with_options(api_key="sk_live_wrong")
    with client, pytest.raises(openai.AuthenticationError) as caught:
        client.chat.completions.create(model="gpt-4o-mini", messages=_asked("hello"))
    problem = caught.value.response.json()
    assert caught.value.response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == 401
    assert problem["error"]


def test_speech_is_streamed_to_a_file_byte_for_byte(stack: Stack, tmp_path: Path) -> None:
    text = "Good morning, all of you."
    file = tmp_path / "speech.wav"
    with (
        _client(stack, "text-to-speech") as client,
        client.audio.speech.with_streaming_response.create(
            model="eleven", voice="alloy", input=text, response_format="wav"
        ) as speech,
    ):
        speech.stream_to_file(file)
    assert file.read_bytes() == wav(spoken_seconds(text))
    with wave.open(str(file)) as reader:
        assert reader.getnframes() > 0


@pytest.mark.parametrize("service", ["transcribe", "speech-to-text"])
def test_an_upload_arrives_whole_and_its_prompt_without_personal_data(
    stack: Stack, service: str
) -> None:
    mark, email = marker(), address()
    sound = io.BytesIO(wav(1.5))
    sound.name = "note.wav"
    with _client(stack, service) as client:
        transcription = client.audio.transcriptions.create(
            model="whisper-1", file=sound, prompt=f"{mark} with {email}"
        )
    assert transcription.text.startswith("Heard 1.50 seconds in note.wav")
    assert f"{mark} with {email}" in transcription.text
    assert "openai" not in transcription.text.lower()
    (entry,) = received(stack, mark)
    assert email not in entry["body"]


@pytest.mark.parametrize(
    ("service", "platform"), [("generate-embedding", "maas"), ("embeddings", "vortexcore")]
)
def test_embeddings_keep_every_digit(stack: Stack, service: str, platform: str) -> None:
    with _client(stack, service, platform) as client:
        packed = client.embeddings.create(model="text-embedding-3-small", input="one")
        plain = client.embeddings.create(
            model="text-embedding-3-small", input="one", encoding_format="float"
        )
    assert packed.data[0].embedding == pytest.approx(vector("one"), abs=1e-6)
    assert plain.data[0].embedding == vector("one")
