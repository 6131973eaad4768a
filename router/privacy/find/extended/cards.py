"""Payment cards of 12 to 19 digits, by ISO/IEC 7812: their issuer's range and the check digit.

Digits written in groups are sure with both. A bare run needs a word beside it as well (one in ten
runs has the check digit by chance), but for ranges that hold neither times nor counters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from router.privacy.find.extended.checksums import luhn
from router.privacy.find.extended.told import Told, sure, told
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.privacy.find.around import Around
    from router.privacy.find.rules import Rule

_ISSUERS: Final = (
    *((f"{prefix}", (15,)) for prefix in (34, 37, 2131, 1800)),  # American Express, early JCB
    ("4", (13, 16, 19)),  # Visa
    *((f"{prefix}", (16,)) for prefix in range(51, 56)),  # Mastercard
    *((f"{prefix}", (16,)) for prefix in range(2221, 2721)),  # Mastercard since 2017
    *((f"{prefix}", tuple(range(16, 20))) for prefix in range(2200, 2205)),  # Mir
    *((f"{prefix}", (14, 16)) for prefix in (*range(300, 306), 309, 36, 38, 39)),  # Diners Club
    *((f"{prefix}", tuple(range(16, 20))) for prefix in range(3528, 3590)),  # JCB
    *((f"{prefix}", tuple(range(16, 20))) for prefix in (6011, *range(644, 650), 65)),  # Discover
    *((f"{prefix}", tuple(range(16, 20))) for prefix in (60, 62, 81, 82, 9792)),  # UnionPay, RuPay
    *((f"{prefix}", tuple(range(12, 20))) for prefix in (50, 56, 57, 58, 6)),  # Maestro, Verve
)
_PREFIXES: Final = dict(_ISSUERS)
_LONGEST_PREFIX: Final = 4

_NOT_DIGIT: Final = re.compile("[^0-9]+")
_LEFT: Final = r"(?<![\w.-])(?<![0-9][ ])(?<![0-9][0-9A-F]{3}[ ])"
_RIGHT: Final = r"(?![\w-]|\.[0-9])"
_IN_GROUPS: Final = (
    rf"{_LEFT}[0-9]{{4}}(?:(?: [0-9]{{4}}){{2}} [0-9]{{1,4}}(?: [0-9]{{3}})?"
    r"|(?:-[0-9]{4}){2}-[0-9]{1,4}(?:-[0-9]{3})?"
    rf"|(?: [0-9]{{6}} |-[0-9]{{6}}-)[0-9]{{4,5}}){_RIGHT}(?! [0-9A-F]{{4}} [0-9A-F]{{4}})"
)
"""But not within a table of numbers in fours."""

_MISTYPED: Final = (
    rf"{_LEFT}[2-6][0-9]{{3}}(?:(?: [0-9]{{4}}){{3}}|(?:-[0-9]{{4}}){{3}}|[0-9]{{12}}"
    rf"| [0-9]{{6}} [0-9]{{5}}|-[0-9]{{6}}-[0-9]{{5}}){_RIGHT}"
)
"""What only a word tells, as its check digit fails: four groups of four, or three of 4, 6, 5."""

_SPACED: Final = re.compile(
    r"(?<![\w.-])[0-9]{4}([\t\u00a0\u2009\u202f])[0-9]{4}\1[0-9]{4}\1[0-9]{1,4}(?:\1[0-9]{3})?"
    r"(?![\w-])"
)
_BARE: Final = rf"{_LEFT}[0-9]{{12,19}}{_RIGHT}"
_SURE_ALONE: Final = (
    rf"{_LEFT}2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{{2}}|7[01][0-9]|720)[0-9]{{12}}{_RIGHT}"
)

_WORDS: Final = (
    *("card", "cards", "cc", "ccn", "visa", "mastercard", "maestro", "amex", "american express"),
    *("diners", "discover", "jcb", "unionpay", "verve", "rupay", "credit", "debit", "cardnumber"),
    *("creditcard", "kreditkarte", "karte", "kartennummer", "tarjeta", "carte", "carta", "karta"),
    *("karty", "cartão", "cartao"),
)
_SURE_WORDS: Final = (
    *("card number", "card no", "credit card", "debit card", "creditcard", "visa", "mastercard"),
    *("amex", "american express", "cc number", "kreditkarte", "kartennummer", "cardnumber", "pan"),
)
_BEHIND: Final = re.compile(
    r"[^\n0-9]{0,24}?\b(?:card|visa|mastercard|amex|maestro)\b", re.IGNORECASE
)
_SURE: Final = 1.0

SPACED_SIGN: Final = r"[0-9](?=[0-9]{2}[\t\u00a0\u2009\u202f][0-9]{4}[\t\u00a0\u2009\u202f])"
"""Behind a digit: the first of a card whose groups are apart by what no cluster holds."""


def is_card(text: str) -> bool:
    """Whether the digits in ``text`` are in an issuer's range and their last one checks them."""
    digits = text.replace(" ", "").replace("-", "")
    if not digits.isdecimal():
        digits = _NOT_DIGIT.sub("", digits)
    for size in range(_LONGEST_PREFIX, 0, -1):
        if len(digits) in _PREFIXES.get(digits[:size], ()):
            return luhn(digits)
    return False


def card_rules(threshold: float) -> list[Rule]:
    """The rules for cards."""
    return [
        sure("CREDIT_CARD", _IN_GROUPS, _SURE, threshold, is_card),
        sure("CREDIT_CARD", _SURE_ALONE, _SURE, threshold, is_card),
        told("CREDIT_CARD", _BARE, _WORDS, threshold, is_card, kind=BareCards),
        told("CREDIT_CARD", _MISTYPED, _SURE_WORDS, threshold),
    ]


@dataclass(slots=True)
class BareCards(Told):
    """Digits in a row; the word may also stand behind them."""

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """As :meth:`Rule.find`."""
        if not around.holds(self.context):
            return
        for match in self.matches(text, start, end):
            if not is_card(match.group()):
                continue
            if self.told_at(text, match.start(), match.end()) or _BEHIND.match(text, match.end()):
                yield Span(match.start(), match.end(), self.entity, _SURE)


def spaced_card(text: str, at: int) -> Iterator[Span]:
    """A card in groups apart by tabulators or fixed blanks, whose first digit is at ``at``."""
    match = _SPACED.match(text, at)
    if match is not None and is_card(match.group()):
        yield Span(match.start(), match.end(), "CREDIT_CARD", _SURE)
