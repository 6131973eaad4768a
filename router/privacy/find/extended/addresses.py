"""Street addresses: a number and a street's name as maps write them, with unit, city and code.

Found from the house's number, or where it stands behind, from the street's own word. What could be
anything (``12 Main``) counts only behind words like ``lives at``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.extended.streets import (
    CITY,
    NAME,
    NEXT,
    REACH,
    SURE,
    TOWN,
    UNIT,
    UPPER,
    house_behind,
)
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: Final = (
    r"(?:(?:Street|Avenue|Road|Boulevard|Lane|Drive|Court|Circle|Terrace|Parkway|Highway|Crescent"
    r"|Close|Way|Place|Square|Trail|Alley|Plaza|Mews|Gardens|Grove|Expressway|Turnpike|Crossing"
    r"|Quay|Broadway|STREET|AVENUE|ROAD|LANE|DRIVE|COURT|WAY)(?!\w)"
    r"|(?:St|Ave|Rd|Blvd|Ln|Dr|Ct|Cir|Ter|Pkwy|Hwy|Cres|Pl|Sq|Trl|Gdns|ST|AVE|RD|BLVD|DR)(?!\w)"
    r"\.?)"
)
_STATES: Final = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    r"|T[NX]|UT|V[AT]|W[AIVY]|PR|A[AEP])"
)
_ZIP: Final = rf"{_STATES}(?:(?:,? {{1,2}}|\n)[0-9]{{5}}(?:-[0-9]{{4}})?(?![0-9-])|(?!\w))"
_POSTCODE: Final = (
    r"(?:[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}|[A-Z]{2},? [A-Z][0-9][A-Z] ?[0-9][A-Z][0-9])(?!\w)"
)
"""Britain's, and Canada's with its province."""

_TAIL: Final = (
    rf"(?: [NSEW][EW]?(?!\w))?(?:{NEXT}{UNIT}){{0,2}}"
    rf"(?:{NEXT}{CITY}(?:{NEXT}{CITY})?{NEXT}(?:{_ZIP}|{_POSTCODE}))?"
)
_NUMBER: Final = (
    r"(?<![\w.,:/$€£#-])(?!(?:19|20)[0-9]{2}-)[0-9]{1,6}(?:[A-Za-z]|-[0-9]{1,5}|/[0-9]{1,3})?"
)

_NUMBERED: Final = re.compile(
    rf"{_NUMBER},? (?:[0-9]{{1,5}} )?(?:[NSEW]{{1,2}}\.? |North |South |East |West |Old |Rua )?"
    rf"(?:(?:{NAME}|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,4}}?{_TYPES}{_TAIL}"
)
_FULL: Final = re.compile(
    rf"{_NUMBER},? {NAME}(?: {NAME}){{0,3}}(?: [0-9]{{1,5}})?(?:(?:{NEXT}{UNIT}){{1,2}}"
    rf"(?:{NEXT}{CITY}{NEXT}(?:{_ZIP}|{_POSTCODE}))?"
    rf"|{NEXT}{CITY}(?:{NEXT}{CITY})?{NEXT}{_STATES},? {{1,2}}[0-9]{{5}}(?:-[0-9]{{4}})?(?![0-9-]))"
)
"""A name that says nothing itself, but a flat or a city with its code follows."""

_FRENCH: Final = re.compile(
    rf"{_NUMBER}(?: (?:bis|ter))?,? (?:rue|avenue|boulevard|bd|chemin|place|allée|quai|impasse"
    rf"|cours|route|Rue|Avenue|Boulevard|Chemin|Allée|Quai|Impasse) (?:d[eu]s? |de la |d'|de l'"
    rf"|l[ae]s? )?{TOWN}(?: (?:d[eu]s? |de la |et )?{TOWN}){{0,3}}"
    rf"(?:,? [0-9]{{5}} {CITY})?"
)
_TOLD: Final = re.compile(
    rf"[0-9]{{1,6}}[A-Za-z]?,? (?:[0-9]{{1,5}} )?(?:(?:ul|al|C|Av|Avda)\.? |C/ ?)?"
    rf"{NAME}(?: (?:d[aeiou]s? |de la )?{NAME}){{0,3}}(?: [0-9]{{1,5}}[a-z]?\b\.?)?{_TAIL}"
)
_TELLS: Final = regex.compile(
    r"(?r)(?:(?<!\w)address(?:es)?(?: is| of [\w .]{1,30} is)?"
    r"|(?:lives?|living|resid(?:es?|ing)|stays?|located|arrived|moved|sent?|send|ship(?:ped)?"
    r"|deliver(?:ed)?|return(?:ed)?|office is|home is"
    r"|meet (?:you|me)) (?:it )?(?:at|to|in|on)|(?:adresse|dirección|direccion|indirizzo|endereço"
    r"|adres|anschrift|domicilio|wohnhaft)(?: is)?)[\s:=\"'>]{1,12}",
    regex.IGNORECASE,
)
"""What says that an address follows; read from its end."""

_BOX: Final = regex.compile(
    r"(?r)(?:P\.? ?O\.? ?Box|PO BOX|P\.O\. BOX|Post Office Box|Postfach|PSC [0-9]{1,5},? Box"
    r"|Unit [0-9]{1,5},? Box) ",
    regex.IGNORECASE,
)
_BOXED: Final = re.compile(
    rf"[0-9]{{1,6}}(?!\w)(?:{NEXT}(?:[AFD]PO|{CITY}),? {_ZIP})?", re.IGNORECASE
)
_BEFORE_UNIT: Final = regex.compile(
    rf"(?r)(?<![\w.,:/$€£#-])(?:[0-9]{{1,6}} )?{NAME}(?: {NAME}){{0,3}} "
    r"[0-9]{1,5}[a-z]?[,\s>]{1,8}"
)
_SHIPPED: Final = re.compile(r"[AFD]PO,? A[AEP] [0-9]{5}(?![0-9-])", re.IGNORECASE)
_ABROAD: Final = frozenset({"aa", "ae", "ap"})
_APO: Final = 7
"""Characters of a military post office's name before its code."""

UNITS: Final = frozenset({"apt", "apt.", "suite", "ste."})
_UNIT_NUMBER: Final = re.compile(r"[0-9]{1,5}[A-Z]?(?!\w)")
_TELLING: Final = frozenset(
    {
        *("at", "to", "in", "on", "is", "address", "addresses", "adresse", "anschrift", "wohnhaft"),
        *("dirección", "direccion", "indirizzo", "endereço", "adres", "domicilio"),
    }
)
"""What the word before an address must be for ``_TELLS`` to be looked for."""

_LAST_WORD: Final = regex.compile(r"(?r)([\w./-]+)[ #:=\"'>\n\t]+")
_LONGEST_WORD: Final = 40
_LIKELY: Final = 0.55

AHEAD_SIGN: Final = (
    r"(?<![\w.,:/$€£#-][0-9])"
    rf"(?=[0-9]{{0,5}}(?:[A-Za-z]|[-/][0-9]{{1,5}})?,? (?:[0-9]{{1,5}} )?"
    rf"(?:[{UPPER}]|[0-9]{{1,3}}[nrst]"
    r"|(?:bis |ter )?(?:rue|avenue|boulevard|bd|chemin|place|all|quai|impasse|cours|route) ))"
)
"""Behind the first digit of a number: a name follows."""

SIGN: Final = (
    rf"(?:{AHEAD_SIGN}"
    r"|(?<![\w.,:/$€£#-][0-9])(?:(?<=[^\W\d_] [0-9])|(?<=[.º/#,:\n][ \n][0-9]))"
    r"(?=[0-9]{0,4}(?:[a-z](?!\w)|(?![\w:%]|[./, ][0-9]|-[0-9]+-))))"
)
"""Behind the first digit of a number: a name follows, or a word stands before."""


def addresses(text: str, at: int) -> Iterator[Span]:
    """The addresses whose first number, or whose house, has its first digit at ``at``."""
    match = _NUMBERED.match(text, at) or _FULL.match(text, at) or _FRENCH.match(text, at)
    word = _word_before(text, at)
    if match is None and word.lower() in _TELLING:
        told = _TELLS.match(text, max(0, at - REACH), at)
        match = None if told is None else _TOLD.match(text, at)
    if match is not None:
        yield Span(match.start(), match.end(), "STREET_ADDRESS", SURE)
    elif word[:1].isupper() or word.lower() in UNITS:
        yield from _behind(text, at, word)


def _word_before(text: str, at: int) -> str:
    """The last word before ``at``; "" where there is none near."""
    word = _LAST_WORD.match(text, max(0, at - _LONGEST_WORD), at)
    return "" if word is None else word[1]


def _behind(text: str, at: int, word: str) -> Iterator[Span]:
    """What ends with a number: a house's behind its street, a box, a flat."""
    folded = word.lower()
    if folded == "box":
        yield from _box(text, at)
    elif folded in UNITS:
        yield from _unit(text, at, text.rfind(word, 0, at))
    elif folded in _ABROAD and (shipped := _SHIPPED.match(text, max(0, at - _APO))) is not None:
        yield Span(shipped.start(), shipped.end(), "STREET_ADDRESS", _LIKELY)
    else:
        yield from house_behind(text, at, folded)


def _unit(text: str, at: int, start: int) -> Iterator[Span]:
    """A flat at ``start``; with what stands before it, if that ends with a house's number."""
    number = _UNIT_NUMBER.match(text, at)
    if number is not None:
        house = _BEFORE_UNIT.match(text, max(0, start - REACH), start)
        begin = start if house is None else house.start()
        yield Span(begin, number.end(), "STREET_ADDRESS", _LIKELY)


def _box(text: str, at: int) -> Iterator[Span]:
    box = _BOX.match(text, max(0, at - 24), at)
    boxed = _BOXED.match(text, at)
    if box is not None and boxed is not None:
        yield Span(box.start(), boxed.end(), "STREET_ADDRESS", SURE)
