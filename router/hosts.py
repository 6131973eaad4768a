"""Whose host a raw Host is: exact names and wildcards. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

_HOST: Final = re.compile(rb"([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::[0-9]{0,5})?")
_MAX_HOST: Final = 262
"""A name of 253, a dot, a colon and a port, and a little."""


class HostTable(Generic[T]):
    """What each host belongs to. ``*.example.com`` is every name of one or more labels below."""

    __slots__ = ("_below", "_exact")

    def __init__(self, hosts: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[bytes, T] = {}
        self._below: dict[bytes, T] = {}
        for name, owner in hosts:
            encoded = name.lower().encode("ascii")
            if encoded.startswith(b"*."):
                self._below[encoded[2:]] = owner
            else:
                self._exact[encoded] = owner

    def find(self, host: bytes) -> T | None:
        """The owner of a raw Host, letter case, port and one trailing dot aside.

        An exact host wins over a wildcard, a longer wildcard over a shorter one. What is no host
        name (an address in brackets, userinfo, empty labels) is nobody's.
        """
        owner = self._exact.get(host)
        if owner is not None or len(host) > _MAX_HOST:
            return owner
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return None
        name = found[1]
        owner = self._exact.get(name)
        while owner is None and (dot := name.find(b".")) >= 0:
            name = name[dot + 1 :]
            owner = self._below.get(name)
        return owner
