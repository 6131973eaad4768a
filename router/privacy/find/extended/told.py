"""Findings that a word has to tell: digits which are an account only behind ``account``."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.around import Context
from router.privacy.find.extended.tables import header_over
from router.privacy.find.rules import Rule
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from router.privacy.find.around import Around

BEFORE: Final = 48
"""Characters before a finding in which the word must stand."""

_TOLD: Final = 1.0
_FADES: Final = 0.006
_CLOSE: Final = 6
"""The score directly behind a word, and what each character between takes off that is more than a
few: of several words before a number the nearest one names it. At ``BEFORE`` 0.75 is left."""


@dataclass(slots=True)
class Told(Rule):
    """A rule whose matches count only where one of its words stands near before, or heads them.

    Words are whole ones, so that ``nin`` is not told by ``running``; ``_`` parts words, as in
    names of members. ``context`` is a part of each, which tells where none of them stands.
    """

    near: regex.Pattern[str]

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """As :meth:`Rule.find`."""
        if not around.holds(self.context):
            return
        for match in self.matches(text, start, end):
            score = self.told_at(text, match.start(), match.end())
            if score >= self.threshold and self._judged(match.group()):
                yield Span(match.start(), match.end(), self.entity, score)

    def told_at(self, text: str, start: int, end: int) -> float:
        """The score that a word gives to ``text[start:end]``; 0: none does."""
        word = self.near.search(text, max(0, start - BEFORE), start)
        if word is not None:
            return _TOLD - _FADES * float(max(0, start - word.end() - _CLOSE))
        header = header_over(text, start, end)
        return _TOLD if header and self.near.search(header) is not None else 0.0


def told(
    entity: str,
    pattern: str,
    words: Iterable[str],
    threshold: float,
    validate: Callable[[str], bool | None] | None = None,
    kind: type[Told] = Told,
) -> Told:
    """A rule for ``pattern`` in any case, confirmed by ``validate``, told by ``words``."""
    plain = sure(entity, pattern, _TOLD, threshold, validate)
    plain.matches = re.compile(pattern, re.IGNORECASE).finditer
    return as_told(plain, words, kind)


def as_told(rule: Rule, words: Iterable[str], kind: type[Told] = Told) -> Told:
    """``rule``, but told by ``words`` (lower case)."""
    words = tuple(words)
    fields_of = {one.name: getattr(rule, one.name) for one in fields(rule)}
    fields_of["context"] = Context(dict.fromkeys(max(word.split(), key=len) for word in words))
    return kind(**fields_of, near=whole_words(words))


def sure(
    entity: str,
    pattern: str,
    score: float,
    threshold: float,
    validate: Callable[[str], bool | None] | None = None,
) -> Rule:
    """A rule for ``pattern`` that needs no word; its case counts."""
    return Rule(
        entity=entity,
        regex=pattern,
        score=score,
        threshold=threshold,
        context=Context(),
        weak=False,
        matches=re.compile(pattern).finditer,
        validate=validate,
        invalidate=None,
    )


def whole_words(words: Iterable[str]) -> regex.Pattern[str]:
    """Any of ``words``, the last first; between theirs, a blank stands for any one separator.

    An ``_id`` behind one is another thing: ``account_id`` is no account.
    """
    spelt = "|".join(re.escape(word).replace(r"\ ", "[ _-]?") for word in words)
    return regex.compile(rf"(?r)(?<![^\W_])(?:{spelt})(?![^\W_]|_ids?(?![^\W_]))", regex.IGNORECASE)
