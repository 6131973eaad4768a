"""Dates of birth: a date in any usual spelling directly behind a word that says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.around import Context
from router.privacy.find.extended.tables import header_over
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.privacy.find.around import Around

_WORDS: Final = {
    "en": r"born|d\.?o\.?b\.?|birth|birth[ _-]?(?:date|day)|date[ _-]?of[ _-]?birth|b-?day",
    "de": r"geboren|geb\.|geburtsdatum|geburtstag|geb",
    "es": r"nacid[oa]|naci[oó]|nac[ií]|nacimiento|f\.? ?nac\.?",
    "fr": r"née?|nee?(?= le\b)|naissance|ddn",
    "it": r"nat[oa](?= (?:il|a|nel)\b)|nascita",
    "pl": r"ur\.|urodzon[ya]|urodzenia|urodzi[lł]a?m? si[eę]",
    "pt": r"nascid[oa]|nascimento|nasci|nasceu",
}
STEMS: Final = {
    "en": ("born", "birth", "dob", "d.o.b", "bday", "b-day"),
    "de": ("geb",),
    "es": ("nac",),
    "fr": ("naiss", "né", "ne le", "nee le", "ddn"),
    "it": ("nato", "nata", "nasc"),
    "pl": ("ur.", "urod"),
    "pt": ("nasc",),
}
_MONTHS: Final = (
    r"(?:jan|feb|fev|fév|f[ée]vr|mar|mär|mrz|apr|abr|avr|ma[iyj]|mag|ju[nl]|juin|juil|giu|lug|aug"
    r"|ago|août|aout|se[pt]|o[ck]t|out|ott|nov|de[czs]|déc|ene|gen|dic|dez|sty|lut|kwi|cze|lip|sie"
    r"|wrz|pa[zź]|lis|gru)[a-zäéûćśńź]{0,9}\.?"
)
_YEAR: Final = "(?:18|19|20)[0-9]{2}"
_END: Final = r"(?![\w-]|[./][0-9])"
_IN_DIGITS: Final = re.compile(
    rf"(?<![\w.])(?:{_YEAR}([-./])[0-9]{{1,2}}\1[0-9]{{1,2}}"
    rf"|[0-9]{{1,2}}([-./]|\. ?| )[0-9]{{1,2}}\2(?:{_YEAR}|[0-9]{{2}})"
    r"|[0-9]{1,2}(?:st|nd|rd|th|er|º|\.)?[ -](?:of |de |di )?"
    rf"{_MONTHS},?[ -](?:de |del )?(?:{_YEAR}|'?[0-9]{{2}})"
    rf"|(?:19|20)[0-9]{{6}}){_END}",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(
    rf"(?<!\w){_MONTHS} [0-9]{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}{_END}", re.IGNORECASE
)
_BETWEEN: Final = re.compile(r"[^0-9\n]{0,28}(?:\n[^0-9\n]{0,12})?")
_REACH: Final = 64
_LONGEST: Final = 16
_LONGEST_MONTH: Final = 14
_SURE: Final = 0.8

YEAR_SIGN: Final = r"(?<=[12][089][0-9])(?=[0-9](?:(?![0-9]{3})|[0-9]{4}(?![0-9])))"
"""Behind the third digit of a year."""

DATE_SIGN: Final = r"(?=[0-9]?[/.][0-9]{1,2}[/.][0-9]{2}(?!\w))"
"""Behind the first digit of a date that has a short year."""


class Births:
    """Finds them by the words of ``languages``."""

    def __init__(self, languages: frozenset[str]) -> None:
        spoken = [language for language in _WORDS if language in languages]
        words = "|".join(_WORDS[language] for language in spoken) or r"(?!)"
        self._word = regex.compile(rf"(?r)(?<![^\W_])(?:{words})(?![^\W_])", regex.IGNORECASE)
        self._stems = Context(stem for language in spoken for stem in STEMS[language])

    def find(self, text: str, at: int, around: Around) -> Iterator[Span]:
        """The date that has a digit at ``at``, of its year or its first."""
        if not around.holds(self._stems):
            return
        match = None
        word = self._word.search(text, max(0, at - _REACH), at)
        if word is not None:
            match = self._behind(text, word.end())
        if match is None:
            match = self._in_column(text, at)
        if match is not None:
            yield Span(match.start(), match.end(), "DATE_OF_BIRTH", _SURE)

    @staticmethod
    def _behind(text: str, end: int) -> re.Match[str] | None:
        between = _BETWEEN.match(text, end)
        first = end if between is None else between.end()
        return _IN_DIGITS.match(text, first) or _MONTH_FIRST.search(
            text, max(end, first - _LONGEST_MONTH), first + _LONGEST
        )

    def _in_column(self, text: str, at: int) -> re.Match[str] | None:
        match = _IN_DIGITS.search(text, max(0, at - _LONGEST), at + _LONGEST)
        if match is None or not match.start() <= at <= match.end():
            return None
        header = header_over(text, *match.span())
        return match if header and self._word.search(header) is not None else None
