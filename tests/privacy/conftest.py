"""One detector for all tests here: it takes a second or two to load."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from router.privacy.detector import Detector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def detecting(**options: Any) -> AsyncIterator[Detector]:
    """A detector that is loaded."""
    detector = Detector(**options)
    await detector.startup()
    try:
        await detector.until_ready(60)
        yield detector
    finally:
        await detector.shutdown()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def detector() -> AsyncIterator[Detector]:
    async with detecting() as ready:
        yield ready
