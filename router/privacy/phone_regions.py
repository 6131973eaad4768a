"""What libphonenumber's metadata says of numbers in a region, asked before the library itself.

A number is parsed in 40 µs and judged in as many; most digits in texts are told to be no number
in two. What these conditions let pass is decided by the library.
"""

from __future__ import annotations

import re
from re import _parser as parser  # type: ignore[attr-defined]  # what re itself is made of
from typing import TYPE_CHECKING, Any, Final

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

_HANDED_ON: Final = r"(\d{10,11})"
"""What Brazil's prefix pattern holds of the number itself."""


class Region:
    """A region as numbers without a country code are read in it."""

    __slots__ = (
        "_abroad",
        "_code",
        "_formats",
        "_lengths",
        "_most",
        "_name",
        "_numbers",
        "_prefix",
    )

    def __init__(self, name: str, metadata: Any) -> None:
        self._name = name
        patterns: set[str] = set()
        lengths: set[int] = set()
        for other in COUNTRY_CODE_TO_REGION_CODE[metadata.country_code]:
            for kind in _kinds(PhoneMetadata.metadata_for_region(other)):
                patterns.add("".join(kind.national_number_pattern.split()))
                lengths |= set(kind.possible_length)
        self._numbers = re.compile("|".join(f"(?:{pattern})" for pattern in sorted(patterns)))
        self._lengths = frozenset(lengths)
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
        if size in self._lengths and self._numbers.fullmatch(digits) and not self._lacks(digits):
            return True
        if not (digits.startswith(self._code) or self._prefix.match(digits)):
            return digits[:1] == "0" and self._abroad.match(digits) is not None
        for skipped in range(1, min(self._most, size) + 1):
            if size - skipped in self._lengths and self._numbers.fullmatch(digits, skipped):
                return True
        if size in self._lengths and self._numbers.fullmatch(digits):
            return True
        return self._abroad.match(digits) is not None

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
