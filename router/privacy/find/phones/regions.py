"""Regions as numbers are read in them: digits become a country and its significant number.

The steps are those of libphonenumber's ``parse`` and ``is_valid_number``, taken on digits that are
already told from all that stands between them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import regex
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from router.privacy.find.phones.plans import Country, Plan, country

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_CODE: Final = 3
"""Digits of a country's code."""

_LEAST: Final = 2
_MOST: Final = 17
"""Digits of a significant number."""


class Region:
    """A region as numbers without a plus sign are read in it."""

    __slots__ = ("_abroad", "_country", "_least", "_most", "_plan", "_prefixed", "name")

    def __init__(self, name: str) -> None:
        metadata: Any = PhoneMetadata.metadata_for_region(name)
        self.name = name
        self._plan = Plan(metadata)
        self._country = country(metadata.country_code)
        self._abroad = re.compile(metadata.international_prefix)
        starts = (
            *(metadata.international_prefix, self._plan.code),
            *(self._plan.prefix, self._country.plan.prefix),
        )
        self._prefixed = frozenset(digit for digit in "0123456789" if _may_begin(starts, digit))
        self._least = min(self._country.lengths)
        # The country's code may be followed by the prefix, and that by itself once more.
        before = len(self._plan.code) + 2 * self._plan.longest_prefix
        self._most = max(self._country.lengths) + before

    def may_accept(self, first: str, size: int) -> bool:
        """Whether so many digits that begin with ``first`` could be valid here."""
        return first in self._prefixed or size in self._country.lengths

    def accepts(self, digits: str, written: str) -> bool:
        """Whether ``digits`` are valid here; ``written``: with those of an extension."""
        number, where = digits, self._country
        if digits[0] in self._prefixed:
            valid = self._with_code(digits)
            if valid is not None:
                return valid
            number = self._plan.significant(digits)
        if not _LEAST <= len(number) <= _MOST or not where.is_valid(number):
            return False
        return not where.needs_prefix(number) or where.plan.without_prefix(written)[1]

    def accepts_behind_plus(self, digits: str) -> bool:
        """Whether ``digits`` behind a plus sign that no country's code follows are valid here."""
        return bool(self._with_code(digits))

    def _with_code(self, digits: str) -> bool | None:
        """Whether a number behind a country's code is valid; None: no code is there to read."""
        prefix = self._abroad.match(digits)
        if prefix is not None and digits[prefix.end() : prefix.end() + 1] != "0":
            return bool(is_international(digits[prefix.end() :]))
        if not self._least <= len(digits) <= self._most:
            return False
        if not digits.startswith(self._plan.code):
            return None
        rest, _ = self._plan.without_prefix(digits[len(self._plan.code) :])
        return _is_valid(self._country, self._plan, rest) if self._has_code(digits, rest) else None

    def _has_code(self, digits: str, rest: str) -> bool:
        """Whether digits that begin as the country's code do begin with it, before ``rest``."""
        plan = self._plan
        return (not plan.is_number(digits) and plan.is_number(rest)) or plan.is_too_long(digits)


def is_international(digits: str) -> bool | None:
    """Whether ``digits`` are a country's code and a valid number of it; None: of no country."""
    if len(digits) <= _LEAST:
        return False
    if digits[0] == "0":
        return None
    for size in range(1, _LONGEST_CODE + 1):
        code = int(digits[:size])
        if code in COUNTRY_CODE_TO_REGION_CODE:
            where = country(code)
            return _is_valid(where, where.plan, digits[size:])
    return None


def _is_valid(where: Country, plan: Plan, digits: str) -> bool:
    if len(digits) < _LEAST:
        return False
    number = plan.significant(digits)
    return _LEAST <= len(number) <= _MOST and where.is_valid(number)


def _may_begin(patterns: Iterable[str], digit: str) -> bool:
    """Whether anything that one of ``patterns`` matches begins with ``digit``."""
    return any(regex.compile(one).match(digit, partial=True) is not None for one in patterns)
