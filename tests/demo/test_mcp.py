from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

if TYPE_CHECKING:
    from tests.demo.conftest import Origin

_ACCEPT = {"accept": "application/json, text/event-stream"}
_INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def _text(result: object) -> str:
    assert isinstance(result, CallToolResult)
    content = result.content[0]
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_official_client_calls_tools_and_sees_progress(origin: Origin, mode: str) -> None:
    seen: list[tuple[float, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert total == 3
        seen.append((progress, message))

    async with (
        httpx2.AsyncClient(headers=origin.edge) as http,
        Client(
            streamable_http_client(f"{origin.functions}/mcp-handler", http_client=http), mode=mode
        ) as client,
    ):
        assert _text(await client.call_tool("echo", {"text": "I am <PERSON_1>"})) == (
            "I am <PERSON_1>"
        )
        counted = await client.call_tool(
            "count", {"upto": 3, "text": "<PERSON_1>"}, progress_callback=note
        )
        assert _text(counted) == "Counted to 3 <PERSON_1>"
        tools = {tool.name for tool in (await client.list_tools()).tools}
    assert seen == [(n, f"{n} of 3 <PERSON_1>") for n in (1, 2, 3)]
    assert {"echo", "count", "who", "test_simple_text", "test_elicitation"} <= tools


async def test_who_tells_what_the_request_said(origin: Origin) -> None:
    told = {"x-user-id": "u-1", "x-platform": "maas", "x-other": "hidden"}
    async with (
        httpx2.AsyncClient(headers=origin.edge | told) as http,
        Client(
            streamable_http_client(f"{origin.functions}/mcp-handler", http_client=http),
            mode="legacy",
        ) as client,
    ):
        result = await client.call_tool("who", {})
    assert isinstance(result, CallToolResult)
    assert result.structured_content == {"x-user-id": "u-1", "x-platform": "maas"}


def test_a_session_lives_until_it_is_deleted(origin: Origin) -> None:
    url = f"{origin.functions}/mcp-handler"
    with httpx.Client(headers=origin.edge | _ACCEPT) as client:
        opened = client.post(url, json=_INITIALIZE)
        session = {"mcp-session-id": opened.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        client.post(
            url, json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=session
        )
        assert client.post(url, json=ping, headers=session).status_code == 200
        assert client.delete(url, headers=session).status_code == 200
        assert client.post(url, json=ping, headers=session).status_code == 404


def test_get_opens_an_event_stream(origin: Origin) -> None:
    url = f"{origin.functions}/mcp-handler"
    with httpx.Client(headers=origin.edge | _ACCEPT) as client:
        session = {"mcp-session-id": client.post(url, json=_INITIALIZE).headers["mcp-session-id"]}
        with client.stream("GET", url, headers=session) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")


def test_a_refusal_tells_where_to_ask_for_a_token(origin: Origin) -> None:
    refused = httpx.post(f"{origin.functions}/mcp-handler", json=_INITIALIZE, headers=_ACCEPT)
    assert refused.status_code == 401
    told = refused.headers["www-authenticate"]
    address = told.partition('resource_metadata="')[2].rstrip('"')
    metadata = httpx.get(address).json()
    servers = metadata["authorization_servers"]
    server = httpx.get(f"{servers[0]}/.well-known/oauth-authorization-server").json()
    assert server["issuer"] == servers[0]
    assert server["code_challenge_methods_supported"] == ["S256"]


def test_a_foreign_origin_is_refused(origin: Origin) -> None:
    foreign = {"origin": "http://evil.example.com", "host": "evil.example.com"}
    answer = httpx.post(
        f"{origin.functions}/mcp-handler",
        json=_INITIALIZE,
        headers=origin.edge | _ACCEPT | foreign,
    )
    assert 400 <= answer.status_code < 500
