"""What a run of digits looks like, and which patterns could match anything of that look.

A *shape* has ``0`` for every digit, ``a`` for every other word character, and all else as it is:
``078-05-1120`` is ``000-00-0000``. A pattern is translated into one over shapes from its own syntax
tree, so that whatever the pattern matches, its shape is matched by the translation. The reverse
does not hold: looks are not enough, the pattern itself decides.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # what re itself is made of
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DIGITS: Final = b"0123456789"
_SHAPES: Final = bytes(
    0x30
    if code in _DIGITS
    else 0x61
    if chr(code).isalnum() or code in b"_?" or code >= 0x80
    else code
    for code in range(256)
)
_ANY: Final = r"[\s\S]"
_MANY: Final = 1000
_REMEMBERED: Final = 4096
_LONGEST: Final = 64
"""Of the shapes that are remembered: what strangers make us keep stays small."""


def shape_of(text: str) -> str:
    """The shape of ``text``, character by character; what is not ASCII counts as a letter."""
    return text.encode("ascii", "replace").translate(_SHAPES).decode("ascii")


def shape_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern that matches within the shape of whatever ``pattern`` matches.

    Conditions on what stands around (boundaries, looking ahead and behind) are left out. Raises
    re.error for what Python's ``re`` cannot read.
    """
    tree = parser.parse(pattern, re.IGNORECASE | re.MULTILINE | re.DOTALL)
    return re.compile(_sequence(tree))


def _sequence(tree: Iterable[tuple[Any, Any]]) -> str:
    return "".join(_node(kind, value) for kind, value in tree)


def _node(kind: Any, value: Any) -> str:  # noqa: PLR0911  one kind of node after the other
    if kind in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return ""
    if kind is sre.LITERAL:
        return re.escape(_kind(value))
    if kind is sre.IN:
        return _set(value)
    if kind is sre.BRANCH:
        return "(?:" + "|".join(_sequence(branch) for branch in value[1]) + ")"
    if kind is sre.SUBPATTERN:
        return "(?:" + _sequence(value[-1]) + ")"
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        least, most, inner = value
        most = "" if most is sre.MAXREPEAT or most > _MANY else most
        return f"(?:{_sequence(inner)}){{{least},{most}}}"
    if kind is sre.ATOMIC_GROUP:
        return "(?:" + _sequence(value) + ")"
    if kind is sre.GROUPREF:
        return _ANY + "*"
    return _ANY  # ANY, NOT_LITERAL, and whatever else stands for one character


def _set(members: list[tuple[Any, Any]]) -> str:
    kinds: set[str] = set()
    for kind, value in members:
        if kind is sre.LITERAL:
            kinds.add(_kind(value))
        elif kind is sre.RANGE and value[1] < 0x80:
            kinds |= {_kind(code) for code in range(value[0], value[1] + 1)}
        elif kind is sre.CATEGORY and value is sre.CATEGORY_DIGIT:
            kinds.add("0")
        elif kind is sre.CATEGORY and value is sre.CATEGORY_WORD:
            kinds |= {"0", "a"}
        else:
            return _ANY
    return "[" + "".join(map(re.escape, sorted(kinds))) + "]"


def _kind(code: int) -> str:
    return shape_of(chr(code))


class ShapeTable:
    """Which of several patterns could match within a text, by its shape; bounded."""

    def __init__(self, patterns: Iterable[str]) -> None:
        shaped = tuple(map(shape_pattern, patterns))

        def look(shape: str) -> tuple[int, ...]:
            return tuple(at for at, one in enumerate(shaped) if one.search(shape) is not None)

        self._look: Callable[[str], tuple[int, ...]] = look
        self._known = lru_cache(_REMEMBERED)(look)

    def candidates(self, text: str) -> tuple[int, ...]:
        """The numbers of the patterns that have to be tried on ``text``."""
        shape = shape_of(text)
        return self._known(shape) if len(shape) <= _LONGEST else self._look(shape)
