"""A group of digits and punctuation as libphonenumber reads it: digits, plus sign, extension."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from phonenumbers import PhoneNumberMatcher
from phonenumbers import phonenumbermatcher as matcher
from phonenumbers import phonenumberutil as library

# Parts of the library; what Presidio is pinned to has them by these names.
_build: Final = library._build_national_number_for_parsing  # noqa: SLF001
_is_viable: Final = library._is_viable_phone_number  # noqa: SLF001
_without_extension: Final = library._maybe_strip_extension  # noqa: SLF001
_normalize: Final = library._normalize  # noqa: SLF001
_BRACKETS: Final = matcher._MATCHING_BRACKETS  # noqa: SLF001
_PAGES: Final = matcher._PUB_PAGES  # noqa: SLF001
_is_latin: Final = PhoneNumberMatcher._is_latin_letter  # noqa: SLF001
_is_symbol: Final = PhoneNumberMatcher._is_invalid_punctuation_symbol  # noqa: SLF001

_PLUS: Final = "+\uff0b"
MOST: Final = 40
"""Digits that are no number in any region, with all that may stand before one."""

_LEAST: Final = 3
_PLAIN: Final = re.compile(
    r"[()\[\]\uff08\uff09\uff3b\uff3d]?([+\uff0b]{0,2})[^+\uff0b#a-zA-Z~\uff5e\uff03;,\u0434\u00f3\uff45\uff49\uff58]*"
)
"""A group without letters and signs of extensions."""

_NOT_DIGITS: Final = re.compile("[^0-9]+")
_ANY_BRACKET: Final = re.compile(r"[()\[\]\uff08\uff09\uff3b\uff3d]")
_OPENS: Final = frozenset("([\uff08\uff3b+\uff0b")


class Reading(NamedTuple):
    """``digits``: the number's own; ``written``: all, an extension's too. ``plus``: before them.

    ``carrier``: an ``xx`` among them may stand for a carrier, which the library must judge.
    """

    digits: str
    written: str
    plus: bool
    carrier: bool


def read(group: str) -> Reading | None:
    """What the library reads in a group; None where it reads no number at all."""
    written = _NOT_DIGITS.sub("", group)
    if not _LEAST <= len(written) <= MOST:
        return None
    plain = _PLAIN.fullmatch(group)
    if plain is not None:
        return Reading(written, written, bool(plain.group(1)), carrier=False)
    number = _build(group)
    if not _is_viable(number):
        return None
    extension, number = _without_extension(number)
    folded = group.lower()
    carrier = "xx" in folded
    if not carrier and not _has_its_extension(folded, extension or None):
        return None
    return Reading(_normalize(number.lstrip(_PLUS)), written, number[:1] in _PLUS, carrier)


def _has_its_extension(group: str, extension: str | None) -> bool:
    """Whether each ``x`` but a last one stands right before the extension."""
    at = group.find("x")
    while 0 <= at < len(group) - 1:
        if _NOT_DIGITS.sub("", group[at:]) != extension:
            return False
        at = group.find("x", at + 1)
    return True


def stands_alone(text: str, group: str, at: int) -> bool:
    """Whether brackets close, and no letter or sign of money touches the group at ``text[at:]``."""
    if _ANY_BRACKET.search(group) is not None and (
        _BRACKETS.fullmatch(group) is None or _PAGES.search(group) is not None
    ):
        return False
    if at > 0 and group[0] not in _OPENS and _clings(text[at - 1]):
        return False
    end = at + len(group)
    return end == len(text) or not _clings(text[end])


def _clings(character: str) -> bool:
    if character.isascii():
        return character.isalpha() or character in "%$"
    return bool(_is_symbol(character) or _is_latin(character))
