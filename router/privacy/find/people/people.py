"""Names of people, by an averaged perceptron over capitalised words that are not common words.

Each word of a run (see ``runs``) is weighed by itself, by its neighbours in the run, and by
what stands around the run. Words side by side that weigh enough are one name, whole: given, middle
and family names, initials and particles. Titles before it and a possessive behind it are no part
of it.

Decisions: names in capitals are found as others are (``PATIENT: JANE DOE``). Names in small letters
are found only if the lexicon has them, in a text that has no capital at all or behind ``name``;
elsewhere they would cost precision. Scripts without capitals (Chinese, Arabic, Devanagari) are not
read, nor are unknown names in Greek, Cyrillic and Armenian letters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.privacy.find.people.features import (
    LONGEST,
    Token,
    around_run,
    beside,
    fold,
    neighbours,
    token,
)
from router.privacy.find.people.features import known as known_as
from router.privacy.find.people.languages import Speech, name_in
from router.privacy.find.people.model import Model, shipped
from router.privacy.find.people.runs import may_have_runs, runs
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from router.privacy.find.around import Around
    from router.privacy.find.people.runs import Word

_EXTENDED: Final = 40
"""A rare word beside a name belongs to it, though it weighs less than others by so much."""

_RARE: Final = frozenset("ABCDi")
"""Kinds of words that are not common, nor places or things: unknown ones, names, initials."""

_SURE, _DOUBTFUL = 32, -24
"""Margins: of names that tell the same word elsewhere in the text for one, and of such words."""

_AGAIN: Final = 0.5
"""The score of a word that is told by a name elsewhere."""

_TURN: Final = 96
"""Words weighed between two turns of others: about two milliseconds."""

_NAMED: Final = re.compile(r"name(?: is|'s|:|=)? +\Z")
_NAMED_REACH: Final = 12

_Weighed = tuple[Token, int]


class People:
    """Finds names whose score is at least ``threshold``; at 0.35 both errors are about as many.

    ``model``: the shipped one, which is loaded once, if it is None.
    """

    def __init__(self, threshold: float, model: Model | None = None) -> None:
        self._model = shipped() if model is None else model
        self._threshold = threshold
        self._least = self._model.margin(threshold)

    def may_hold(self, text: str) -> bool:
        """False where :meth:`find` finds nothing in ``text``, nor in a string of it if JSON."""
        return may_have_runs(text, self._model.lexicon)

    def find(self, text: str, around: Around) -> Iterator[Span | None]:  # noqa: ARG002
        """All names; None now and then, about every two milliseconds, for others' turn."""
        seen: dict[str, _Weighed] = {}
        sure: set[str] = set()
        doubtful: list[tuple[str, Span]] = []
        speech = Speech(text)
        turn = _TURN
        for words in runs(text, self._model.lexicon):
            weighed = [seen.get(word) or self._word(word, seen) for word, _, _ in words]
            tokens = [one for one, _ in weighed]
            margins = self._margins(weighed, tokens, text, words[0][1], words[-1][2])
            for first, last, margin in joined(tokens, margins, self._least):
                name: Sequence[Word] = words[first : last + 1]
                if speech.is_other(name[0][1]):
                    name = name_in(name, margin, self._model.lexicon, speech)
                if not name or all(one.kind == "p" for one in tokens[first : last + 1]):
                    continue
                if len(name) == 1 and not _is_told(text, *name[0]):
                    continue
                score = self._model.probability(margin)
                yield Span(name[0][1], name[-1][2], "PERSON", score)
                if margin > _SURE:
                    sure.update(one.folded for one in tokens[last + 1 - len(name) : last + 1])
            if max(margins) > _DOUBTFUL:
                doubtful += [
                    (one.folded, Span(start, end, "PERSON", _AGAIN))
                    for one, (_, start, end), margin in zip(tokens, words, margins, strict=True)
                    if _DOUBTFUL < margin <= self._least and one.kind != "p"
                ]
            turn -= len(words)
            if turn <= 0:
                turn = _TURN
                yield None
        if self._threshold <= _AGAIN:
            yield from (span for word, span in doubtful if word in sure)

    def _word(self, word: str, seen: dict[str, _Weighed]) -> _Weighed:
        weight = self._model.weights.get
        folded = fold(word[: LONGEST + 1])
        one = token(word, folded, known_as(folded, self._model.lexicon))
        seen[word] = weighed = one, sum([weight(feature, 0) for feature in one.features])
        return weighed

    def _margins(
        self, weighed: list[_Weighed], tokens: list[Token], text: str, start: int, end: int
    ) -> list[int]:
        weight = self._model.weights.get
        whole, each = around_run(tokens, neighbours(text, start, end))
        common = sum([weight(feature, 0) for feature in whole])
        return [
            common
            + own
            + sum([weight(beginning + one.kind, 0) for beginning in each])
            + sum([weight(feature, 0) for feature in beside(tokens, at)])
            for at, (one, own) in enumerate(weighed)
        ]


def joined(
    tokens: list[Token], margins: list[int], least: float
) -> Iterator[tuple[int, int, float]]:
    """First and last word of each name, and the mean margin of those that weigh over ``least``."""
    own = [one.kind != "h" and margin > least for one, margin in zip(tokens, margins, strict=True)]
    if True not in own:
        return
    taken = own if False not in own else _extended(tokens, margins, own, least - _EXTENDED)
    first = last = -1
    for at, one in enumerate(tokens):
        if taken[at]:
            first = at if first < 0 else first
            last = at
        elif one.kind != "p" and first >= 0:
            yield first, last, _mean(margins, own, first, last)
            first = -1
    if first >= 0:
        yield first, last, _mean(margins, own, first, last)


def _extended(tokens: list[Token], margins: list[int], own: list[bool], least: float) -> list[bool]:
    """Which words are taken, with rare ones beside a name that weigh over ``least``."""
    taken = own.copy()
    for places, before in ((range(1, len(own)), -1), (range(len(own) - 2, -1, -1), 1)):
        for at in places:
            if taken[at + before] and tokens[at].kind in _RARE:
                taken[at] = taken[at] or margins[at] > least
    return taken


def _mean(margins: list[int], own: list[bool], first: int, last: int) -> float:
    told = [margins[at] for at in range(first, last + 1) if own[at]]
    return sum(told) / len(told)


def _is_told(text: str, word: str, start: int, end: int) -> bool:
    """Whether one word alone may be a name: in small letters, only where one is announced."""
    del end
    return (
        not word[0].islower()
        or _NAMED.search(text, max(0, start - _NAMED_REACH), start) is not None
    )
