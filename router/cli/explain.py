"""``router explain``: what would become of a request, decision by decision."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from router.cli.check import read
from router.config.problems import ConfigProblems
from router.operate.explain import Explainer
from router.operate.explain_request import asked
from router.operate.explain_text import text
from router.provision.router import Router, provision
from router.telemetry.logs import LogWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.config.models import Config
    from router.exchange import RequestHead
    from router.operate.explain_request import Asked
    from router.pages import Pages


def explain(
    config: Path,
    method: str,
    url: str,
    *,
    headers: Sequence[str] = (),
    data: str | None = None,
    client: str = "127.0.0.1",
    as_json: bool = False,
    show_values: bool = False,
) -> int:
    """Prints each decision; 0 where the request would be served, 1 refused, 2 wrong usage.

    Nothing is sent, counted or written. ``data`` is the body, ``@file`` its bytes in a file.
    """
    found = read(config, sys.stderr)
    if isinstance(found, int):
        return found
    try:
        body = None if data is None else _body(data)
        one = asked(method, url, headers, body, client=client, host=found.server.listen)
    except (OSError, ValueError) as error:
        print(f"router explain: {error}", file=sys.stderr)
        return 2
    try:
        told = _told(found, config, one, show_values=show_values)
    except ConfigProblems as problems:
        for problem in problems.problems:
            print(problem, file=sys.stderr)
        return 1
    print(json.dumps(told, indent=2) if as_json else text(told))
    return 1 if told["outcome"] == "refused" else 0


def _body(data: str) -> bytes:
    if data == "@-":
        return sys.stdin.buffer.read()
    if data.startswith("@"):
        return Path(data[1:]).read_bytes()
    return os.fsencode(data)


def _told(config: Config, file: Path, one: Asked, *, show_values: bool) -> dict[str, Any]:
    writer = LogWriter(io.BytesIO())
    try:
        plugins = file.resolve().parent.parent / "plugins"
        router = provision(config, writer, plugins, read_only=True)
        return asyncio.run(_ask(config, router, one, show_values=show_values))
    finally:
        writer.close()


async def _ask(config: Config, router: Router, one: Asked, *, show_values: bool) -> dict[str, Any]:
    """Of the router's parts only those are started that this request needs."""
    explainer = Explainer(
        config,
        router.gateway.admission,
        router.gateway.inbound,
        OwnPages(router.pages),
        partial(_loaded, router),
    )
    try:
        return await explainer.explain(one, show_values=show_values)
    finally:
        await router.privacy.shutdown()
        await router.keys.close()


async def _loaded(router: Router) -> None:
    await router.privacy.startup(router.readiness)
    with suppress(TimeoutError):  # then it is refused as it would be while the router starts
        await router.settled()


@dataclass(frozen=True, slots=True)
class OwnPages:
    """The router's pages, looked at and not served."""

    pages: Pages

    def at(self, head: RequestHead) -> dict[str, object] | None:
        """Its path and whether it is for operators alone."""
        page = self.pages.at(head.path)
        if page is None:
            return None
        return {"path": head.path.decode("latin-1"), "operators": page.operators}

    def check(self, head: RequestHead) -> None:
        """404 and 405, as the page would answer."""
        page = self.pages.at(head.path)
        if page is not None:
            self.pages.check(page, head)
