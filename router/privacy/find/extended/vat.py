"""VAT numbers of the European Union: a country's prefix, its own shape, check digits where simple.

Shapes as the Commission's VIES lists them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from router.privacy.find.extended.checksums import luhn, mod_11_10, mod_97_10, weighted
from router.privacy.find.extended.told import Told, sure, told
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from router.privacy.find.around import Around
    from router.privacy.find.rules import Rule

_SHAPES: Final = {
    "AT": "U[0-9]{8}",
    "BE": "[01][0-9]{9}",
    "BG": "[0-9]{9,10}",
    "CY": "[0-9]{8}[A-Z]",
    "CZ": "[0-9]{8,10}",
    "DE": "[0-9]{9}",
    "DK": "[0-9]{8}",
    "EE": "10[0-9]{7}",
    "EL": "[0-9]{9}",
    "ES": "(?:[A-Z][0-9]{7}[A-Z0-9]|[0-9]{8}[A-Z])",
    "FI": "[0-9]{8}",
    "FR": "[0-9A-HJ-NP-Z]{2}[0-9]{9}",
    "GB": "(?:[0-9]{9}(?:[0-9]{3})?|GD[0-9]{3}|HA[0-9]{3})",
    "HR": "[0-9]{11}",
    "HU": "[0-9]{8}",
    "IE": "[0-9][0-9A-Z+*][0-9]{5}[A-Z]{1,2}",
    "IT": "[0-9]{11}",
    "LT": "(?:[0-9]{9}|[0-9]{12})",
    "LU": "[0-9]{8}",
    "LV": "[0-9]{11}",
    "MT": "[0-9]{8}",
    "NL": "[0-9]{9}B[0-9]{2}",
    "PL": "[0-9]{10}",
    "PT": "[0-9]{9}",
    "RO": "[0-9]{2,10}",
    "SE": "[0-9]{10}01",
    "SI": "[0-9]{8}",
    "SK": "[0-9]{10}",
    "XI": "[0-9]{9}",
}
_ANY: Final = re.compile("|".join(f"{country}{shape}" for country, shape in _SHAPES.items()))
_APART: Final = re.compile(r"[ .:-]")

_WORDS: Final = (
    *("vat", "vat id", "vat no", "vat number", "vat reg", "vatin", "ust", "ust id", "ustid"),
    *("ust idnr", "ustidnr", "umsatzsteuer", "mwst", "tva", "iva", "p.iva", "partita iva", "nif"),
    *("cif", "btw", "btw nummer", "moms", "momsnr", "nip", "ptu", "uid", "dph", "áfa", "fpa"),
    *("intracommunautaire", "umsatzsteuer identifikationsnummer", "tax id", "tax number"),
)
_LED: Final = r"[0-9](?:[ .-]?[0-9A-Z]){6,13}"
"""What of a number a cluster holds at least."""
_BEFORE: Final = 6
"""Characters before the first digit in which the country stands."""
_NUMBER: Final = re.compile(
    rf"(?<![\w-])(?:{'|'.join(_SHAPES)})[ .:-]?[0-9A-Z](?:[ .-]?[0-9A-Z]){{5,13}}(?![\w-])"
)
_BEHIND: Final = 16
_SURE: Final = 0.7


def _belgian(number: str) -> bool:
    return 97 - int(number[:8]) % 97 == int(number[8:])


def _french(number: str) -> bool:
    """The key in digits; the newer keys with letters are left unchecked."""
    key, siren = number[:2], number[2:]
    return luhn(siren) and (not key.isdigit() or (12 + 3 * int(siren)) % 97 == int(key))


def _polish(number: str) -> bool:
    return weighted(number, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(number[9])


def _portuguese(number: str) -> bool:
    rest = 11 - weighted(number, range(9, 1, -1)) % 11
    return (0 if rest > 9 else rest) == int(number[8])


def _austrian(number: str) -> bool:
    doubled = sum(int(digit) * 2 // 10 + int(digit) * 2 % 10 for digit in number[2:8:2])
    plain = sum(map(int, number[1:8:2]))
    return (96 - doubled - plain) % 10 == int(number[8])


def _dutch(number: str) -> bool:
    """A company's number modulo 11, or a person's own, checked as a whole with its country."""
    rest = weighted(number, range(9, 1, -1)) % 11
    return rest == int(number[8]) or mod_97_10("NL" + number)


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "AT": _austrian,
    "BE": _belgian,
    "DE": mod_11_10,
    "FR": _french,
    "HR": mod_11_10,
    "IT": luhn,
    "NL": _dutch,
    "PL": _polish,
    "PT": _portuguese,
}


def is_vat(text: str) -> bool:
    """Whether ``text`` has a member's prefix and shape, and what digits check it agree."""
    number = text.upper()
    check = _CHECKS.get(number[:2])
    return check is not None and _ANY.fullmatch(number) is not None and check(number[2:])


def vat_rules(threshold: float) -> list[Rule]:
    """The rules for VAT numbers: sure ones written in one word, and those that a word tells."""
    closed = "|".join(f"{country}{_SHAPES[country]}" for country in sorted(_CHECKS))
    return [
        sure("VAT_NUMBER", rf"(?<![\w-])(?:{closed})(?![\w-])", _SURE, threshold, is_vat),
        told("VAT_NUMBER", _LED, _WORDS, threshold, kind=_Led),
    ]


@dataclass(slots=True)
class _Led(Told):
    """A number that its country leads, at a distance or not, and that groups may part."""

    def find(self, text: str, start: int, end: int, around: Around) -> Iterator[Span]:
        """As :meth:`Rule.find`; goes on behind a cluster where letters follow."""
        if not around.holds(self.context):
            return
        begin = max(0, start - _BEFORE)
        for match in _NUMBER.finditer(text, begin, end + _BEHIND):
            found = match.group()
            score = self.told_at(text, match.start(), match.end())
            if score >= self.threshold and _ANY.fullmatch(_APART.sub("", found)) is not None:
                yield Span(match.start(), match.end(), self.entity, score)
