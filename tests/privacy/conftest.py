"""One worker process for all tests here: it takes seconds to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from router.privacy.detector import Detector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def detector() -> AsyncIterator[Detector]:
    detector = Detector()
    await detector.startup()
    try:
        await detector.until_ready(60)
        yield detector
    finally:
        await detector.shutdown()
