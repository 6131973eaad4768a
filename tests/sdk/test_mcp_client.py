"""The official MCP client, through the router."""

from __future__ import annotations

import time

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from tests.sdk.conftest import Stack, address, bearer, marker, received


def _url(stack: Stack) -> str:
    return f"{stack.router_url}/lanonasis/api/mcp-handler"


def _text(result: object) -> str:
    assert isinstance(result, CallToolResult)
    content = result.content[0]
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_tool_call_goes_out_redacted_and_comes_back_true(stack: Stack, mode: str) -> None:
    mark, email = marker(), address()
    async with (
        httpx2.AsyncClient(headers=bearer(stack.api_key)) as http,
        Client(streamable_http_client(_url(stack), http_client=http), mode=mode) as client,
    ):
        assert _text(await client.call_tool("echo", {"text": f"{mark} {email}"})) == (
            f"{mark} {email}"
        )
    (entry,) = received(stack, mark)
    assert email not in entry["body"]


async def test_progress_arrives_before_the_result_and_restored(stack: Stack) -> None:
    email = address()
    seen: list[tuple[float, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert total == 3
        seen.append((time.monotonic(), message))

    async with (
        httpx2.AsyncClient(headers=bearer(stack.api_key)) as http,
        Client(streamable_http_client(_url(stack), http_client=http), mode="legacy") as client,
    ):
        result = await client.call_tool("count", {"upto": 3, "text": email}, progress_callback=note)
        ended = time.monotonic()
    assert _text(result) == f"Counted to 3 {email}"
    assert [message for _, message in seen] == [f"{n} of 3 {email}" for n in (1, 2, 3)]
    assert all(at <= ended for at, _ in seen)


async def test_the_upstream_is_told_who_calls_and_through_what(stack: Stack) -> None:
    spoofed = {"x-user-id": "somebody-else", "x-platform": "other"}
    async with (
        httpx2.AsyncClient(headers=bearer(stack.api_key) | spoofed) as http,
        Client(streamable_http_client(_url(stack), http_client=http), mode="legacy") as client,
    ):
        result = await client.call_tool("who", {})
    assert isinstance(result, CallToolResult)
    told = result.structured_content
    assert told is not None
    assert told["x-platform"] == "lanonasis"
    assert told["x-service"] == "mcp-handler"
    assert told["x-user-id"] not in ("", "somebody-else")


async def test_tools_resources_and_prompts_are_listed_unchanged(stack: Stack) -> None:
    async with (
        httpx2.AsyncClient(headers=bearer(stack.api_key)) as http,
        Client(streamable_http_client(_url(stack), http_client=http), mode="legacy") as client,
    ):
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
        resource = await client.read_resource("test://static-binary")
    schema = tools["json_schema_2020_12_tool"].input_schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert "arg1='a', arg2='b'" in prompt.model_dump_json()
    assert resource.contents


def test_without_a_credential_the_router_tells_where_to_get_one(stack: Stack) -> None:
    refused = httpx.post(_url(stack), json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert refused.status_code == 401
    assert "resource_metadata" in refused.headers["www-authenticate"]


def test_a_session_ends_when_it_is_deleted(stack: Stack) -> None:
    accept = {"accept": "application/json, text/event-stream"}
    info = {"name": "test", "version": "1"}
    params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info}
    opening = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    with httpx.Client(headers=bearer(stack.api_key) | accept) as client:
        session = client.post(_url(stack), json=opening).headers["mcp-session-id"]
        mine = {"mcp-session-id": session}
        assert client.delete(_url(stack), headers=mine).status_code == 200
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        assert client.post(_url(stack), json=ping, headers=mine).status_code == 404
