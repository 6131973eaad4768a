"""Personal data that an upstream writes itself, through the whole router."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.talk import api, bytewise, call, delta, metric, replying, request, said, sse
from tests.threats.wire import ask, until
from tests.world import CONFIG, World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIL = "jane.roe@example.com"
OWN = "eve@upstream.example.org"
SERVICES = """
  replacing: {upstream: origin, auth: [], masking: true, streaming: [sse],
              privacy: {mode: restore, answers: replace, allow: [help@onasis.example]}}
  watching: {upstream: origin, auth: [], privacy: {mode: observe, answers: observe}}
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data"), CONFIG.rstrip() + SERVICES) as running:
        yield running


def test_what_the_upstream_wrote_is_replaced_and_what_the_caller_said_returns(here: World) -> None:
    body = {
        "id": "resp_5369043990",
        "content": f"to <EMAIL_ADDRESS_1>, {OWN} and help@onasis.example by openai",
    }
    here.origin.handler = replying(answer(json.dumps(body).encode()))
    before = metric(here, "entities", "lanonasis", "replacing", "EMAIL_ADDRESS")
    got = ask(here, call("replacing", {"content": f"write to {MAIL}"}))
    assert json.loads(got.body) == {
        "id": "resp_5369043990",
        "content": f"to {MAIL}, <EMAIL_ADDRESS> and help@onasis.example by onasis",
    }
    until(lambda: metric(here, "entities", "lanonasis", "replacing", "EMAIL_ADDRESS") == before + 2)


def test_it_is_replaced_though_nothing_was_found_in_the_request(here: World) -> None:
    here.origin.handler = replying(answer(f"mail {OWN}\n".encode(), media_type="text/plain"))
    assert ask(here, request(api("replacing"))).body == b"mail <EMAIL_ADDRESS>\n"


def test_it_is_replaced_in_a_stream_too(here: World) -> None:
    pieces = ["Dear <EMAIL", "_ADDRESS_1>, wri", "te to eve@upstr", "eam.example.org", ". Bye"]
    here.origin.handler = bytewise(sse(*map(delta, pieces), "[DONE]"))
    got = ask(here, call("replacing", {"content": f"write to {MAIL}"}))
    assert said(got.body) == f"Dear {MAIL}, write to <EMAIL_ADDRESS>. Bye"


def test_observing_counts_and_changes_nothing(here: World) -> None:
    body = b'{ "content" : "mail ' + OWN.encode() + b'", "n": 1e400 }'
    here.origin.handler = replying(answer(body))
    before = metric(here, "entities", "lanonasis", "watching", "EMAIL_ADDRESS")
    assert ask(here, call("watching", {})).body == body
    until(lambda: metric(here, "entities", "lanonasis", "watching", "EMAIL_ADDRESS") == before + 1)


def test_a_part_is_not_asked_for_where_answers_are_read(here: World) -> None:
    here.origin.handler = replying(answer(b"{}"))
    ask(here, request(api("watching"), "Range: bytes=0-9"))
    assert here.origin.requests[-1].one("range") is None
