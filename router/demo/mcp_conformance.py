"""The tools and methods that the MCP conformance suite looks for, under its names.

``npx @modelcontextprotocol/conformance server --url …`` scores a server by what these answer;
their names, texts and schemas are the suite's own (its server scenarios of 2025-11-25).
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import (
    AudioContent,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    SamplingMessage,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    UnsubscribeRequestParams,
)

from router.demo.audio import wav
from router.demo.mcp_content import image, resource, text
from router.demo.mcp_documents import add_prompts, add_resources
from router.demo.mcp_schemas import ADDRESS_TOOL, CONTACT, DEFAULTS, ENUMS

if TYPE_CHECKING:
    from mcp.server.lowlevel.server import Server
    from mcp.server.mcpserver import MCPServer

_STEP = 0.05
"""Seconds between two notifications: the suite wants to see them come one by one."""


def add(server: MCPServer[Any]) -> None:
    """Registers everything the suite asks for, but for the bare methods (``add_methods``)."""
    for register in (_content_tools, _notifying_tools, _asking_tools, add_resources, add_prompts):
        register(server)


def schema_tool() -> Tool:
    """A tool whose input schema uses JSON Schema 2020-12 words that must reach the client."""

    def json_schema_2020_12_tool(name: str = "", address: dict[str, str] | None = None) -> str:
        """Tool with JSON Schema 2020-12 features."""
        return f"{name} lives at {address}"

    tool = Tool.from_function(json_schema_2020_12_tool)
    tool.parameters = ADDRESS_TOOL
    return tool


def add_methods(server: Server[Any]) -> None:
    """Completion; log levels and subscriptions, which only older versions have."""

    async def accept(_context: object, _params: object) -> EmptyResult:
        return EmptyResult()

    async def complete(_context: object, params: CompleteRequestParams) -> CompleteResult:
        known = ("paris", "park", "party")
        values = [word for word in known if word.startswith(params.argument.value)]
        return CompleteResult(completion=Completion(values=values, total=len(values)))

    server.add_request_handler("completion/complete", CompleteRequestParams, complete)
    server.add_request_handler("logging/setLevel", SetLevelRequestParams, accept)
    server.add_request_handler("resources/subscribe", SubscribeRequestParams, accept)
    server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, accept)


def _content_tools(server: MCPServer[Any]) -> None:
    @server.tool()
    def test_simple_text() -> str:
        """Answers a text."""
        return "This is a simple text response for testing."

    @server.tool()
    def test_image_content() -> list[ImageContent]:
        """Answers an image."""
        return [image()]

    @server.tool()
    def test_audio_content() -> list[AudioContent]:
        """Answers a sound."""
        data = base64.b64encode(wav(0.05)).decode()
        return [AudioContent(type="audio", data=data, mime_type="audio/wav")]

    @server.tool()
    def test_embedded_resource() -> list[EmbeddedResource]:
        """Answers an embedded resource."""
        said = "This is an embedded resource content."
        return [resource("test://embedded-resource", "text/plain", said)]

    @server.tool()
    def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
        """Answers a text, an image and a resource."""
        data = json.dumps({"test": "data", "value": 123})
        return [
            text("Multiple content types test:"),
            image(),
            resource("test://mixed-content-resource", "application/json", data),
        ]

    @server.tool()
    def test_error_handling() -> str:
        """Always fails."""
        raise ToolError("This tool intentionally returns an error for testing")


def _notifying_tools(server: MCPServer[Any]) -> None:
    @server.tool()
    async def test_tool_with_logging(ctx: Context[Any, Any]) -> str:
        """Logs three lines while it works."""
        await ctx.log("info", "Tool execution started")
        await asyncio.sleep(_STEP)
        await ctx.log("info", "Tool processing data")
        await asyncio.sleep(_STEP)
        await ctx.log("info", "Tool execution completed")
        return "Logged three lines."

    @server.tool()
    async def test_tool_with_progress(ctx: Context[Any, Any]) -> str:
        """Reports progress 0, 50, 100 of 100."""
        for progress in (0, 50, 100):
            await ctx.report_progress(progress, 100)
            await asyncio.sleep(_STEP)
        return "Reported progress three times."

    @server.tool()
    async def test_reconnection(ctx: Context[Any, Any]) -> str:
        """Closes its stream midway: the client has to come back for the result."""
        await ctx.close_sse_stream()
        await asyncio.sleep(2 * _STEP)
        return "Reconnection test completed successfully"


def _asking_tools(server: MCPServer[Any]) -> None:
    async def ask(ctx: Context[Any, Any], message: str, schema: dict[str, Any]) -> str:
        # the id binds the question to this call's own stream; elsewhere it could go astray
        result = await ctx.session.elicit_form(
            message, schema, related_request_id=ctx.request_context.request_id
        )
        return f"action={result.action}, content={json.dumps(result.content)}"

    @server.tool()
    async def test_sampling(prompt: str, ctx: Context[Any, Any]) -> str:
        """Asks the client's model."""
        result = await ctx.session.create_message(
            [SamplingMessage(role="user", content=text(prompt))],
            max_tokens=100,
            related_request_id=ctx.request_context.request_id,
        )
        content = result.content
        return f"LLM response: {content.text if isinstance(content, TextContent) else content}"

    @server.tool()
    async def test_elicitation(message: str, ctx: Context[Any, Any]) -> str:
        """Asks the user for a name and an address."""
        return f"User response: {await ask(ctx, message, CONTACT)}"

    @server.tool()
    async def test_elicitation_sep1034_defaults(ctx: Context[Any, Any]) -> str:
        """Asks with a default for each primitive type."""
        return f"Elicitation completed: {await ask(ctx, 'Please confirm', DEFAULTS)}"

    @server.tool()
    async def test_elicitation_sep1330_enums(ctx: Context[Any, Any]) -> str:
        """Asks with each kind of enumeration."""
        return f"Elicitation completed: {await ask(ctx, 'Please choose', ENUMS)}"
