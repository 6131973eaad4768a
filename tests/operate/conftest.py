"""The fixture of :mod:`tests.operate.asking`."""

from __future__ import annotations

from tests.operate.asking import asking

__all__ = ["asking"]
