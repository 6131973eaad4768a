"""What uvicorn is given: our own HTTP/1.1 server protocol.

uvicorn keeps sockets, signals and lifespan. Of it are touched: the four arguments of the
protocol's constructor, ``config.loaded_app``, ``server_state.connections``, ``.tasks``,
``.total_requests`` and ``.default_headers``; ``shutdown()`` is offered to it.
``tests/downstream/test_uvicorn_seam.py`` pins these.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from router.downstream.connection import HttpConnection
from router.downstream.limits import ProtocolLimits
from router.downstream.shared import OnReject, Shared


def http_protocol(
    limits: ProtocolLimits, on_reject: OnReject | None = None
) -> Callable[..., asyncio.Protocol]:
    """What ``uvicorn.Config(http=…)`` takes; to be called once for each server.

    ``on_reject`` is told of each request refused before, or instead of, the application's answer.
    """
    return partial(HttpConnection, Shared(limits, on_reject))
