"""What stands directly around a finding: the member that it is the value of, words, characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.judge.telling import GENERIC

if TYPE_CHECKING:
    from router.privacy.spans import Span

_BEFORE: Final = 64
_AFTER: Final = 24
_LINE: Final = 256
"""Characters that are looked at: for words before and behind, for a line to either side."""

_NEAR: Final = 6
"""Words before a finding that may support it, as many as Presidio looks at with the one there."""

_WORD: Final = re.compile(r"[A-Z]*[^\W\d_A-Z]+|[A-Z]+")
"""Letters alone; ``userPhone`` and ``user_phone`` are two words."""

# Patterns of ``regex`` that begin with (?r) are matched backwards from the end.
_MEMBER: Final = regex.compile(
    r"""(?r)([\w.$-]{0,48})(?:\\?["'`]\s?(?::|=>?)|[\])]?\s?:?=)\s{0,4}[bfru]?(?:\\?["'`])?"""
)
"""A member's name and what stands between it and its value, in JSON, code, forms and logs."""

_CELL: Final = regex.compile(r"(?r)(?:\A|\n|([,;|\t]))[ \"']{0,3}")
"""Before a value in a table: the sign that parts the columns, none in the first one."""

_LAST: Final = regex.compile(r"(?r)([^\W\d_]+)[\W_]{0,5}")
_UNIT: Final = re.compile(r"[\s-]?([^\W\d_]+)")
_PARTS: Final = ",;|\t"
_UNREAD: Final[list[str]] = []


class Nearby:
    """Around one finding, ``text[span.start:span.end]``."""

    __slots__ = ("_end", "_name", "_start", "_text", "_words", "after", "before", "value")

    def __init__(self, text: str, span: Span) -> None:
        start, end = span.start, span.end
        self._text, self._start, self._end = text, start, end
        self.value = text[start:end]
        self.before = text[max(0, start - _BEFORE) : start]
        self.after = text[end : end + _AFTER]
        self._words: list[str] | None = None
        self._name: list[str] | None = _UNREAD

    def words(self) -> list[str]:
        """The last words before it, in lower case."""
        if self._words is None:
            self._words = [word.lower() for word in _WORD.findall(self.before)[-_NEAR:]]
        return self._words

    def last_word(self) -> str:
        """The word directly before it, in lower case."""
        found = _LAST.match(self.before)
        return found.group(1).lower() if found is not None else ""

    def following(self) -> list[str]:
        """The first three words behind it on its line, in lower case."""
        return words_of(self.after.partition("\n")[0])[:3]

    def unit(self) -> str:
        """The word joined to it, or directly behind it, in lower case."""
        found = _UNIT.match(self.after)
        return found.group(1).lower() if found is not None else ""

    def line(self) -> str:
        """The line that it stands in, as far as that is near."""
        low = max(0, self._start - _LINE)
        end = self._text.find("\n", self._end, self._end + _LINE)
        begin = self._text.rfind("\n", low, self._start) + 1 or low
        return self._text[begin : end if end >= 0 else self._end + _LINE]

    def name(self) -> list[str] | None:
        """The words of the member or the column that it is a value of; None: it is of neither."""
        if self._name is _UNREAD:
            self._name = self._named()
        return self._name

    def supported(self, words: frozenset[str]) -> bool:
        """Whether one of ``words`` names it or, where no name tells, stands near before it."""
        name = self.name()
        tells = name is not None and not GENERIC.issuperset(name)
        return not words.isdisjoint(name if name is not None and tells else self.words())

    def is_quoted(self) -> bool:
        """Whether a quotation mark opens directly before it."""
        return self.before[-1:] in ('"', "'", "`")

    def is_glued(self) -> bool:
        """Whether it is a piece of something longer: letters or digits go on beside it."""
        return self.before[-1:].isalnum() or self.after[:1].isalnum()

    def _named(self) -> list[str] | None:
        member = _MEMBER.match(self.before)
        if member is not None:
            return words_of(member.group(1))
        cell = _CELL.match(self.before)
        return None if cell is None else self._column(cell.group(1))

    def _column(self, part: str | None) -> list[str] | None:
        """The heading of its column, from the first line of the text; None: it is no table."""
        end = self._text.find("\n", 0, min(self._start, _LINE))
        if part is None:
            part = next((sign for sign in self.after.lstrip(" \"'")[:1] if sign in _PARTS), None)
        if end < 0 or part is None or self._text.find(part, 0, end) < 0:
            return None
        begin = self._text.rfind("\n", max(end, self._start - 2 * _LINE), self._start)
        columns = self._text[:end].split(part)
        number = self._text.count(part, begin, self._start) if begin >= 0 else len(columns)
        return words_of(columns[number]) if number < len(columns) else None


def words_of(text: str) -> list[str]:
    """The words in ``text``, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]
