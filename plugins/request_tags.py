"""Tags requests for the log and says on the answer which tag was given.

A caller sends ``X-Request-Tag: nightly-import``; the tag stands in the access line and comes back
in the answer, so that a team finds its own traffic. Tags not on the list are not taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from router import Plugin, PluginOptions

if TYPE_CHECKING:
    from router import Exchange, ResponseHead

_TAG = re.compile(rb"[a-z0-9][a-z0-9_-]{0,31}")


class RequestTagsOptions(PluginOptions):
    """``field``: where the tag is read and told. ``allowed``: the tags taken; empty: any."""

    field: str = "x-request-tag"
    allowed: frozenset[str] = frozenset()


class RequestTags(Plugin[RequestTagsOptions]):
    """Keeps one tag per request under its own name in ``exchange.values``."""

    name: ClassVar[str] = "request_tags"
    Options = RequestTagsOptions

    async def on_request(self, exchange: Exchange) -> None:
        """Takes the tag if it is well formed and allowed."""
        value = exchange.head.one(self.options.field.lower().encode())
        if value is None or not _TAG.fullmatch(value):
            return
        tag = value.decode()
        if not self.options.allowed or tag in self.options.allowed:
            exchange.values[self.name] = tag

    async def on_response(self, exchange: Exchange, response: ResponseHead) -> None:
        """Tells the caller which tag was taken."""
        tag = exchange.values.get(self.name)
        if tag is not None:
            response.replace(self.options.field.lower().encode(), tag.encode())
