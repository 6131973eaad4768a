"""What becomes of a finding, by its entity: one mode for all, and others for some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Mode = Literal["restore", "replace", "block", "observe"]
OwnMode = Literal["restore", "replace", "block", "observe", "off"]
"""What becomes of single entities: some may not be looked for at all."""

NOTHING: Final[frozenset[str]] = frozenset()


class Modes:
    """``mode``, and by entity what is otherwise; ``entities`` None: all that can be found.

    ``acting`` are the entities whose findings change or end a request, ``observed`` those that
    are counted only (None: all). They are looked for apart, so that what is only observed hides
    nothing that is not; and so are the ``blocked`` of those acting, which others would hide, where
    not all of them are. Raises ValueError where ``modes`` differ and ``entities`` is None.
    """

    __slots__ = ("_modes", "acting", "blocked", "mode", "observed")

    def __init__(
        self,
        mode: Mode,
        modes: Mapping[str, OwnMode] | None = None,
        entities: Iterable[str] | None = None,
    ) -> None:
        self.mode: Final = mode
        self._modes: Final = dict(modes or {})
        self.acting: frozenset[str] | None = None
        self.observed: frozenset[str] | None = NOTHING
        self.blocked: frozenset[str] = NOTHING
        if entities is not None:
            wanted = frozenset(entities)
            self.observed = frozenset(one for one in wanted if self.of(one) == "observe")
            self.acting = frozenset(one for one in wanted - self.observed if self.of(one) != "off")
            blocked = frozenset(one for one in self.acting if self.of(one) == "block")
            self.blocked = NOTHING if blocked == self.acting else blocked
        elif self._modes:
            raise ValueError("entities have to be named where their modes differ")
        elif mode == "observe":
            self.acting, self.observed = NOTHING, None

    @property
    def looked_for(self) -> frozenset[str] | None:
        """All entities that are; None: all that can be found."""
        if self.acting is None or self.observed is None:
            return None
        return self.acting | self.observed

    def of(self, entity: str) -> OwnMode:
        """What becomes of findings of ``entity``."""
        return self._modes.get(entity, self.mode)

    def summary(self, counts: Mapping[str, int]) -> bytes:
        """``restore; EMAIL_ADDRESS=1, PERSON=2``; other modes follow in the same form.

        As RFC 9110 §5.3 joins the lines of a list: ``restore; PERSON=2, observe; IP_ADDRESS=1``.
        """
        by_mode: dict[OwnMode, list[str]] = {}
        for entity, count in sorted(counts.items()):
            by_mode.setdefault(self.of(entity), []).append(f"{entity}={count}")
        first = sorted(by_mode, key=lambda mode: (mode != self.mode, mode))
        return ", ".join(f"{mode}; {', '.join(by_mode[mode])}" for mode in first).encode()
