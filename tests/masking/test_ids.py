"""Vendors' ids go out neutral, whatever their tails hold, and lead back."""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.masking.editor import Masking
from router.masking.ids import ID_KEYS, inward_id
from router.masking.models import compile_models
from router.masking.requests import inward_json, inward_query
from router.masking.shipped import STEMS
from router.masking.vocabulary import Level
from tests.masking.streams import NAMED, streamed

MASKING = Masking("onasis")
NONE = compile_models("onasis")
LEADING = [stem.prefix for stem in STEMS if not stem.drop and stem.back]

tails = st.one_of(
    st.uuids().map(str),
    st.text(
        "abcdefghijkmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=16, max_size=64
    ),
    st.builds(
        "".join,
        st.tuples(st.sampled_from(["-", "_", "--", "_-", ""]), st.just("xW3aB9kQz7LmN0pR5tYv2cD")),
    ),
)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(LEADING), tails, st.integers(1, 7))
def test_an_id_goes_out_neutral_and_leads_back(prefix: str, tail: str, size: int) -> None:
    vendors = prefix + tail
    neutral = MASKING.text(vendors)
    assert neutral != vendors
    assert neutral.endswith(tail)
    assert inward_id(neutral) == vendors
    body = json.dumps({"id": neutral, "text": neutral}).encode()
    assert json.loads(inward_json(body, NONE).body) == {"id": vendors, "text": neutral}
    assert inward_query(f"/x/{neutral}/y?after={neutral}".encode()) == (
        f"/x/{vendors}/y?after={vendors}".encode()
    )
    for text in (vendors, f"no {vendors}!"):
        cut = [text[at : at + size] for at in range(0, len(text), size)]
        assert streamed(MASKING.editor(), cut, NAMED) == text.replace(vendors, neutral)


@pytest.mark.parametrize(
    "tail",
    ["wyvGptSdtMbjCmjWAjI6MQwSmMUy", "OZ1xAnAwsOnApJf3zG8qA0kYI9gc", "gDQk7zdEpsm-ERMs6lv3AWS0"],
)
def test_what_chance_spells_in_an_id_stays(tail: str) -> None:
    assert MASKING.text(f"chatcmpl-{tail}") == f"chat-{tail}"
    for size in (1, 5, 12):
        text = f"chatcmpl-{tail} by gpt"
        cut = [text[at : at + size] for at in range(0, len(text), size)]
        assert streamed(MASKING.editor(), cut, NAMED) == f"chat-{tail} by onasis"
    assert MASKING.text("chatcmpl-x-gpt-4") == "chat-x-onasis-4"


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("no chatcmpl-_Xy12 here", "no chat-_Xy12 here"),
        ("chatcmpl--x", "chat--x"),
        ("CHATCMPL-abc", "chat-abc"),
        ("chatcmpl_abc", "chat_abc"),
        ("asst_AbCdEfGhIjKlMnOpQr12", "assistant_AbCdEfGhIjKlMnOpQr12"),
        ("organization org-AbCd1234.", "organization org-onasis."),
        ("build fp_44709d6fcb", "build build-onasis"),
        ("key sk-proj-AbCd****", "key key-onasis****"),
        ("key sk-ant-api03-" + "aB-9_" * 20, "key key-onasis"),
    ],
)
def test_ids_in_errors(said: str, seen: str) -> None:
    assert MASKING.text(said, Level.NAMED) == seen
    for size in (1, 3, 10):
        cut = [said[at : at + size] for at in range(0, len(said), size)]
        assert streamed(MASKING.editor(), cut, NAMED) == seen


@pytest.mark.parametrize(
    "text",
    [
        "msg_queue_processor_settings", "req_body_is_too_long_for_this", "org-chart-2024",
        "org-mode", "resp_time_in_milliseconds", "fp_rate", "chatcmpl", "chatcmpl- ", "sk-proj-a",
    ],
)  # fmt: skip
def test_words_are_no_ids(text: str) -> None:
    assert MASKING.text(text, Level.NAMED) == text


@pytest.mark.parametrize(
    "text",
    [
        "chat-room-for-everyone-in-2024",
        "message_of_the_day_for_customers",
        "chat-42",
        "text-to-speech-model-number-3",
    ],
)
def test_the_callers_own_names_stay(text: str) -> None:
    assert inward_id(text) == text
    assert inward_query(f"/x/{text}?a={text}".encode()) == f"/x/{text}?a={text}".encode()


def test_ids_that_are_uuids_lead_back() -> None:
    for one in ("3f2b7c1e-9a0d-4c55-8e21-0123456789ab", str(uuid.UUID(int=0))):
        assert inward_id(f"chat-{one}") == f"chatcmpl-{one}"


def test_ids_lead_back_from_a_member_whose_name_is_escaped() -> None:
    body = rb'{"\u0069d": "message_01XFDUDYJgAACzvnptvVoYEL"}'
    assert inward_json(body, NONE).body == body.replace(b"message_", b"msg_")


def test_every_member_that_holds_an_id_is_named_so() -> None:
    assert all(name.endswith("id") for name in ID_KEYS)  # what a body is first searched for
