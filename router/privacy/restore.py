"""Puts the true values back where an answer shows placeholders issued in this very request."""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from router.body.filters import Edit, Place
from router.body.nesting import escapes, is_awkward
from router.privacy.shape import SHAPE, beginning, plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from router.privacy.shape import Beginning

_LONGEST: Final = 160
_SLASHES: Final = re.compile(rb"\\(?:[\\u\r\n]|\Z)")
_STARTS: Final = re.compile(r"[<&\\]")


class Restorer:
    """An editor that knows the placeholders of one request; ``values`` maps them to true values.

    Cheap to make: one pattern serves all requests, a look-up decides. What was not issued in this
    request, the caller's own look-alikes included, stays as it is.
    """

    __slots__ = ("_names", "_values")

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._names: list[str] | None = None

    def edits(
        self,
        text: str,
        place: Place,
        final: bool,  # noqa: FBT001
    ) -> tuple[list[Edit], int]:  # the Editor protocol's own signature
        """The edits to ``text``, and up to where it is settled (see :class:`Editor`)."""
        if not self._values or _STARTS.search(text) is None:
            return [], len(text)
        edits: list[Edit] = []
        for match in SHAPE.finditer(text):
            value = self._values.get(f"<{plain_name(match.group(match.lastindex or 0))}>")
            if value is not None:
                new = _fit(value, match.group(), place)
                edits.append(Edit(match.start(), match.end(), new))
        return edits, len(text) if final else self._settled(text)

    def untouched(self, raw: bytes, /) -> bool:
        """Whether no placeholder can begin in ``raw`` (see :mod:`router.body.hints`).

        A lone backslash within is a JSON escape, such as a line end's; two are a text's own, and
        so is one at the end of a line.
        """
        if not self._values:
            return True
        if 0x3C in raw or 0x26 in raw:
            return False
        return 0x5C not in raw or _SLASHES.search(raw) is None

    @property
    def awkward(self) -> bool:
        """As :attr:`router.body.hints.Quoting.awkward`."""
        return any(map(is_awkward, self._values.values()))

    def _settled(self, text: str) -> int:
        """Where the longest tail begins that may yet become a placeholder of this request."""
        start = max(0, len(text) - _LONGEST)
        while (first := _STARTS.search(text, start)) is not None:
            start = first.start()
            begun = beginning(text, start)
            if begun is not None and self._may_be(begun):
                return start
            start += 1
        return len(text)

    def _may_be(self, begun: Beginning) -> bool:
        """Whether an issued placeholder begins like this."""
        if begun.closing or (begun.slashes and begun.closable):
            return f"<{begun.name}>" in self._values or self._begins(begun.name + "_", begun)
        return self._begins(begun.name + ("_" if begun.slashes else ""), begun)

    def _begins(self, name: str, begun: Beginning) -> bool:
        if begun.closing:
            return False
        if self._names is None:
            self._names = sorted(placeholder[1:-1] for placeholder in self._values)
        at = bisect_left(self._names, name)
        return at < len(self._names) and self._names[at].startswith(name)


def _fit(value: str, spelling: str, place: Place) -> str:
    """The value as its surroundings are written, where the reader cannot know how they are.

    A reader escapes for the format it reads, and for each string it stands in where the place is
    nested. A string of a JSON document that holds an escaped placeholder holds markup, or JSON, of
    its own.
    """
    if spelling[0] == "&":
        return html.escape(value) if place.path else value
    if spelling[0] == "\\" and not place.nested:
        for _ in range(escapes(spelling)):
            value = json.dumps(value, ensure_ascii=False)[1:-1]
    return value
