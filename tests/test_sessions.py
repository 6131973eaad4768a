"""An MCP session belongs to whom it was given to (threats.md 94)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from router.testing import answer
from tests.conftest import session_token
from tests.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data")) as running:
        yield running


def call(here: World, user: str, service: str = "signed-in", **fields: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    token = session_token(here.env, sub=user)
    return httpx.post(here.path(service), headers=named | {"authorization": f"Bearer {token}"})


def test_a_session_is_nobody_elses(here: World) -> None:
    here.origin.reply = answer(extra="Mcp-Session-Id: of-alice\r\n")
    assert call(here, "alice").headers["mcp-session-id"] == "of-alice"
    here.origin.reply = answer()
    seen = len(here.origin.requests)
    refused = call(here, "carol", mcp_session_id="of-alice")
    assert (refused.status_code, len(here.origin.requests)) == (404, seen)
    assert call(here, "alice", mcp_session_id="of-alice").status_code == 200
    assert here.origin.requests[-1].one("mcp-session-id") == "of-alice"


def test_another_service_may_use_the_same_id(here: World) -> None:
    here.origin.reply = answer(extra="Mcp-Session-Id: same\r\n")
    call(here, "alice")
    here.origin.reply = answer()
    assert call(here, "carol", "owned", mcp_session_id="same").status_code == 200


def test_a_session_nobody_saw_begin_passes(here: World) -> None:
    assert call(here, "carol", mcp_session_id="from-another-replica").status_code == 200


@pytest.mark.parametrize("name", ["mcp-session_id", "Mcp_Session_Id", "MCP-SESSION_ID"])
def test_no_other_spelling_reaches_the_upstream(here: World, name: str) -> None:
    token = session_token(here.env, sub="carol")
    headers = {name: "of-alice", "authorization": f"Bearer {token}"}
    httpx.post(here.path("signed-in"), headers=headers)
    assert not [line for line in here.origin.requests[-1].fields if "of-alice" in line]
