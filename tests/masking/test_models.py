from __future__ import annotations

import pytest

from router.body.json_whole import MalformedJson
from router.errors import DownstreamError
from router.masking.editor import Masking
from router.masking.ids import inward_id
from router.masking.models import Models, compile_models
from router.masking.requests import inward_json, inward_query

TABLE = {"onasis-chat": "gpt-4o-mini"}
PASS = compile_models("onasis", TABLE)
REJECT = compile_models("onasis", TABLE, "reject")
NONE = compile_models("onasis")
ID = "01XFDUDYJgAACzvnptvVoYEL"


@pytest.mark.parametrize("models", [PASS, REJECT])
def test_the_alias_becomes_the_vendors_name_and_no_other_byte_changes(models: Models) -> None:
    body = b'{ "n":1e400, "model" : "onasis-chat",\n"messages":[{"model":"onasis-chat"}] }'
    inward = inward_json(body, models)
    assert inward.body == body.replace(b'"onasis-chat"', b'"gpt-4o-mini"', 1)
    assert inward.asked == "onasis-chat"


def test_an_escaped_name_is_the_same_name() -> None:
    body = rb'{"\u006dodel":"onasis\u002dchat"}'
    assert inward_json(body, PASS).body == rb'{"\u006dodel":"gpt-4o-mini"}'


def test_unlisted_models_pass_by_default() -> None:
    assert inward_json(b'{"model":"gpt-5"}', PASS).body == b'{"model":"gpt-5"}'


def test_unlisted_models_are_refused_where_the_policy_says_so() -> None:
    for body in (b'{"model":"gpt-4o-mini"}', b'{"model":"onasis-chat","model":"x"}'):
        with pytest.raises(DownstreamError) as raised:
            inward_json(body, REJECT)
        assert (raised.value.status, raised.value.code) == (400, "model_not_allowed")
        assert "gpt" not in raised.value.detail


def test_a_body_without_a_model_is_none_of_its_business() -> None:
    assert inward_json(b'{"a":["model"]}', REJECT).body == b'{"a":["model"]}'


def test_malformed_json_is_told() -> None:
    with pytest.raises(MalformedJson):
        inward_json(b'{"model":', PASS)


def test_a_body_with_nothing_to_translate_is_not_parsed() -> None:
    assert inward_json(b"not json", NONE).body == b"not json"


def test_ids_lead_back_where_ids_stand() -> None:
    body = f'{{"id":"message_{ID}","previous_response_id":"response_{ID}","text":"message_{ID}"}}'
    expected = f'{{"id":"msg_{ID}","previous_response_id":"resp_{ID}","text":"message_{ID}"}}'
    assert inward_json(body.encode(), NONE).body == expected.encode()


@pytest.mark.parametrize(
    "text", ["chat-42", "chat-room", f"my message_{ID}", f"call_{ID}", f"org-{ID}"]
)
def test_the_callers_own_ids_stay(text: str) -> None:
    assert inward_id(text) == text


@pytest.mark.parametrize("vendors", [f"chatcmpl-{ID}", f"resp_{ID}", f"toolu_{ID}", f"cmpl-{ID}"])
def test_ids_go_out_neutral_and_come_back(vendors: str) -> None:
    neutral = Masking("onasis").text(vendors)
    assert neutral != vendors
    assert inward_id(neutral) == vendors
    target = f"/chat/completions/{neutral}?after={neutral}".encode()
    assert inward_query(target) == f"/chat/completions/{vendors}?after={vendors}".encode()


def test_other_targets_stay() -> None:
    target = f"/sessions/chat-42/x-message_{ID}?q=message_{ID}%20"
    assert inward_query(target.encode()) == target.encode()
