from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.demo.conftest import Origin


@pytest.mark.parametrize(
    ("function", "member"),
    [
        ("extract-tags", "tags"),
        ("generate-summary", "summary"),
        ("translate", "translation"),
        ("gateway", "result"),
    ],
)
def test_a_function_answers_about_its_text(origin: Origin, function: str, member: str) -> None:
    answer = httpx.post(
        f"{origin.functions}/{function}", json={"text": "Call <PERSON_1> soon"}, headers=origin.edge
    )
    assert answer.status_code == 200
    assert "<PERSON_1>" in json.dumps(answer.json()[member])
    assert answer.json()["provider"] == "openai"


def test_a_function_without_a_text_complains_as_the_vendor_does(origin: Origin) -> None:
    answer = httpx.post(f"{origin.functions}/translate", json={"x": 1}, headers=origin.edge)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_body_that_is_no_json_object_is_refused(origin: Origin) -> None:
    answer = httpx.post(f"{origin.functions}/translate", content=b"[1", headers=origin.edge)
    assert answer.status_code == 400
    assert "help.openai.com" in answer.text


def test_inference_answers_as_a_message_and_as_named_events(origin: Origin) -> None:
    url = f"{origin.functions}/inference"
    whole = httpx.post(url, json={"prompt": "hi"}, headers=origin.edge)
    streamed = httpx.post(url, json={"prompt": "hi", "stream": True}, headers=origin.edge)
    said = [
        json.loads(line.removeprefix("data: "))["delta"]["text"]
        for line in streamed.text.splitlines()
        if line.startswith('data: {"type":"content_block_delta"')
    ]
    assert whole.json()["content"][0]["text"] == "".join(said)
    assert "Anthropic" in "".join(said)
    assert streamed.text.count("event: message_stop\n") == 1


def test_a_sync_needs_its_secret_and_reports_its_hop(origin: Origin) -> None:
    url = f"{origin.functions}/batch-sync-users"
    secret = {"x-webhook-secret": origin.env["WEBHOOK_SECRET"]}
    assert httpx.post(url, json={}).json() == {"error": "Unauthorized"}
    users = httpx.post(url, json={"users": [{"id": 1}, {"id": 2}]}, headers=secret).json()
    assert users["success"] is True
    assert users["hop"] == "main -> auth-gateway"
    assert users["stats"]["synced"] == 2
    assert "debug" in httpx.post(url, json={"debug": True}, headers=secret).json()


def test_fabric_runs_a_pattern_whole_and_streamed(origin: Origin) -> None:
    whole = httpx.post(f"{origin.url}/", json={"pattern": "summarize", "input": "text"})
    prompts = [{"patternName": "summarize", "userInput": "text"}]
    streamed = httpx.post(f"{origin.url}/chat", json={"prompts": prompts})
    events = [json.loads(line[6:]) for line in streamed.text.splitlines() if line]
    assert "".join(event["content"] for event in events) == whole.json()["output"]
    assert events[-1]["type"] == "complete"
    assert httpx.post(f"{origin.url}/patterns/none", json={"input": "x"}).status_code == 404


def test_what_arrived_can_be_read_back_and_forgotten(origin: Origin) -> None:
    httpx.post(f"{origin.functions}/translate?q=1", json={"text": "mark-7f3a"}, headers=origin.edge)
    entry = origin.received("/functions/v1/translate", "mark-7f3a")[-1]
    assert entry["method"] == "POST"
    assert entry["query"] == "q=1"
    assert entry["status"] == 200
    assert entry["complete"]
    assert httpx.get(f"{origin.url}/__received?last=1").json()["received"] == [entry]
    httpx.delete(f"{origin.url}/__received")
    assert httpx.get(f"{origin.url}/__received").json() == {"received": []}
