from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.masking.editor import Masking
from router.masking.vocabulary import Level
from tests.masking.streams import NAMED, PROSE, made, streamed, whole

if TYPE_CHECKING:
    from router.body.filters import Place

MASKING = Masking(
    "onasis",
    vendors={"openai": "onasis", "aws": "onasis", "Größe": "onasis"},
    models={"onasis-chat": "gpt-4o-mini"},
    hosts=["abcd.functions.example", "localhost", "10.0.0.5"],
)


def masked(text: str, level: Level = Level.PROSE) -> str:
    return MASKING.text(text, level)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OpenAI", "Onasis"),
        ("OPENAI", "ONASIS"),
        ("openai", "onasis"),
        ("Openai", "Onasis"),
        ("openAI", "onasis"),
        ("ask ChatGPT, by OpenAI.", "ask Onasis, by Onasis."),
        ("OpenAI's", "Onasis's"),
        ("ELEVENLABS ElevenLabs Eleven Labs", "ONASIS Onasis Onasis"),
        ("AZURE OPENAI and Azure OpenAI", "ONASIS and Onasis"),
        ("Supabase, Anthropic, Cloudflare", "Onasis, Onasis, Onasis"),
    ],
)
def test_letter_case_is_kept_in_kind(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "openair",
        "Openair festival",
        "myopenai",
        "openaint",
        "reopenai",
        "OPENAIR",
        "Größer",
        "openaisle",
        "openaiś",
    ],  # fmt: skip
)
def test_what_is_no_whole_word_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("openai_org", "onasis_org"),
        ("x-openai-foo", "x-onasis-foo"),
        ("https://api.openai.com/v1/chat", "https://api.onasis.com/v1/chat"),
        ("https://x.openai.azure.com/openai/", "https://x.onasis.com/onasis/"),
        ("https://abc.supabase.co", "https://abc.onasis.co"),
        ("https://api.elevenlabs.io", "https://api.onasis.io"),
        ("at https://abcd.functions.example/x", "at https://onasis/x"),
        ("OpenAIError", "OnasisError"),
        ("ChatOpenAI", "ChatOnasis"),
        ("all the OpenAIs of the world, ANTHROPICS", "all the Onasiss of the world, ONASISS"),
        ("OPENAI_API_KEY", "ONASIS_API_KEY"),
        ("openai2", "onasis2"),
        ("%2Fopenai%2F", "%2Fonasis%2F"),
        (r"line\nopenai", r"line\nonasis"),
        (r"\u0022openai", r"\u0022onasis"),
        ("日本OpenAIに", "日本Onasisに"),
        ("İ openai", "İ onasis"),
        ("\ud800 openai", "\ud800 onasis"),
        ("eine Größe", "eine Onasis"),
    ],
)
def test_where_words_end(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_everyday_words_stay_in_prose_and_go_elsewhere() -> None:
    text = "Express your claude to Google, Stripe, Gemini"
    assert masked(text) == text
    assert masked(text, Level.NAMED) == "Onasis your onasis to Onasis, Onasis, Onasis"


def test_expressao_is_not_express() -> None:
    assert masked("Expressão métaexpress", Level.NAMED) == "Expressão métaexpress"


def test_a_configured_word_goes_in_prose_too() -> None:
    configured = Masking("onasis", vendors={"whisper": "Echo"})
    assert configured.text("Whisper a WHISPER", Level.PROSE) == "Echo a ECHO"


def test_a_configured_brand_holds_for_all_words_of_that_vendor() -> None:
    configured = Masking("onasis", vendors={"openai": "lana"})
    assert configured.text("ChatGPT, Anthropic", Level.PROSE) == "Lana, Onasis"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chatcmpl-1", "chat-1"),
        ("msg_01XFDUDYJgAACzvnptvVoYEL", "message_01XFDUDYJgAACzvnptvVoYEL"),
        ("(request req_011CSHoEeqs5C35K2UUq)", "(request request_011CSHoEeqs5C35K2UUq)"),
        ("in organization org-4sFtrw8pQ1zYvXk2 on", "in organization org-onasis on"),
        ("call_abcdefghijklmnopqrst", "call_abcdefghijklmnopqrst"),
        ("msg_type and req_body", "msg_type and req_body"),
        ("MSG_01XFDUDYJgAACzvnptvVoYEL", "MSG_01XFDUDYJgAACzvnptvVoYEL"),
    ],
)
def test_ids_lose_their_vendors_prefix(text: str, expected: str) -> None:
    assert masked(text, Level.NAMED) == expected


def test_a_configured_model_is_named_by_its_alias() -> None:
    assert masked("I am gpt-4o-mini.") == "I am onasis-chat."
    assert masked("gpt-4o-mini-audio") == "gpt-4o-mini-audio"


@pytest.mark.parametrize("size", [61, 62, 200])
def test_a_short_word_inside_base64_stays(size: int) -> None:
    run = "Q" * (size - 10) + "+aws/" + "Zk" * 5
    assert (masked(run) == run) == (len(run) >= 64)
    assert masked("openai/" + run) == "onasis/" + run


WORDS = [
    "openai", "OpenAI", "aws", "AWS", "azure", "Azure OpenAI", "azure_openai", "openair", "open",
    "chatcmpl-", "chatcmpl-a1", "org-", "org-0123456789abcdef0123", "msg_0123456789abcdefgh", "a",
    "gpt-4o-mini", "gpt-4o-mini-x", "vertex", " ai", " AI", "vertex air", "eleven labs",
    "openai.azure.com", "QUJD" * 20, "%2F", "\\n", "é", "日", "\ud83d", "İ", "K", "-", "_", ".",
    " ", "meta", "llama3", "Größe", "abcd.functions.example", "Error",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=2), max_size=9).map("".join)


@given(text=TEXTS, data=st.data(), place=st.sampled_from([PROSE, NAMED]))
@settings(deadline=None, max_examples=300)
def test_any_split_gives_what_the_whole_gives(text: str, data: st.DataObject, place: Place) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edges = [0, *cuts, len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    expected = whole(MASKING.editor(), text, place)
    assert streamed(MASKING.editor(), pieces, place) == expected
    assert streamed(MASKING.editor(), text, place) == expected


@given(text=TEXTS)
@settings(deadline=None, max_examples=100)
def test_counts_do_not_depend_on_the_split(text: str) -> None:
    one, many = MASKING.editor(), MASKING.editor()
    whole(one, text)
    streamed(many, text)
    assert one.masked == many.masked


@pytest.mark.parametrize("piece", ["openai", "aws", "azure openai ", "a", "o", "org-", "é", "Q+"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        took = []
        for _ in range(3):
            before = time.thread_time()
            MASKING.matcher.scan(text, Level.MODEL, final=False)
            took.append(time.thread_time() - before)
        return min(took)

    assert cost(64_000) < 16 * max(cost(8_000), 0.001)


@pytest.mark.parametrize("text", ["The cat", "hello wor", "it was I.", "xo", "reopen", "5a"])
def test_nothing_is_held_without_need(text: str) -> None:
    assert MASKING.matcher.scan(text, Level.PROSE, final=False) == ([], len(text))


@pytest.mark.parametrize(
    ("text", "settled"),
    [("by Open", 3), ("OpenAI", 0), ("see Azure ", 4), ("é o", 2), ("ChatO", 4)],
)
def test_a_tail_is_held_while_it_may_become_a_word(text: str, settled: int) -> None:
    assert MASKING.matcher.scan(text, Level.PROSE, final=False) == ([], settled)


def test_a_word_before_a_held_tail_goes_out_masked() -> None:
    edits, settled = MASKING.matcher.scan("OpenAI, Open", Level.PROSE, final=False)
    assert made("OpenAI, Open", edits, settled) == "Onasis, "
