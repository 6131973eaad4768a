"""Which strings of an answer are prose, which name things, which must stay as they are. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.masking.models import MODEL_KEYS
from router.masking.vocabulary import MODEL, NAMED, PROSE

if TYPE_CHECKING:
    from router.body.filters import Place
    from router.masking.vocabulary import Level

_OPAQUE = frozenset(
    {"encrypted_content", "signature", "thoughtSignature", "thought_signature", "b64_json"}
)
"""Bytes as text that the vendor checks, or that only a decoder reads."""

_ERRORS = frozenset({"error", "errors"})
_PROSE = frozenset(
    {
        "content", "text", "delta", "arguments", "partial_json", "thinking", "reasoning",
        "reasoning_content", "refusal", "summary", "transcript", "transcription", "translation",
        "translated_text", "translatedText", "output_text", "output", "response", "result",
        "answer", "completion", "title", "description", "tags", "keywords", "caption", "word",
        "query", "prompt", "revised_prompt",
    }
)  # fmt: skip
"""Members whose strings a model or a person wrote."""
_PROSE_BELOW = frozenset({"arguments", "args", "input", "structuredContent"})
"""Members below which everything is what a model wrote: the arguments of a call, its result."""
_PROVIDERS = frozenset({"provider", "vendor", "owned_by", "backend", "platform"})


_LEVELS: dict[str, Level | None] = {
    **dict.fromkeys(MODEL_KEYS | _PROVIDERS, MODEL),
    **dict.fromkeys(_PROSE, PROSE),
    **dict.fromkeys(_OPAQUE),
    "": PROSE,
}
"""What a member's name says of its string; other names, that it names something."""


def level_of(place: Place, *, failed: bool = False) -> Level | None:
    """How far the string at ``place`` is masked; None: not at all.

    ``failed``: the answer is an error (status 400 and above), so nothing in it is prose. Member
    names take the words that mean a vendor everywhere: ``meta`` and ``express`` are members of
    many a protocol.
    """
    path = place.path
    if place.key:
        return PROSE
    level = _LEVELS.get(_name(path), NAMED)
    if level is None:
        return None
    if level is PROSE or not _PROSE_BELOW.isdisjoint(path):
        if not failed and _ERRORS.isdisjoint(path):
            return PROSE
        return NAMED if level is PROSE else level
    return level


def _name(path: tuple[str | int, ...]) -> str:
    """The innermost member's name, array indices aside; empty for plain text."""
    for step in reversed(path):
        if isinstance(step, str):
            return step
    return ""


def is_model(place: Place) -> bool:
    """Whether the string at ``place`` is to hold a model's name."""
    return not place.key and _name(place.path) in MODEL_KEYS
