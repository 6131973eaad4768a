"""Numbers that everyone reads as phones although libphonenumber knows no such number.

Area codes are assigned, exchanges are made up, extensions are written behind: what counts here is
the shape, North America's (``555-123-4567``), Nigeria's (``0803 123 4567``) and the international
one (``+`` and groups), or any groups of digits where a word says that they are a phone's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.around import Context
from router.privacy.find.extended.tables import header_over
from router.privacy.find.rules import Rule
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.privacy.find.around import Around

_LEFT: Final = r"(?<![\w.+-])(?<![0-9][ ])"
_RIGHT: Final = r"(?![\w-]|[.:/][0-9]| [0-9])"
_EXTENDED: Final = r"(?:x[0-9]{1,6})?"
_NORTH_AMERICAN: Final = (
    rf"{_LEFT}(?:1[-. ])?[2-9][0-9]{{2}}(?:-[0-9]{{3}}-|\.[0-9]{{3}}\.)[0-9]{{4}}"
    rf"{_EXTENDED}{_RIGHT}"
)
_NIGERIAN: Final = rf"{_LEFT}(?:0|234(?:[ -]?0)?[ -]?)[789][01](?:[ -]?[0-9]){{8}}{_RIGHT}"
_ANY: Final = (
    rf"{_LEFT}(?<!/)(?![0-9]{{0,13}}(?:[-. /][0-9]{{2,13}}){{0,6}}[-. /][0-9](?![0-9]))"
    r"[0-9]{2}(?:[-. /]?[0-9]){5,11}"
    rf"{_EXTENDED}(?!\w|[-.:/ ][0-9])"
)
_DATE: Final = re.compile(
    r"(?:19|20)[0-9]{2}([-./ ])[0-9]{1,2}\1[0-9]{1,2}"
    r"|[0-9]{1,2}([-./ ])[0-9]{1,2}\2(?:19|20)[0-9]{2}"
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
)

_SHAPED: Final = 0.5
_LED: Final = 1.0
"""With a plus sign, or its word before it: sure, whatever else its digits might be."""
_SAID: Final = 0.75
_WORD: Final = (
    r"(?:tele)?phone|phones|t[eé]l|mobile|mob|cell(?:ular)?|fax|whatsapp|hotline|helpline|sms|landline"
    r"|handy|tel[eé]fon[eo]?|t[eé]l[eé]phone|portable|m[oó]vil|cellulare|telem[oó]vel|celular"
    r"|kom[oó]rka|desk|office|direct|pager"
)
_VERB: Final = r"(?:call(?:ed|ing)?|dial(?:ed|led)?|ring|rang|text(?:ed)?|reach(?:ed)?|contact)"
_BEFORE: Final = regex.compile(
    rf"(?r)(?:(?<![^\W_])(?:{_WORD})(?:[ _-]?(?:number|numbers|num|nummer|no|nr|is))*"
    rf"|(?<!\w){_VERB}(?: (?:me|us|him|her|them|back|someone))?(?: (?:on|at|under))?"
    r"|(?<!\w)(?:answering|messages|sms|calls) (?:at|to|from|on)"
    r")[\s.:=#\"'>(*\]-]{0,6}+(?:\+[0-9]{0,3}+ ?)?",
    regex.IGNORECASE,
)
_BEHIND: Final = re.compile(
    r"[ -]{1,2}\(?(?:office|fax|mobile|cell|home|work|phone)\b", re.IGNORECASE
)
_HEADER: Final = re.compile(rf"(?<![^\W_])(?:{_WORD})(?![^\W_])", re.IGNORECASE)
_STEMS: Final = Context(
    (
        *("phone", "tel", "tél", "mob", "cell", "fax", "whatsapp", "line", "sms", "handy"),
        *("portable", "vil", "rka", "desk", "office", "direct", "pager", "call", "dial", "ring"),
        *("rang", "text", "reach", "contact", "answering", "messages", "home", "work"),
    )
)
_REACH: Final = 40

_EXTENSION: Final = re.compile(
    r",?[ ]?(?:x|ext\.?|extension|#)[ :.]{0,2}[0-9]{1,6}(?!\w)", re.IGNORECASE
)

_BRACKETED: Final = re.compile(
    r"(?<![\w.(])(?:\+?1[ .-]?)?\([0-9]{3}\)[ .-]?[0-9]{3}[ .-][0-9]{4}(?![0-9]|-[0-9])"
    r"|(?<![\w.])\((?!(?:19|20)[0-9]{2})[0-9]{2,4}\)"
    r"[ .-]?[0-9]{2,4}(?:[ .-][0-9]{2,4}){1,3}(?![0-9]|-[0-9])"
)
_INTERNATIONAL: Final = re.compile(
    r"(?<![\w+])\+[1-9][0-9]{0,2}(?:[ .-]?\([0-9]{1,4}\))?(?:[ ./-]?[0-9]{1,5}){2,6}"
    rf"{_EXTENDED}(?![\w-]|\.[0-9])"
)
_DIGIT: Final = re.compile("[0-9]")
_REPEATED: Final = re.compile(r"([0-9])\1{6}")
_FEWEST: Final = 10
_MOST: Final = 15
_FEWEST_APART: Final = 8

BRACKET_SIGN: Final = r"(?=[0-9]{2,4}\)[ .-]?[0-9]{2,4}[ .-][0-9])"
PLUS_SIGN: Final = r"(?=[1-9][0-9 ().-]{7})"


def phone_rules(threshold: float) -> list[Rule]:
    """The rules for phones that begin at a digit."""
    return [
        _rule(Shaped, _NORTH_AMERICAN, threshold),
        _rule(Shaped, _NIGERIAN, threshold),
        _rule(Called, _ANY, threshold),
    ]


def _rule(kind: type[Shaped], pattern: str, threshold: float) -> Rule:
    return kind(
        entity="PHONE_NUMBER",
        regex=pattern,
        score=_SHAPED,
        threshold=threshold,
        context=_STEMS,
        weak=False,
        matches=re.compile(pattern).finditer,
        validate=None,
        invalidate=None,
    )


@dataclass(slots=True)
class Shaped(Rule):
    """A phone by its shape; an extension behind it belongs to it."""

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """As :meth:`Rule.find`."""
        del around
        for match in self.matches(text, start, end):
            yield _phone(text, match.start(), match.end(), _SHAPED)


@dataclass(slots=True)
class Called(Shaped):
    """A phone by the word before it, behind it, or over its column."""

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """As :meth:`Rule.find`."""
        if not around.holds(self.context):
            return
        for match in self.matches(text, start, end):
            begin, behind = match.span()
            score = _called(text, begin, behind)
            if score and _DATE.fullmatch(match.group()) is None:
                yield _phone(text, begin, behind, score)


def _called(text: str, start: int, end: int) -> float:
    """The score that what stands around gives to ``text[start:end]``; 0: none."""
    if _BEFORE.match(text, max(0, start - _REACH), start) is not None:
        return _LED
    joined = text[end : end + 1] == "-"
    if (joined or not text[start:end].isdecimal()) and _BEHIND.match(text, end) is not None:
        return _SAID
    header = header_over(text, start, end)
    return _SAID if header and _HEADER.search(header) is not None else 0.0


def bracketed_phone(text: str, at: int) -> Iterator[Span]:
    """A phone whose first digit in brackets is at ``at``."""
    begin = next(
        (at - lead for lead in (4, 3, 2) if text[at - lead : at - 1] in ("+1 ", "+1", "1 ")), at - 1
    )
    match = _BRACKETED.match(text, begin) or _BRACKETED.match(text, at - 1)
    if match is None:
        return
    shaped = len(_DIGIT.findall(match.group())) >= _FEWEST
    if shaped or _called(text, *match.span()):
        yield _phone(text, match.start(), match.end(), _SHAPED)


def international_phone(text: str, at: int) -> Iterator[Span]:
    """A phone whose plus sign is before ``at``."""
    match = _INTERNATIONAL.match(text, at - 1)
    if match is None:
        return
    written = match.group()
    count = len(_DIGIT.findall(written.partition("x")[0]))
    fewest = _FEWEST if written[1:].isdecimal() else _FEWEST_APART
    if fewest <= count <= _MOST and _REPEATED.search(written) is None:
        yield _phone(text, match.start(), match.end(), _LED)


def _phone(text: str, start: int, end: int, score: float) -> Span:
    extension = _EXTENSION.match(text, end)
    return Span(start, end if extension is None else extension.end(), "PHONE_NUMBER", score)
