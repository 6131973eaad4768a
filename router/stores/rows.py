"""Rows as the rest of the program knows them, whatever database they came from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One API key, without the key. Times in seconds since the epoch, None: never.

    ``platforms`` are those it is limited to (empty: all).
    """

    id: str
    name: str
    user_id: str
    scopes: frozenset[str]
    platforms: frozenset[str] = frozenset()
    active: bool = True
    expires_at: float | None = None
    created_at: float = 0.0
    last_used: float | None = None
