from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from router.body.filters import Edit, Place
from router.masking.editor import Masking, applied
from tests.masking.streams import PROSE, streamed, whole

if TYPE_CHECKING:
    from router.masking.models import ModelsPolicy

MASKING = Masking(
    "onasis",
    models={
        "onasis-chat": "gpt-4o-mini",
        "onasis-fast": "gpt-4o-mini",
        "onasis-tts": "x/eleven_v3",
    },
)


def masked(text: str, *path: str | int, key: bool = False, failed: bool = False) -> str:
    return whole(MASKING.editor(failed=failed), text, Place(path, key=key))


@pytest.mark.parametrize(
    "path",
    [
        ("choices", 0, "message", "content"),
        ("choices", 0, "delta", "content"),
        ("choices", 0, "delta", "tool_calls", 0, "function", "arguments"),
        ("content", 0, "text"),
        ("content", 0, "input", "shipping"),
        ("delta", "partial_json"),
        ("candidates", 0, "content", "parts", 0, "text"),
        ("tags", 3),
        ("delta",),
        (),
    ],
)
def test_what_a_model_wrote_is_prose(path: tuple[str | int, ...]) -> None:
    assert masked("Express to Stripe, says OpenAI", *path) == "Express to Stripe, says Onasis"


@pytest.mark.parametrize(
    "path",
    [
        ("name",),
        ("error", "message"),
        ("message",),
        ("detail",),
        ("errors", 0, "text"),
        ("meta", "by"),
    ],
)
def test_what_names_things_is_masked_further(path: tuple[str | int, ...]) -> None:
    assert masked("Express, Claude, meta", *path) == "Onasis, Onasis, meta"


def test_nothing_is_prose_in_a_failure() -> None:
    assert masked("Express", failed=True) == "Onasis"
    assert masked("Express", "content", failed=True) == "Onasis"


def test_member_names_lose_only_what_means_a_vendor_everywhere() -> None:
    assert masked("openai_usage", "openai_usage", key=True) == "onasis_usage"
    assert masked("_meta", "_meta", key=True) == "_meta"
    assert masked("express", "express", key=True) == "express"


def test_providers_are_masked_furthest() -> None:
    assert masked("Meta", "provider") == "Onasis"


@pytest.mark.parametrize("name", ["signature", "encrypted_content", "b64_json"])
def test_opaque_members_stay(name: str) -> None:
    assert masked("a/openai/b", "content", 0, name) == "a/openai/b"


@pytest.mark.parametrize(
    ("model", "seen"),
    [
        ("gpt-4o-mini", "onasis-chat"),
        ("gpt-4o-mini-2024-07-18", "onasis-chat"),
        ("openai/gpt-4o-mini", "onasis-chat"),
        ("eleven_v3", "onasis-tts"),
        ("onasis-fast", "onasis-fast"),
        ("gpt-4o", "onasis-4o"),
        ("meta-llama/Llama-3-70b", "onasis/Onasis-3-70b"),
        ("in-house-7b", "in-house-7b"),
    ],
)
def test_models_go_by_the_callers_names(model: str, seen: str) -> None:
    assert masked(model, "model") == seen


def test_of_several_aliases_the_one_asked_for_comes_back() -> None:
    editor = MASKING.editor(asked="onasis-fast")
    assert whole(editor, "gpt-4o-mini-2024-07-18", Place(("model",))) == "onasis-fast"


@pytest.mark.parametrize("policy", ["hide", "reject"])
def test_unlisted_models_are_hidden(policy: ModelsPolicy) -> None:
    editor = Masking("onasis", models_policy=policy).editor()
    assert whole(editor, "in-house-7b", Place(("model",))) == "onasis"


def test_a_model_in_pieces_is_one_name() -> None:
    place = Place(("model",))
    assert streamed(MASKING.editor(), "gpt-4o-mini-2024-07-18", place) == "onasis-chat"
    long = "y" * 300 + " openai"
    assert streamed(MASKING.editor(), long, place) == "y" * 300 + " onasis"


def test_a_word_may_stand_in_two_pieces_of_a_lane() -> None:
    editor = MASKING.editor()
    assert streamed(editor, ["I am Open", "AI's child"]) == "I am Onasis's child"
    assert editor.masked == 1


def test_lanes_are_apart() -> None:
    editor = MASKING.editor()
    other = Place(("choices", 1, "delta", "content"))
    assert editor.edits("q", PROSE, False) == ([], 1)
    assert editor.edits("OpenAI ", other, False) == ([Edit(0, 6, "Onasis")], 7)
    assert editor.edits("openai ", PROSE, False) == ([], 7)


def test_lanes_without_end_are_forgotten() -> None:
    editor = MASKING.editor()
    for number in range(3000):
        editor.edits("x", Place((number,)), False)
    assert len(editor._before) <= 1024


def test_leaks_are_counted() -> None:
    editor = MASKING.editor()
    whole(editor, "myopenai, OpenAI, openair, ANTHROPICX")
    assert (editor.masked, editor.leaks) == (1, 2)
    whole(editor, "clean")
    assert editor.leaks == 2


@pytest.mark.parametrize(
    ("masking", "text", "seen"),
    [
        (
            Masking("onasis", models={"openai-fast": "gpt-4o-2024"}),
            "a gpt-4o-2024 b",
            "openai-fast",
        ),
        (Masking("onasis", vendors={"foo": "open"}), "fooAI", "openAI"),
        (Masking("onasis", vendors={"llm-1": "My OpenAI"}), "llm-1", "openai"),
        (Masking("Open"), "gptAI", "openAI"),
    ],
)
def test_what_a_replacement_brings_in_or_completes_is_a_leak(
    masking: Masking, text: str, seen: str
) -> None:
    editor = masking.editor()
    edits, _ = editor.edits(text, Place(("message",)), True)
    assert seen in applied(text, edits, len(text))
    assert editor.leaks == 1


def test_a_long_field_value_is_masked_but_not_kept() -> None:
    masking = Masking("onasis")
    for value in (b"by OpenAI", b"by OpenAI " + b"x" * 300):
        assert masking.field(value) == value.replace(b"OpenAI", b"Onasis")
        assert masking.field(value) == value.replace(b"OpenAI", b"Onasis")
    assert masking._field.cache_info().currsize == 1


def test_a_masking_that_is_replaced_is_let_go_at_once() -> None:
    gc.disable()
    try:
        masking = Masking("onasis")
        masking.field(b"OpenAI")
        gone = weakref.ref(masking)
        del masking
        assert gone() is None
    finally:
        gc.enable()
