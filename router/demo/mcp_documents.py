"""The resources and prompts that the MCP conformance suite looks for, under its names."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.prompts.base import UserMessage

from router.demo.mcp_content import RED_PIXEL, image, resource

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer


def add_resources(server: MCPServer[Any]) -> None:
    """Registers the resources and the template."""

    @server.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        """A text."""
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        """An image."""
        return base64.b64decode(RED_PIXEL)

    @server.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:  # noqa: A002 - the template's own variable is named so
        """Data under an id."""
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @server.resource("test://watched-resource", mime_type="text/plain")
    def watched() -> str:
        """A resource to subscribe to."""
        return "Watched resource content."


def add_prompts(server: MCPServer[Any]) -> None:
    """Registers the prompts."""

    @server.prompt()
    def test_simple_prompt() -> list[UserMessage]:
        """A prompt without arguments."""
        return [UserMessage("This is a simple prompt for testing.")]

    @server.prompt()
    def test_prompt_with_arguments(arg1: str, arg2: str) -> list[UserMessage]:
        """A prompt with two arguments."""
        return [UserMessage(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")]

    @server.prompt()
    def test_prompt_with_embedded_resource(
        resourceUri: str,  # noqa: N803 - the suite's own spelling
    ) -> list[UserMessage]:
        """A prompt that embeds a resource."""
        text = "Embedded resource content for testing."
        return [
            UserMessage(resource(resourceUri, "text/plain", text)),
            UserMessage("Please process the embedded resource above."),
        ]

    @server.prompt()
    def test_prompt_with_image() -> list[UserMessage]:
        """A prompt with an image."""
        return [UserMessage(image()), UserMessage("Please analyze the image above.")]
