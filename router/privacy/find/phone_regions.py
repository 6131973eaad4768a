"""What libphonenumber's metadata says of numbers in a region, asked before the library itself.

A number is parsed in 40 µs and judged in as many; most digits in texts are told to be no number
in two. What these conditions let pass is decided by the library.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _parser as parser  # type: ignore[attr-defined]  # what re itself is made of
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumberMatcher,
    region_code_for_country_code,
)
from phonenumbers.phonenumberutil import (
    _formatting_rule_has_first_group_only as _first_group_only,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KINDS: Final = (
    *("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan"),
    *("voicemail", "fixed_line", "mobile"),
)
"""The kinds of numbers there are; what is of none of them is not valid."""

_LONGEST_CODE: Final = 3
_LONGEST_PREFIX: Final = 6
"""Digits of a country's code, and of the prefixes of trunks and carriers."""

_HANDED_ON: Final = r"(\d{10,11})"
"""What Brazil's prefix pattern holds of the number itself."""


class Region:
    """A region as numbers without a country code are read in it."""

    __slots__ = (
        "_abroad",
        "_code",
        "_formats",
        "_most",
        "_name",
        "_numbers",
        "_prefix",
    )

    def __init__(self, name: str, metadata: Any) -> None:
        self._name = name
        self._numbers = _numbers_of(metadata.country_code)
        self._abroad = re.compile(metadata.international_prefix)
        self._code = str(metadata.country_code)
        self._prefix = re.compile(metadata.national_prefix_for_parsing or r"(?!)")
        main: Any = PhoneMetadata.metadata_for_region(
            region_code_for_country_code(metadata.country_code)
        )
        self._formats = [_Format(one) for one in main.number_format]
        # The country's code may be followed by the prefix, and that by itself once more.
        prefix = _longest(metadata.national_prefix_for_parsing)
        self._most = len(self._code) + 2 * prefix

    def may_accept(self, digits: str) -> bool:
        """Whether digits could be a number here; errs on this side only.

        Before the number may stand the country's code and the prefix of trunk and carrier; where
        neither does, its way of writing must do without.
        """
        size = len(digits)
        if self._is_number(digits, 0) and not self._lacks(digits):
            return True
        if not (digits.startswith(self._code) or self._prefix.match(digits)):
            return self._dials_abroad(digits)
        for skipped in range(1, min(self._most, size) + 1):
            if self._is_number(digits, skipped):
                return True
        return self._is_number(digits, 0) or self._dials_abroad(digits)

    def _is_number(self, digits: str, start: int) -> bool:
        return _is_one_of(self._numbers, digits, start)

    def _dials_abroad(self, digits: str) -> bool:
        prefix = self._abroad.match(digits) if digits[:1] == "0" else None
        return prefix is not None and may_be_international(digits[prefix.end() :])

    def _lacks(self, number: str) -> bool:
        """Whether the number is written with the prefix of the trunk, always."""
        for form in self._formats:
            if form.fits(number):
                return form.needs_prefix
        return False

    def accepts(self, matcher: PhoneNumberMatcher, group: str, offset: int) -> bool:
        """Whether the library takes the group for a valid number here."""
        matcher.preferred_region = self._name
        return matcher._parse_and_verify(group, offset) is not None  # noqa: SLF001


_Numbers: TypeAlias = "dict[int, re.Pattern[str]]"
"""How a country's numbers look, by how long they are."""


@lru_cache(None)  # as many as there are countries
def _numbers_of(code: int) -> _Numbers:
    patterns: dict[int, set[str]] = {}
    for region in COUNTRY_CODE_TO_REGION_CODE[code]:
        for kind in _kinds(PhoneMetadata.metadata_for_region_or_calling_code(code, region)):
            pattern = "".join(kind.national_number_pattern.split())
            for length in kind.possible_length:
                patterns.setdefault(length, set()).add(f"(?:{pattern})")
    return {length: re.compile("|".join(sorted(some))) for length, some in patterns.items()}


def _is_one_of(numbers: _Numbers, digits: str, start: int) -> bool:
    pattern = numbers.get(len(digits) - start)
    return pattern is not None and pattern.fullmatch(digits, start) is not None


def may_be_international(digits: str) -> bool:
    """Whether digits could begin with a country's code and go on as its number; errs as above."""
    for size in range(1, _LONGEST_CODE + 1):
        code = int(digits[:size] or 0)
        if code in COUNTRY_CODE_TO_REGION_CODE:
            # Behind the code some write the prefix of the trunk all the same: +44 (0)20 …
            behind = range(size, size + _LONGEST_PREFIX + 1)
            return any(_is_one_of(_numbers_of(code), digits, start) for start in behind)
    return False


class _Format:
    """A way of writing numbers, as ``_is_national_prefix_present_if_required`` asks for it."""

    __slots__ = ("_begins", "_pattern", "needs_prefix")

    def __init__(self, form: Any) -> None:
        self._begins = (
            re.compile(form.leading_digits_pattern[-1]) if form.leading_digits_pattern else None
        )
        self._pattern = re.compile(form.pattern)
        rule = form.national_prefix_formatting_rule
        optional = form.national_prefix_optional_when_formatting
        self.needs_prefix = bool(rule) and not optional and not _first_group_only(rule)

    def fits(self, number: str) -> bool:
        """Whether the number is written so."""
        if self._begins is not None and self._begins.match(number) is None:
            return False
        return self._pattern.fullmatch(number) is not None


def _kinds(metadata: Any) -> Iterator[Any]:
    """How numbers of each kind look."""
    for kind in _KINDS:
        description = getattr(metadata, kind)
        if description is not None and description.national_number_pattern:
            yield description


def _longest(pattern: str | None) -> int:
    """The most characters a prefix takes, whatever of the number the pattern hands on."""
    if not pattern:
        return 0
    tree = parser.parse(pattern.replace(_HANDED_ON, ""))
    return int(tree.getwidth()[1])


def distinct(regions: Iterable[str]) -> Iterator[Region]:
    """Of regions that read every number alike (US and CA) the first."""
    seen: set[tuple[Any, ...]] = set()
    for name in regions:
        metadata: Any = PhoneMetadata.metadata_for_region(name)
        reading = (
            metadata.country_code,
            metadata.international_prefix,
            metadata.national_prefix_for_parsing,
            metadata.national_prefix_transform_rule,
        )
        if reading not in seen:
            seen.add(reading)
            yield Region(name, metadata)
