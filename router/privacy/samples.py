"""What findings look like that are only counted, once each: for the operator's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MOST: Final = 20


class Samples:
    """The shapes (``000-00-0000``) seen so far; a few per service and entity, never a value."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[str, str], str], set[str]] = {}

    def new(
        self, service: tuple[str, str], shapes: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[str, str]]:
        """The entity and the shape of each that was not there before."""
        for entity, looks in shapes.items():
            known = self._known.setdefault((service, entity), set())
            for shape in looks:
                if shape not in known and len(known) < _MOST:
                    known.add(shape)
                    yield entity, shape
