"""Which target a call goes to: the less busy of two that are well."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from router.errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.upstream.breaker import Breaker
    from router.upstream.pool import Pool
    from router.upstream.target import Target


class Member:
    """A target with what is known of it; ``healthy`` is what active checks say."""

    __slots__ = ("breaker", "healthy", "pool", "target")

    def __init__(self, target: Target, pool: Pool, breaker: Breaker) -> None:
        self.target = target
        self.pool = pool
        self.breaker = breaker
        self.healthy = True

    def allows(self, now: float) -> bool:
        """Whether a call may go here now."""
        return self.healthy and self.breaker.allows(now)

    @property
    def up(self) -> bool:
        """Whether calls pass freely."""
        return self.healthy and self.breaker.closed


def pick(members: Sequence[Member], now: float, tried: tuple[Member, ...] = ()) -> Member | None:
    """The less busy of two random members that allow a call and were not tried; None if none.

    Two choices spread nearly as well as knowing all, and do not send everyone to the one member
    that has just come back.
    """
    if len(members) == 1:
        only = members[0]
        return only if only.allows(now) and not tried else None
    well = [member for member in members if member.allows(now) and member not in tried]
    if len(well) <= 1:
        return well[0] if well else None
    one, other = random.sample(well, 2)
    return one if one.pool.busy <= other.pool.busy else other


def unavailable(members: Sequence[Member], now: float) -> UpstreamError:
    """503 with the seconds until a target is tried again."""
    soonest = min((member.breaker.until - now for member in members if member.healthy), default=0)
    return UpstreamError(
        503,
        "destination_unavailable",
        "the upstream is not available",
        retry_after=max(1, math.ceil(soonest)),
    )
