from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.auth.stored import RecordedKeys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def keys(tmp_path: Path) -> AsyncIterator[RecordedKeys]:
    store = RecordedKeys(tmp_path / "data" / "router.db")
    yield store
    await store.close()
