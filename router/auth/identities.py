"""A bounded store of identities proved a moment ago."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

IdentityT = TypeVar("IdentityT")


class Identities(Generic[IdentityT]):
    """Least-recently-used identities, each until its own time. Decisions are never kept here."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, tuple[float, float, IdentityT]] = OrderedDict()

    def get(self, key: Hashable, now: float) -> IdentityT | None:
        """What was kept under ``key`` if it still holds at ``now`` (seconds), else None."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        since, until, identity = kept
        # A clock set back would stretch every entry's life: such an entry is not believed.
        if since <= now < until:
            self._kept.move_to_end(key)
            return identity
        del self._kept[key]
        return None

    def keep(self, key: Hashable, identity: IdentityT, now: float, until: float) -> None:
        """Keeps ``identity`` from ``now`` until ``until``; the least recently used gives way."""
        self._kept[key] = (now, until, identity)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forgets all."""
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)
