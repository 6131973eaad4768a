"""Streets whose house number stands behind their name, as the continent writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

UPPER: Final = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚŁŃŇŐŒŔŘŚŞŠŢŤŮŰŹŻŽΆ-Ώ-ΫА-Я"
NAME: Final = rf"[{UPPER}][\w'\u2019.-]{{0,24}}"
UNIT: Final = (
    r"(?:(?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|Flat|Room|Rm|Bldg|Building)\.?(?: ?#)? ?|# ?)"
    r"[0-9A-Z]{1,6}(?!\w)"
)
NEXT: Final = r"(?:,? ?\n[>? \t]{0,8}|, ?| )"
"""Between the parts of an address: a comma, a blank, or a new line, quoted or not."""

TOWN: Final = rf"[{UPPER}][\w'\u2019-]{{0,24}}"
CITY: Final = rf"(?:(?:St|Mt|Ft)\. )?{TOWN}(?: {TOWN}){{0,2}}"

REACH: Final = 56
"""Characters before a number in which its street begins."""

LEADS: Final = frozenset(
    {
        *("calle", "avenida", "avda", "avda.", "plaza", "paseo", "rua", "travessa", "praça", "ul."),
        *("ulica", "aleja", "viale", "piazza", "corso", "via", "rue", "rúa", "avenue", "c/"),
    }
)
_LED: Final = regex.compile(
    rf"(?r)(?<!\w)(?:[Cc]alle|C/|[Aa]venida|[Aa]vda\.?|[Pp]laza|[Pp]aseo|[Rr]ua|[Tt]ravessa|[Pp]raça"
    rf"|ul\.|[Uu]lica|[Aa]leja|[Vv]iale|[Pp]iazza|[Cc]orso|Via|[Rr]ue|[Rr]úa|[Aa]venue) ?"
    rf"(?:d[aeiou]s? |del |de la |de los |della |delle |dei |d')?{NAME}"
    rf"(?: (?:d[aeiou]s? |e |y )?{NAME}){{0,3}},? (?:n[º°]?\.? ?)?"
)
"""A word that leads a street's name, and the name; read from its end."""

ENDS: Final = (
    *("straße", "strasse", "straat", "gasse", "laan", "gatan", "vägen", "vej", "gade", "veien"),
    *("vegen", "platz", "allee", "weg", "gracht", "damm", "ufer", "stien", "bakken", "backen"),
    *("stræde", "braut", "brautin", "str.", "tie", "katu", "plein", "vænget"),
)
"""How names of streets end that are one word, in German and its neighbours."""

_APART: Final = frozenset({"straße", "strasse", "str.", "platz", "allee", "weg"})
_COMPOUND: Final = regex.compile(rf"(?r)(?<!\w)(?:{NAME}[ -]){{0,2}}[{UPPER}][\w-]{{0,28}}\.? ")
_SHORTEST: Final = 7
"""Characters that a street's one word has at least: ``Norway 5`` is none."""

SURE: Final = 0.75
_HOUSE: Final = re.compile(
    r"[0-9]{1,5} ?(?:[a-z](?!\w))?(?:[-/][0-9]{1,4}[a-z]?)?(?![\w%€$]|[.,:][0-9])"
)
_CONTINENTAL_TAIL: Final = re.compile(
    rf"(?:{NEXT}{UNIT}){{0,2}}(?:,? ?\n? ?(?:[A-Z]{{1,2}}-)?[0-9]{{2}}-?[0-9]{{2,3}} {CITY})?"
)
_BEFORE_LED: Final = regex.compile(r"(?r)(?<![\w.,:/$€£#-])[0-9]{1,6},? ")


_BLANKS: Final = str.maketrans("\"'>(*", "     ")


def house_behind(text: str, at: int, word: str) -> Iterator[Span]:
    """The address whose house's number is at ``at``, behind ``word`` in lower case."""
    low = max(0, at - REACH)
    lead = _lead(text, low, at, word)
    house = None if lead is None else _HOUSE.match(text, at)
    if lead is None or house is None:
        return
    start = lead.start()
    before = _BEFORE_LED.match(text, max(0, start - 8), start)
    tail = _CONTINENTAL_TAIL.match(text, house.end())
    yield Span(
        start if before is None else before.start(),
        house.end() if tail is None else tail.end(),
        "STREET_ADDRESS",
        SURE,
    )


def _lead(text: str, low: int, at: int, word: str) -> regex.Match[str] | None:
    if word.endswith(ENDS) and (len(word) >= _SHORTEST or word in _APART):
        return _COMPOUND.match(text, low, at)
    before = text[low:at].translate(_BLANKS)
    if LEADS.isdisjoint(before.lower().split()) and "C/" not in before:
        return None
    return _LED.match(text, low, at)
