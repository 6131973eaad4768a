"""Numbers that stay what they are called though nobody could have been given them.

IBANs whose check digits fail and social security numbers of areas that are not assigned: people
mistype, and make up examples which are none the less like their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from router.privacy.find.extended.told import Told, told
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.privacy.find.around import Around
    from router.privacy.find.rules import Rule

_LENGTHS: Final = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "FO", "GL", "NL"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "XK"), 20),
    **dict.fromkeys(("CH", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "CR", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "TL"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "MR", "SM"), 27),
    **dict.fromkeys(("AL", "AZ", "CY", "DO", "GT", "HU", "LB", "PL"), 28),
    **dict.fromkeys(("BR", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU"), 30),
}
"""Characters by country, of the registry of ISO 13616."""

_IBAN_START: Final = r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}"
_IBAN: Final = re.compile(
    r"(?<![A-Za-z0-9])([A-Z]{2})[0-9]{2}(?:([ -]?)[A-Z0-9]{4}(?:\2[A-Z0-9]{4}){2,6}"
    r"(?:\2[A-Z0-9]{1,3})?)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LONGEST: Final = 44
_IN_GROUPS: Final = 0.6
_APART: Final = re.compile("[ -]")

_SSN_WORDS: Final = (
    *("ssn", "ssns", "social security", "social security number", "soc sec"),
    *("sozialversicherungsnummer", "social insurance"),
)
_SSN: Final = (
    r"(?<![\w.+-])(?!000)[0-9]{3}"
    r"(?:-(?!00)[0-9]{2}-|\.(?!00)[0-9]{2}\.| (?!00)[0-9]{2} |(?!00)[0-9]{2})"
    r"(?!0000)[0-9]{4}(?![\w-]|\.[0-9])"
)
_SHAPED: Final = 0.5
_NAMED: Final = 0.6


def iban_rules(threshold: float) -> list[Rule]:
    """The rule for IBANs."""
    return [told("IBAN_CODE", _IBAN_START, ("iban", "ibans"), threshold, kind=_Ibans)]


def ssn_rules(threshold: float) -> list[Rule]:
    """The rules for social security numbers of the United States."""
    return [told("US_SSN", _SSN, _SSN_WORDS, threshold, kind=_Ssns)]


@dataclass(slots=True)
class _Ssns(Told):
    """What no word tells counts with dashes: of areas that are given out.

    And of any area where a word stands somewhere in the text, as the head of a list.
    """

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """As :meth:`Rule.find`."""
        for match in self.matches(text, start, end):
            score = self._score(text, match.start(), match.end(), around)
            if score >= self.threshold:
                yield Span(match.start(), match.end(), self.entity, score)

    def _score(self, text: str, start: int, end: int, around: Around) -> float:
        named = around.holds(self.context)
        told = self.told_at(text, start, end) if named else 0.0
        if told or text[start + 3] != "-":
            return told
        if named:
            return _NAMED
        return 0.0 if text[start] == "9" or text.startswith("666", start) else _SHAPED


@dataclass(slots=True)
class _Ibans(Told):
    """Goes on from an IBAN's start behind its cluster: letters among its groups end that."""

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """As :meth:`Rule.find`."""
        for begin in self.matches(text, start, end):
            match = _IBAN.match(text, begin.start(), begin.start() + _LONGEST)
            if match is None:
                continue
            grouped = match.group(2) and self._is_whole(match.group())
            score = _IN_GROUPS if grouped else 0.0
            if around.holds(self.context):
                score = max(score, self.told_at(text, match.start(), match.end()))
            if score >= self.threshold:
                yield Span(match.start(), match.end(), self.entity, score)

    @staticmethod
    def _is_whole(found: str) -> bool:
        return _LENGTHS.get(found[:2].upper()) == len(_APART.sub("", found))
