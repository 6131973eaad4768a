"""Check digits, by the standards' own rules; arguments are plain digits and capitals."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIHEDRAL: Final = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
"""The multiplication of the dihedral group of order ten."""

_PERMUTED: Final = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)

_DOUBLED: Final = str.maketrans("0123456789", "0246813579")
"""Each digit to the sum of the digits of twice it."""


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: payment cards, Italian VAT numbers."""
    doubled = digits[-2::-2].translate(_DOUBLED)
    return sum(map(int, digits[::-2] + doubled)) % 10 == 0


def verhoeff(digits: str) -> bool:
    """Verhoeff's scheme of 1969: Aadhaar."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        check = int(_DIHEDRAL[check][int(_PERMUTED[position % 8][int(digit)])])
    return check == 0


def mod_11_10(digits: str) -> bool:
    """ISO 7064, MOD 11,10: German tax numbers."""

    def step(product: int, digit: str) -> int:
        return ((product + int(digit)) % 10 or 10) * 2 % 11

    return (reduce(step, digits[:-1], 10) + int(digits[-1])) % 10 == 1


def mod_97_10(text: str) -> bool:
    """ISO 7064, MOD 97-10: an IBAN whose first four characters were moved behind."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97 == 1


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of ``digits`` times ``weights``, as far as both go."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
