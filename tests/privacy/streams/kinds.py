"""Every kind of stream by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from tests.privacy.streams import openai, plain, unknown, vendors
from tests.privacy.streams.stream import Stream

KINDS: Final[dict[str, Callable[[Random, Mapping[str, str]], Stream]]] = {
    "chat completions": openai.chat,
    "legacy completions": openai.completions,
    "responses": openai.responses,
    "anthropic": vendors.anthropic,
    "gemini events": vendors.gemini,
    "gemini array": vendors.gemini_array,
    "cohere": vendors.cohere,
    "ollama": vendors.ollama,
    "unknown events": unknown.events,
    "unknown lines": unknown.lines,
    "text events": plain.events,
    "text": plain.text,
    "markup": plain.markup,
    "document": plain.document,
}
