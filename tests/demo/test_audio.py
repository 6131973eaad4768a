from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import httpx
import openai
import pytest

from router.demo.audio import spoken_seconds, wav

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo.conftest import Origin


def _client(origin: Origin, function: str) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{origin.functions}/{function}",
        api_key=origin.env["EDGE_FUNCTIONS_KEY"],
        max_retries=0,
    )


def test_speech_is_a_wav_file_as_long_as_its_text(origin: Origin, tmp_path: Path) -> None:
    text = "Good morning, Jane."
    file = tmp_path / "speech.wav"
    with (
        _client(origin, "elevenlabs-tts") as client,
        client.audio.speech.with_streaming_response.create(
            model="eleven", voice="alloy", input=text, response_format="wav"
        ) as speech,
    ):
        speech.stream_to_file(file)
    with wave.open(str(file)) as reader:
        assert reader.getframerate() == 16_000
        assert reader.getnframes() / 16_000 == pytest.approx(spoken_seconds(text), abs=0.001)


def test_speech_comes_in_chunks_with_the_vendors_fields(origin: Origin) -> None:
    answer = httpx.post(
        f"{origin.functions}/elevenlabs-tts", json={"text": "Hello"}, headers=origin.edge
    )
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.headers["history-item-id"]
    assert answer.content == wav(spoken_seconds("Hello"))


def test_mp3_is_a_row_of_whole_frames(origin: Origin) -> None:
    answer = httpx.post(
        f"{origin.functions}/elevenlabs-tts",
        json={"text": "Hello", "response_format": "mp3"},
        headers=origin.edge,
    )
    assert answer.headers["content-type"] == "audio/mpeg"
    assert len(answer.content) % 417 == 0
    assert all(
        answer.content[at : at + 2] == b"\xff\xfb" for at in range(0, len(answer.content), 417)
    )


def test_a_text_is_needed(origin: Origin) -> None:
    answer = httpx.post(f"{origin.functions}/elevenlabs-tts", json={}, headers=origin.edge)
    assert answer.status_code == 422
    assert "ElevenLabs" in answer.text


@pytest.mark.parametrize("function", ["whisper-transcribe", "elevenlabs-stt"])
def test_a_transcription_tells_length_and_prompt(origin: Origin, function: str) -> None:
    sound = io.BytesIO(wav(1.5))
    sound.name = "note.wav"
    with _client(origin, function) as client:
        transcription = client.audio.transcriptions.create(
            model="whisper-1", file=sound, prompt="about <PERSON_1>"
        )
    assert transcription.text.startswith("Heard 1.50 seconds in note.wav")
    assert "You said before: about <PERSON_1>." in transcription.text


def test_verbose_json_has_segments(origin: Origin) -> None:
    sound = io.BytesIO(wav(2.0))
    sound.name = "note.wav"
    with _client(origin, "whisper-transcribe") as client:
        transcription = client.audio.transcriptions.create(
            model="whisper-1", file=sound, response_format="verbose_json"
        )
    assert float(transcription.duration) == 2.0
    assert transcription.segments
    assert transcription.segments[0].end == 2.0


def test_speech_to_text_has_words_with_times(origin: Origin) -> None:
    answer = httpx.post(
        f"{origin.functions}/elevenlabs-stt",
        files={"file": ("a.wav", wav(1.0), "audio/wav")},
        data={"model_id": "scribe_v1"},
        headers=origin.edge,
    )
    assert answer.json()["words"][-1]["end"] == pytest.approx(1.0)


@pytest.mark.parametrize("sound", [b"no audio at all", b"RIFF\x00"])
def test_what_is_no_audio_is_refused(origin: Origin, sound: bytes) -> None:
    answer = httpx.post(
        f"{origin.functions}/whisper-transcribe",
        files={"file": ("a.wav", sound)},
        headers=origin.edge,
    )
    assert answer.status_code == 400
    assert "Invalid file format" in answer.json()["error"]["message"]
