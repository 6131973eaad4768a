"""Content blocks that the MCP conformance tools, resources and prompts share."""

from __future__ import annotations

from mcp_types import EmbeddedResource, ImageContent, TextContent, TextResourceContents

RED_PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
"""A PNG of one pixel, in base64."""


def text(said: str) -> TextContent:
    """A text block."""
    return TextContent(type="text", text=said)


def image() -> ImageContent:
    """A red pixel."""
    return ImageContent(type="image", data=RED_PIXEL, mime_type="image/png")


def resource(uri: str, mime_type: str, said: str) -> EmbeddedResource:
    """A resource block."""
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=said)
    return EmbeddedResource(type="resource", resource=contents)
