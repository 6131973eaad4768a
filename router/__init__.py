"""The unified router: one URL in front of five platforms.

What stands here is public: plugins and programs import these names and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from router.body.filters import BodyFilter
from router.errors import FilterError, GatewayError
from router.exchange import Exchange, Principal, Response, ResponseHead
from router.plugin import Plugin, PluginContext, PluginOptions

if TYPE_CHECKING:
    from router.app import create_app

__version__ = "0.1.0"

__all__ = [
    "BodyFilter",
    "Exchange",
    "FilterError",
    "GatewayError",
    "Plugin",
    "PluginContext",
    "PluginOptions",
    "Principal",
    "Response",
    "ResponseHead",
    "create_app",
]


def __getattr__(name: str) -> Any:
    """``create_app`` on demand: a plugin needs the names above, not the whole router."""
    if name == "create_app":
        from router.app import create_app  # noqa: PLC0415  that is the point

        return create_app
    raise AttributeError(name)
