"""``text-to-speech``, ``speech-to-text`` and ``transcribe``: sound out, and words for sound.

Speech is a tone as long as the text would take to say, in a true WAV file; a transcript tells
what was received, its length read from the WAV header.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, PlainTextResponse, Response

from router.demo.streaming import Streamed, paced
from router.demo.vendor import (
    SPEECH_MODEL,
    TRANSCRIPTION_MODEL,
    elevenlabs_fields,
    json_object,
    openai_error,
    openai_fields,
    unreadable_body,
)

if TYPE_CHECKING:
    from starlette.requests import Request

_RATE = 16_000
_SECONDS_A_CHARACTER = 0.06
_LONGEST = 10.0
_PIECE = 4096
# One silent MPEG-1 layer III frame: 128 kbit/s, 44.1 kHz, 417 bytes, 26 ms (ISO 11172-3 §2.4.2.3)
_SILENT_FRAME = b"\xff\xfb\x90\x64" + bytes(413)
_FRAME_SECONDS = 1152 / 44_100


def spoken_seconds(text: str) -> float:
    """How long ``text`` takes to say; ten seconds at most."""
    return min(_LONGEST, max(0.2, len(text) * _SECONDS_A_CHARACTER))


def tone(seconds: float) -> bytes:
    """A sine of 440 Hz: 16 kHz, mono, signed 16 bits little-endian, no header."""
    # 400 samples hold 11 whole waves: they repeat without a click
    period = [int(12_000 * math.sin(2 * math.pi * 440 * n / _RATE)) for n in range(400)]
    size = int(seconds * _RATE) * 2
    return (struct.pack("<400h", *period) * (size // 800 + 1))[:size]


def wav(seconds: float) -> bytes:
    """The tone as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(_RATE)
        writer.writeframes(tone(seconds))
    return file.getvalue()


class Speech:
    """JSON in (``text`` or ``input``), audio out in pieces of 4 KiB."""

    def __init__(self, pace: float) -> None:
        self._pace = pace

    async def __call__(self, request: Request) -> Response:
        """Answers audio in ``response_format``: wav (the default), pcm or mp3."""
        asked = await json_object(request)
        if asked is None:
            return unreadable_body()
        text = asked.get("text") or asked.get("input")
        if not isinstance(text, str):
            detail = {"status": "invalid_text", "message": "ElevenLabs needs a `text` to speak."}
            return JSONResponse({"detail": detail}, 422, headers=elevenlabs_fields())
        media_type, sound = _sound(str(asked.get("response_format", "wav")), spoken_seconds(text))
        chunks = [sound[at : at + _PIECE] for at in range(0, len(sound), _PIECE)]
        return Streamed(
            paced(chunks, self._pace),
            media_type,
            {**elevenlabs_fields(), "x-model": SPEECH_MODEL},
        )


def _sound(form: str, seconds: float) -> tuple[str, bytes]:
    if form == "mp3":
        return "audio/mpeg", _SILENT_FRAME * math.ceil(seconds / _FRAME_SECONDS)
    if form == "pcm":
        return "audio/pcm", tone(seconds)
    return "audio/wav", wav(seconds)


async def transcribe(request: Request) -> Response:
    """Whisper's shapes: ``response_format`` json, text or verbose_json."""
    heard = await _heard(request)
    if isinstance(heard, Response):
        return heard
    text, seconds, form = heard
    text = f"{text} Transcribed by OpenAI's {TRANSCRIPTION_MODEL}."
    if form == "text":
        return PlainTextResponse(f"{text}\n", headers=openai_fields())
    answer: dict[str, Any] = {"text": text}
    if form == "verbose_json":
        answer = {
            "task": "transcribe",
            "language": "english",
            "duration": seconds,
            "text": text,
            "segments": [_segment(text, seconds)],
        }
    return JSONResponse(answer, headers=openai_fields())


async def speech_to_text(request: Request) -> Response:
    """ElevenLabs' shape: the text, its words with their times in seconds, the language."""
    heard = await _heard(request)
    if isinstance(heard, Response):
        return heard
    text, seconds, _ = heard
    text = f"{text} Transcribed by ElevenLabs' scribe_v1."
    words = text.split()
    step = seconds / len(words)
    return JSONResponse(
        {
            "language_code": "eng",
            "language_probability": 0.98,
            "text": text,
            "words": [
                {"text": word, "start": n * step, "end": (n + 1) * step, "type": "word"}
                for n, word in enumerate(words)
            ],
            "duration": seconds,
        },
        headers=elevenlabs_fields(),
    )


async def _heard(request: Request) -> tuple[str, float, str] | Response:
    """What a listener could tell of the upload: text, seconds, the form asked for."""
    async with request.form() as form:
        upload = form.get("file") or form.get("audio")
        if not isinstance(upload, UploadFile):
            return openai_error(400, "Missing required parameter: 'file'.", param="file")
        sound = await upload.read()
        seconds = _duration(sound)
        if seconds is None:
            return openai_error(
                400,
                "Invalid file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', "
                "'mpga', 'oga', 'ogg', 'wav', 'webm']. See platform.openai.com/docs.",
            )
        prompt = form.get("prompt")
        said = f" You said before: {prompt}." if isinstance(prompt, str) and prompt else ""
        text = f"Heard {seconds:.2f} seconds in {upload.filename}, {len(sound)} bytes.{said}"
        return text, seconds, str(form.get("response_format") or "json")


def _duration(sound: bytes) -> float | None:
    """Seconds of a WAV file, exactly; of another format by its size; None: no audio."""
    if sound[:4] == b"RIFF":
        try:
            with wave.open(io.BytesIO(sound)) as reader:
                return float(reader.getnframes() / reader.getframerate())
        except (wave.Error, EOFError):
            return None
    known = sound[:3] in (b"ID3", b"Ogg", b"fLa") or sound[:1] == b"\xff" or sound[4:8] == b"ftyp"
    return len(sound) / _RATE if known else None


def _segment(text: str, seconds: float) -> dict[str, Any]:
    return {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": seconds,
        "text": text,
        "tokens": [50364, 50414],
        "temperature": 0.0,
        "avg_logprob": -0.2,
        "compression_ratio": 1.1,
        "no_speech_prob": 0.01,
    }
