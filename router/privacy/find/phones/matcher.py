"""Phone numbers as libphonenumber finds them, judged once a candidate instead of once a region.

``phonenumbers.PhoneNumberMatcher`` looks through the whole text for each region, and parses every
run of digits anew. Here a run is looked at once; a region parses it only where its digits could
be a number there, by the library's own metadata. What is accepted is decided by the library.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from phonenumbers import Leniency, PhoneNumberMatcher
from phonenumbers import phonenumbermatcher as library

from router.privacy.anchors import APART
from router.privacy.find.around import Context
from router.privacy.find.phones.reading import MOST, read, stands_alone
from router.privacy.find.phones.regions import Region, is_international
from router.privacy.find.rules import context_of
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from router.privacy.find.around import Around

# The parts of the library's matcher; what Presidio is pinned to has them by these names.
_CANDIDATE: Final = library._PATTERN  # noqa: SLF001
_SECOND: Final = library._SECOND_NUMBER_START_PATTERN  # type: ignore[attr-defined]  # noqa: SLF001
_DATES: Final = library._SLASH_SEPARATED_DATES  # noqa: SLF001
_TIMES: Final = library._TIME_STAMPS  # noqa: SLF001
_TIME_GOES_ON: Final = library._TIME_STAMPS_SUFFIX  # noqa: SLF001
_UNWANTED_END: Final = library._UNWANTED_END_CHAR_PATTERN  # type: ignore[attr-defined]  # noqa: SLF001
_INNER: Final = tuple(zip(("/", "(", "-", "", ".", ""), library._INNER_MATCHES, strict=True))  # noqa: SLF001
"""What breaks a candidate up, behind a sign that it has in it (dashes and spaces are many)."""

_RUN: Final = re.compile(rf"[0-9](?:{APART}[0-9])*+")
_LEAST: Final = 4
_LEAD: Final = 10
"""Characters of brackets, plus signs and punctuation that may stand before the first digit."""
_TAIL: Final = 40
"""Characters an extension may take behind the last digit."""
_LEADS: Final = re.compile(rf"(?:[(\[\uff08\uff3b+\uff0b]{APART}){{1,2}}\Z")

_EXTENSION: Final = re.compile(
    r"[ \u00a0\t,;]{0,20}"
    r"(?:e?xt|\u0434\u043e\u0431|anexo|[x\uff58#\uff03~\uff5e]|int|\uff49|\uff45"
    r"|[- ]{1,20}[0-9]{1,20}#)",
    re.IGNORECASE,
)
"""Behind a number too short to be one: it goes on as an extension, and takes that along."""


class Phones:
    """Finds what Presidio's ``recogniser`` finds: numbers of any of its regions. None: nothing."""

    def __init__(self, recogniser: Any | None, threshold: float) -> None:
        self._threshold = threshold
        self._regions: tuple[Region, ...] = ()
        self._score = 0.0
        self._context = Context()
        if recogniser is not None:
            if recogniser.leniency != Leniency.VALID:
                raise ValueError("phone numbers are judged by leniency 1 alone")
            self._regions = tuple(map(Region, recogniser.supported_regions))
            self._worth = {
                (first, size): tuple(one for one in self._regions if one.may_accept(first, size))
                for first in "0123456789"
                for size in range(MOST + 1)
            }
            self._score = float(recogniser.SCORE)
            self._context = context_of(recogniser)

    def find(self, text: str, around: Around) -> Iterator[Span | None]:
        """All numbers, those within one another too; None for others' turn."""
        position = 0 if self._regions else len(text)
        while (match := _RUN.search(text, position)) is not None:
            begin, position = match.span()
            if around.settled.get(position) == begin:
                continue
            found: set[tuple[int, int]] = set()
            position = yield from self._in_run(text, begin, position, found)
            for start, end in found:
                score = around.raised(self._score, start, self._context)
                if score >= self._threshold:
                    yield Span(start, end, "PHONE_NUMBER", score)
            yield None

    def _in_run(
        self, text: str, start: int, end: int, found: set[tuple[int, int]]
    ) -> Generator[None, None, int]:
        """Adds the numbers in a run of digits apart by ``APART``, ``text[start:end]``.

        Returns how far that was read: an extension may stand behind the run.
        """
        if end - start < _LEAST and _EXTENSION.match(text, end) is None:
            return end
        lead = _LEADS.search(text, max(0, start - _LEAD), start)
        begin = start if lead is None else lead.start()
        furthest = yield from self._find(text, begin, end, self._regions, found)
        return max(end, furthest)

    def _find(
        self,
        text: str,
        index: int,
        end: int,
        regions: tuple[Region, ...],
        found: set[tuple[int, int]],
    ) -> Generator[None, None, int]:
        """As the library's ``_find`` goes on from ``index``, for several regions; to where."""
        furthest = index
        waiting = [(index, regions)]
        while waiting:
            index, regions = waiting.pop()
            while index < end and regions:
                match = _CANDIDATE.search(text, index, end + _TAIL)
                if match is None or match.start() >= end:
                    break
                offset = match.start()
                candidate = match.group()
                if "x" in candidate:
                    candidate = _trimmed(candidate, _SECOND)
                index = offset + len(candidate)
                if len(candidate) < _LEAST or _is_date_or_time(text, offset, candidate):
                    continue
                behind = self._judge(text, offset, candidate, regions, found)
                yield
                # Who has found a part of it looks on behind that part.
                for after, those in behind.items():
                    waiting.append((after, tuple(those)))
                    regions = tuple(region for region in regions if region not in those)
            furthest = max(furthest, index)
        return furthest

    def _judge(
        self,
        text: str,
        offset: int,
        candidate: str,
        regions: tuple[Region, ...],
        found: set[tuple[int, int]],
    ) -> dict[int, list[Region]]:
        """Adds the first group that each region accepts; which of them stopped before the end."""
        behind: dict[int, list[Region]] = {}
        for group, at in _groups(candidate, offset):
            accepting = self._accepting(text, group, at, regions)
            if not accepting:
                continue
            end = at + len(group)
            found.add((at, end))
            if at == offset and group == candidate:
                return {}  # whatever the others find lies within
            if end < offset + len(candidate):
                behind.setdefault(end, []).extend(accepting)
            regions = tuple(region for region in regions if region not in accepting)
            if not regions:
                break
        return behind

    def _accepting(
        self, text: str, group: str, at: int, regions: tuple[Region, ...]
    ) -> Sequence[Region]:
        """The regions in which the group is a valid number."""
        reading = read(group)
        if reading is None or not stands_alone(text, group, at):
            return ()
        digits = reading.digits
        if reading.plus:
            valid = is_international(digits)
            if valid is False:
                return ()
            accepting = [
                region for region in regions if valid or region.accepts_behind_plus(digits)
            ]
        else:
            written = reading.written
            worth = self._worth[digits[0], len(digits)]
            if len(regions) < len(self._regions):
                worth = tuple(region for region in worth if region in regions)
            accepting = [region for region in worth if region.accepts(digits, written)]
        if reading.carrier:
            accepting = [
                region for region in accepting if _library_accepts(text, group, at, region)
            ]
        return accepting


def _library_accepts(text: str, group: str, at: int, region: Region) -> bool:
    matcher = PhoneNumberMatcher(text, region.name, Leniency.VALID)
    return matcher._parse_and_verify(group, at) is not None  # noqa: SLF001


def _trimmed(text: str, pattern: re.Pattern[str]) -> str:
    match = pattern.search(text)
    return text if match is None else text[: match.start()]


def _is_date_or_time(text: str, offset: int, candidate: str) -> bool:
    if "/" in candidate and _DATES.search(candidate) is not None:
        return True
    goes_on = _TIME_GOES_ON.match(text, offset + len(candidate))
    return goes_on is not None and _TIMES.search(candidate) is not None


def _groups(candidate: str, offset: int) -> Iterator[tuple[str, int]]:
    """The candidate, then what within it may be a number, as ``_extract_inner_match`` has it."""
    yield candidate, offset
    for sign, pattern in _INNER:
        if sign not in candidate:
            continue
        match = pattern.search(candidate)
        if match is not None:
            yield _until_a_digit(candidate[: match.start()]), offset
        while match is not None:
            yield _until_a_digit(match.group(1)), offset + match.start(1)
            match = pattern.search(candidate, match.start() + 1)


def _until_a_digit(group: str) -> str:
    """Without what no number ends with."""
    return group if group[-1:].isdecimal() else _trimmed(group, _UNWANTED_END)
