"""Puts the true values back where an answer shows placeholders issued in this very request."""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from router.body.filters import Edit, Place
from router.privacy.placeholders import SHAPE, plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

# A tail that could go on to be a placeholder: part of an opening; or an opening, the name as far
# as it has come, and part of a closing.
_TAIL: Final = re.compile(
    r"(?:<|&lt;|\\<|\\u003[cC]|&#60;|&#[xX]3[cC];)((?:[A-Za-z0-9_]|\\_)*?)"
    r"(\\(?:u(?:0(?:03?)?)?)?|&(?:gt?|#(?:62?|[xX](?:3[eE]?)?)?)?)?\Z"
    r"|(?:\\(?:u(?:0(?:03?)?)?)?|&(?:lt?|#(?:60?|[xX](?:3[cC]?)?)?)?)\Z"
)
_LONGEST: Final = 128
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
                edits.append(Edit(match.start(), match.end(), _fit(value, match.group(), place)))
        return edits, len(text) if final else self._settled(text)

    def untouched(self, raw: bytes, /) -> bool:
        """Whether no placeholder can begin in ``raw`` (see :mod:`router.body.hints`).

        A lone backslash within is a JSON escape, such as a line end's; two are a text's own.
        """
        return not self._values or not (
            b"<" in raw or b"&" in raw or b"\\\\" in raw or b"\\u" in raw or raw.endswith(b"\\")
        )

    def _settled(self, text: str) -> int:
        """Where the longest tail begins that may yet become a placeholder of this request."""
        start = max(0, len(text) - _LONGEST)
        while (first := _STARTS.search(text, start)) is not None:
            start = first.start()
            match = _TAIL.match(text, start)
            if match is not None and self._may_be(match.group(1) or "", match.group(2) or ""):
                return start
            start += 1
        return len(text)

    def _may_be(self, beginning: str, closing: str) -> bool:
        """Whether an issued placeholder's name begins like this, or is this where it closes."""
        if self._names is None:
            self._names = sorted(placeholder[1:-1] for placeholder in self._values)
        name = plain_name(beginning)
        at = bisect_left(self._names, name)
        if at == len(self._names):
            return False
        # A lone backslash may close (`\\>`) or escape the next underscore (`\\_`).
        if closing not in ("", "\\"):
            return self._names[at] == name
        return self._names[at].startswith(name)


def _fit(value: str, spelling: str, place: Place) -> str:
    """The value as its surroundings are written, where the reader cannot know how they are.

    A reader escapes for the format it reads, and once more where the place is nested. A string of
    a JSON document that holds an escaped placeholder holds markup, or JSON, of its own.
    """
    if spelling[0] == "&" and place.path:
        return html.escape(value)
    if spelling.startswith("\\u") and not place.nested:
        return json.dumps(value, ensure_ascii=False)[1:-1]
    return value
