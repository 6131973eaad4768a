"""``mcp-handler``: a true MCP server over Streamable HTTP, with sessions and resumption."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import Field

from router.demo import mcp_conformance
from router.demo.mcp_events import RecentEvents

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from starlette.types import Receive, Scope, Send

_TOLD = ("x-user-id", "x-auth-method", "x-platform", "x-service")
_RETRY = 100
"""Milliseconds a client waits before it resumes a stream."""


class McpHandler:
    """The ASGI endpoint; its sessions live while ``run()`` is entered.

    With ``loopback`` it takes only this machine's own hosts and origins.
    """

    def __init__(self, pace: float, *, loopback: bool) -> None:
        server: MCPServer[Any] = MCPServer(
            "onasis-demo",
            title="Demo MCP handler",
            instructions="Echoes, counts, and tells whom it was told you are.",
            version="1.0.0",
            tools=[mcp_conformance.schema_tool()],
            log_level="WARNING",
        )
        _add_tools(server, pace)
        mcp_conformance.add(server)
        # the application itself is not served: making it gives the session manager its server
        server.streamable_http_app()
        lowlevel = server.session_manager.app
        mcp_conformance.add_methods(lowlevel)
        self._sessions = StreamableHTTPSessionManager(
            lowlevel,
            event_store=RecentEvents(),
            retry_interval=_RETRY,
            max_sessions=1000,
            security_settings=_local_callers() if loopback else None,
        )

    def run(self) -> AbstractAsyncContextManager[AsyncIterator[None] | None]:
        """Serves sessions while entered; once only."""
        return self._sessions.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request of one session."""
        await self._sessions.handle_request(scope, receive, send)


def _local_callers() -> TransportSecuritySettings:
    """Only hosts and origins of this machine: a web page cannot reach in by rebinding its name."""
    hosts = [f"{host}{port}" for host in ("127.0.0.1", "localhost", "[::1]") for port in ("", ":*")]
    origins = [f"http://{host}" for host in hosts]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def _add_tools(server: MCPServer[Any], pace: float) -> None:
    @server.tool()
    def echo(text: Annotated[str, Field(description="What to say back")]) -> str:
        """Says the text back."""
        return text

    @server.tool()
    async def count(
        ctx: Context[Any, Any], upto: Annotated[int, Field(ge=1, le=100)] = 5, text: str = ""
    ) -> str:
        """Counts aloud, as progress notifications, then answers."""
        for number in range(1, upto + 1):
            await ctx.report_progress(number, upto, f"{number} of {upto} {text}".rstrip())
            await asyncio.sleep(pace)
        return f"Counted to {upto} {text}".rstrip()

    @server.tool()
    def who(ctx: Context[Any, Any]) -> dict[str, str]:
        """What the request said of its caller."""
        told = ctx.headers or {}
        return {name: told[name] for name in _TOLD if name in told}
