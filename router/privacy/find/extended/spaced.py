"""Identifiers whose letters stand apart from their digits: no cluster holds them whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_NINO: Final = re.compile(
    r"(?<![\w-])(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]([ -])"
    r"[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[A-D](?![\w-])"
)
_LEAD: Final = 3
_SURE: Final = 0.8

NINO_SIGN: Final = r"[0-9](?<=[A-Z][ -]..)(?=[ -][0-9]{2}[ -][0-9]{2}[ -][A-D])"
"""Behind the first digit."""


def spaced_nino(text: str, at: int) -> Iterator[Span]:
    """A British National Insurance number whose first digit is at ``at``."""
    match = _NINO.match(text, max(0, at - _LEAD))
    if match is not None:
        yield Span(match.start(), match.end(), "UK_NINO", _SURE)
