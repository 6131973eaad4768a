"""The stand-ins of one request: what was taken out, under which name, and how to know it again.

A placeholder is ``<ENTITY_n>``. An upstream may give it back in other letter case or escaped for
the format it writes, see :data:`router.privacy.shape.SHAPE`.
"""

from __future__ import annotations

import hmac
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from router.privacy.shape import SHAPE, plain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_MODULUS: Final = 10**9


class Placeholders:
    """The map of one request. Equal values of an entity share a placeholder.

    Numbers count up from 1 in order of first appearance, per entity, so that the same history
    gives the same text and an upstream's prompt cache keeps hitting. With ``secret`` (an upstream
    that remembers) the number is nine digits of a keyed hash of tenant, entity and value: one
    value, one number, in every request of that tenant, and nobody else can compute it.
    """

    __slots__ = ("_counters", "_issued", "_reserved", "_secret", "_tenant", "_values")

    def __init__(self, *, secret: bytes = b"", tenant: str = "") -> None:
        self._secret = secret
        self._tenant = tenant
        self._values: dict[str, str] = {}
        self._issued: dict[tuple[str, str], str] = {}
        self._counters: dict[str, int] = {}
        self._reserved: set[str] = set()

    @property
    def values(self) -> Mapping[str, str]:
        """Placeholder to true value, of this request alone."""
        return MappingProxyType(self._values)

    def values_of(self, is_wanted: Callable[[str], bool]) -> dict[str, str]:
        """As :attr:`values`, of the entities that are wanted alone."""
        return {
            placeholder: value
            for (entity, value), placeholder in self._issued.items()
            if is_wanted(entity)
        }

    def reserve(self, texts: Iterable[str]) -> None:
        """Sets aside what already looks like a placeholder in the caller's own ``texts``.

        To be called with all of a request's texts before anything is issued.
        """
        for text in texts:
            if "_" not in text:
                continue
            for match in SHAPE.finditer(text):
                self._reserved.add(f"<{plain_name(match.group(match.lastindex or 0))}>")

    def issue(self, entity: str, value: str) -> str:
        """The placeholder that stands for ``value``."""
        key = (entity, value)
        placeholder = self._issued.get(key)
        if placeholder is None:
            placeholder = self._hashed(entity, value) if self._secret else self._counted(entity)
            self._issued[key] = placeholder
            self._values[placeholder] = value
        return placeholder

    def _counted(self, entity: str) -> str:
        number = self._counters.get(entity, 0) + 1
        while f"<{entity}_{number}>" in self._reserved:
            number += 1
        self._counters[entity] = number
        return f"<{entity}_{number}>"

    def _hashed(self, entity: str, value: str) -> str:
        attempt = 0
        while True:
            number = self._hash(f"{attempt}\0{entity}\0{self._tenant}\0{value}")
            placeholder = f"<{entity}_{number:09d}>"
            if placeholder not in self._values and placeholder not in self._reserved:
                return placeholder
            attempt += 1

    def _hash(self, message: str) -> int:
        digest = hmac.digest(self._secret, message.encode("utf-8", "surrogatepass"), "sha256")
        return int.from_bytes(digest[:16]) % _MODULUS
