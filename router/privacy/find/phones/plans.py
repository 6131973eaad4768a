"""The numbering plans of libphonenumber's metadata, compiled for judging digits alone.

What the library does with objects and strings anew for each number, these do with patterns made
once a country. Their answers are the library's: tests hold them against it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _parser as parser  # type: ignore[attr-defined]  # what re itself is made of
from typing import TYPE_CHECKING, Any, Final

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    region_code_for_country_code,
)
from phonenumbers.phonenumberutil import (
    _formatting_rule_has_first_group_only as _first_group_only,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_KINDS: Final = (
    *("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan"),
    *("voicemail", "fixed_line", "mobile"),
)
"""The kinds of numbers there are; what is of none of them is not valid."""

_HANDED_ON: Final = r"(\d{10,11})"
"""What Brazil's prefix pattern holds of the number itself."""

_NEVER: Final = re.compile("(?!)")


class Plan:
    """How numbers are written in one region: the prefix of its trunk, and what may follow."""

    __slots__ = (
        *("_general", "_lengths", "_local", "_prefix", "_transform"),
        *("code", "longest_prefix", "prefix"),
    )

    def __init__(self, metadata: Any) -> None:
        self.code = str(metadata.country_code)
        general = metadata.general_desc
        self._general = _compiled(general)
        self._lengths = general.possible_length
        self._local = general.possible_length_local_only
        self.prefix = metadata.national_prefix_for_parsing or _NEVER.pattern
        self._prefix = re.compile(self.prefix)
        self._transform = metadata.national_prefix_transform_rule
        self.longest_prefix = _longest(metadata.national_prefix_for_parsing)

    def is_number(self, digits: str) -> bool:
        """Whether digits look like a number here, whatever their length."""
        return self._general.fullmatch(digits) is not None

    def is_too_long(self, digits: str) -> bool:
        """Whether no number here has so many digits."""
        return len(digits) not in self._local and len(digits) > self._lengths[-1]

    def without_prefix(self, digits: str) -> tuple[str, bool]:
        """Digits without the prefix of trunk and carrier, and whether there was one."""
        match = self._prefix.match(digits)
        if match is None or not digits:
            return digits, False
        if self._transform and match.groups()[-1] is not None:
            rest = match.expand(self._transform) + digits[match.end() :]
        else:
            rest = digits[match.end() :]
        if self.is_number(digits) and not self.is_number(rest):
            return digits, False
        return rest, True

    def significant(self, digits: str) -> str:
        """The significant number: without the prefix, where what is left is long enough."""
        rest, had = self.without_prefix(digits)
        if not had:
            return digits
        size = len(rest)
        if size in self._local:
            return digits
        return rest if size in self._lengths or size > self._lengths[-1] else digits


class Country:
    """The numbers behind one country code: which are valid, and how they are written."""

    __slots__ = ("_any", "_formats", "_regions", "plan")

    def __init__(self, code: int) -> None:
        names = COUNTRY_CODE_TO_REGION_CODE[code]
        some = [PhoneMetadata.metadata_for_region_or_calling_code(code, name) for name in names]
        self._regions = [_Numbers(one, alone=len(some) == 1) for one in some]
        self._any = _any_of(self._regions)
        self.plan = Plan(some[0])
        main: Any = PhoneMetadata.metadata_for_region(region_code_for_country_code(code))
        self._formats = [] if main is None else [_Format(one) for one in main.number_format]

    def is_valid(self, number: str) -> bool:
        """Whether a significant number is one of some kind."""
        anywhere = self._any.get(len(number))
        if anywhere is None or anywhere.fullmatch(number) is None:
            return False
        for region in self._regions:
            if region.leading is not None:
                if region.leading.match(number) is not None:
                    return region.holds(number)
            elif region.holds(number):
                return True
        return False

    @property
    def lengths(self) -> Collection[int]:
        """How many digits a valid number may have."""
        return self._any

    def needs_prefix(self, number: str) -> bool:
        """Whether within the country the number is written with the prefix of the trunk, always."""
        for form in self._formats:
            if form.fits(number):
                return form.needs_prefix
        return False


@lru_cache(None)  # as many as there are countries
def country(code: int) -> Country:
    """The numbers of a country that there is."""
    return Country(code)


class _Numbers:
    """The numbers of one region by their length. ``leading``: digits that only this region has."""

    __slots__ = ("by_length", "leading")

    def __init__(self, metadata: Any, *, alone: bool) -> None:
        self.leading = (
            None
            if alone or metadata.leading_digits is None
            else re.compile(metadata.leading_digits)
        )
        general = metadata.general_desc
        kinds: dict[int, list[str]] = {}
        for kind in _kinds(metadata):
            for length in kind.possible_length or general.possible_length:
                if length in general.possible_length:
                    kinds.setdefault(length, []).append(f"(?:{kind.national_number_pattern})")
        within = general.national_number_pattern
        self.by_length = {
            length: re.compile(rf"(?=(?:{within})\Z)(?:{'|'.join(some)})")
            for length, some in kinds.items()
        }

    def holds(self, number: str) -> bool:
        """Whether it is a number of some kind."""
        pattern = self.by_length.get(len(number))
        return pattern is not None and pattern.fullmatch(number) is not None


def _any_of(regions: Iterable[_Numbers]) -> dict[int, re.Pattern[str]]:
    """What every number of any of the regions matches, by length: told in one step."""
    patterns: dict[int, set[str]] = {}
    for region in regions:
        for length, pattern in region.by_length.items():
            patterns.setdefault(length, set()).add(f"(?:{pattern.pattern})")
    return {length: re.compile("|".join(sorted(some))) for length, some in patterns.items()}


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
        if kind == "mobile" and metadata.same_mobile_and_fixed_line_pattern:
            continue
        description = getattr(metadata, kind)
        if description is not None and description.national_number_pattern:
            yield description


def _compiled(description: Any) -> re.Pattern[str]:
    return re.compile(description.national_number_pattern or _NEVER.pattern)


def _longest(pattern: str | None) -> int:
    """The most characters a prefix takes, whatever of the number the pattern hands on."""
    if not pattern:
        return 0
    tree = parser.parse(pattern.replace(_HANDED_ON, ""))
    return int(tree.getwidth()[1])
