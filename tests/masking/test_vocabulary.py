from __future__ import annotations

import pytest

from router.masking.editor import Masking
from router.masking.shipped import STEMS
from router.masking.vocabulary import Level, compile_vocabulary


@pytest.mark.parametrize("brand", ["", "  ", "--"])
def test_a_brand_without_letters_is_refused(brand: str) -> None:
    with pytest.raises(ValueError, match="brand"):
        Masking(brand)


@pytest.mark.parametrize("vendors", [{"": "x"}, {"a": "x"}, {"openai": ""}])
def test_words_that_cannot_be_replaced_are_refused(vendors: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="vendors"):
        Masking("onasis", vendors=vendors)


@pytest.mark.parametrize(
    "word",
    [
        "openai", "azure openai", "anthropic", "mistral ai", "deepseek", "elevenlabs", "deepgram",
        "assemblyai", "supabase", "cloudflare", "vercel", "chatgpt", "vertex ai",
    ],
)  # fmt: skip
def test_unambiguous_vendors_are_masked_everywhere(word: str) -> None:
    assert Masking("onasis").text(word, Level.PROSE) == "onasis"


@pytest.mark.parametrize(
    "word",
    [
        "express", "claude", "google", "gemini", "llama", "mistral", "cohere", "amazon", "aws",
        "bedrock", "deno", "neon", "stripe", "whisper", "azure", "gpt",
    ],
)  # fmt: skip
def test_ambiguous_vendors_are_masked_outside_prose(word: str) -> None:
    masking = Masking("onasis")
    assert masking.text(word, Level.PROSE) == word
    assert masking.text(word, Level.NAMED) == "onasis"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("whisper-1", "onasis-1"),
        ("text-embedding-3-small", "onasis-small"),
        ("text-embedding-ada-002", "onasis-002"),
        ("o1-preview", "onasis"),
        ("o3-mini-high", "onasis-high"),
        ("DALL-E 3", "ONASIS 3"),
    ],
)
def test_names_of_models_are_masked_in_errors(text: str, expected: str) -> None:
    masking = Masking("onasis")
    assert masking.text(text, Level.NAMED) == masking.text(text, Level.MODEL) == expected
    assert masking.text(text, Level.PROSE) == text


def test_meta_is_a_vendor_only_beside_a_model() -> None:
    masking = Masking("onasis")
    assert masking.text("meta", Level.NAMED) == "meta"
    assert masking.text("meta-llama/Llama-3", Level.MODEL) == "onasis/Onasis-3"


def test_a_host_becomes_the_brands() -> None:
    masking = Masking("My Brand!")
    text = masking.text("x.openai.azure.com, openai.com", Level.PROSE)
    assert text == "x.my-brand.com, my brand!.com"


def test_no_two_ids_share_a_neutral_prefix() -> None:
    neutral = [stem.neutral for stem in STEMS if not stem.drop]
    assert len(set(neutral)) == len(neutral)


def test_a_model_named_like_a_vendor_keeps_the_wider_reach() -> None:
    entries = {entry.text: entry for entry in compile_vocabulary("b", None, {"m": "deepseek"})}
    assert entries["deepseek"].level is Level.PROSE
    assert entries["deepseek"].new == "m"
