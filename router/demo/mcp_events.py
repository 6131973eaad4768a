"""Keeps the last events of the MCP streams, so that a client may resume (``Last-Event-ID``)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from mcp.server.streamable_http import EventCallback, EventMessage, EventStore

if TYPE_CHECKING:
    from mcp_types import JSONRPCMessage

_KEPT = 1000


class RecentEvents(EventStore):
    """The last thousand events of all streams, in memory."""

    def __init__(self) -> None:
        self._count = 0
        self._events: OrderedDict[str, tuple[str, JSONRPCMessage | None]] = OrderedDict()

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        """Keeps a message (None: the event that opens a stream) and names it."""
        self._count += 1
        event_id = str(self._count)
        self._events[event_id] = (stream_id, message)
        if len(self._events) > _KEPT:
            self._events.popitem(last=False)
        return event_id

    async def replay_events_after(
        self, last_event_id: str, send_callback: EventCallback
    ) -> str | None:
        """Sends what its stream got after ``last_event_id``; None where that is forgotten."""
        if last_event_id not in self._events:
            return None
        stream = self._events[last_event_id][0]
        missed = [
            EventMessage(message, event_id)
            for event_id, (stream_id, message) in self._events.items()
            if stream_id == stream and message is not None and int(event_id) > int(last_event_id)
        ]
        for message in missed:
            await send_callback(message)
        return stream
