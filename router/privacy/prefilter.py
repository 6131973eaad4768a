"""Tells texts in which nothing can be found, in microseconds and before anything is loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.privacy.anchors import CONDITIONS, LICENCE, LICENCE_WORDS
from router.privacy.find.extended.needs import FIRST, FIVE, NEEDS, Need
from router.privacy.kinds import EXTENDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from router.privacy.kinds import Scope

_DIGIT: Final = re.compile("[0-9]")
_EXTENDED: Final = frozenset[str]().union(*EXTENDED.values())


class Prefilter:
    """Errs on one side only: what it clears holds nothing of ``entities`` in this ``scope``.

    Names of people are not its business.
    """

    __slots__ = ("_any", "_digits", "_worded")

    def __init__(self, entities: Iterable[str], scope: Scope) -> None:
        wanted = frozenset(entities)
        needs = dict.fromkeys(() if scope.compat else _needs(wanted))
        worded = [need for need in needs if need.words]
        if LICENCE in wanted:
            worded.append(Need("(?<=[0-9])", LICENCE_WORDS))
        first = "|".join(
            CONDITIONS[one] for one in sorted((wanted & CONDITIONS.keys()) - {LICENCE})
        )
        digits = "|".join(need.after for need in needs if not need.words)
        self._any = _behind_first(first)
        self._digits = _behind_first(digits)
        self._worded = [(_behind_first(need.after), need.words) for need in worded]

    def may_hold(self, text: str) -> bool:
        """Whether ``text`` has to be looked at; its digits must be plain."""
        if self._any.search(text) is not None:
            return True
        if _DIGIT.search(text) is None:
            return False
        if self._digits.search(text) is not None:
            return True
        folded = text.lower()
        return any(
            any(word in folded for word in words) and after.search(text) is not None
            for after, words in self._worded
        )


def _needs(wanted: frozenset[str]) -> Iterator[Need]:
    for entity in sorted(wanted & _EXTENDED):
        yield from NEEDS.get(entity, (FIVE,))


def _behind_first(conditions: str) -> re.Pattern[str]:
    return re.compile(f"{FIRST}(?:{conditions})" if conditions else "(?!)")
