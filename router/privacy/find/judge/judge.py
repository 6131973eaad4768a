"""Judges what the recognisers find by what stands directly around it.

A pattern or a checksum alone takes one number in eleven for a health record's and most times since
1970 for a telephone's. What a program wrote is told from what a person said by the characters
beside it, the name of the member that it is the value of, and the words before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from router.privacy.find.judge.nearby import Nearby
from router.privacy.find.judge.networks import is_host, is_interface, is_mailbox
from router.privacy.find.judge.numbers import (
    is_account,
    is_card,
    is_doctor,
    is_health_number,
    is_licence,
    is_passport,
    is_social,
    is_taxpayer,
)
from router.privacy.find.judge.phones import follows_country, is_phone
from router.privacy.find.judge.telling import HEALTH, PHONE

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from router.privacy.spans import Span

UNSURE: Final = 0.4
"""The score of what its shape alone speaks for: what a telephone's number has without a word."""

_CHECKS: Final[Mapping[str, Callable[[Nearby], bool]]] = {
    "CREDIT_CARD": is_card,
    "EMAIL_ADDRESS": is_mailbox,
    "IP_ADDRESS": is_host,
    "MAC_ADDRESS": is_interface,
    "MEDICAL_LICENSE": is_doctor,
    "PHONE_NUMBER": is_phone,
    "UK_NHS": is_health_number,
    "US_BANK_NUMBER": is_account,
    "US_DRIVER_LICENSE": is_licence,
    "US_ITIN": is_taxpayer,
    "US_PASSPORT": is_passport,
    "US_SSN": is_social,
}


class Judge:
    """Judges findings of ``entities``; others pass as they are."""

    def __init__(self, entities: Container[str]) -> None:
        self._has_phones = "PHONE_NUMBER" in entities

    def judged(self, span: Span, text: str) -> Span | None:
        """``span`` of ``text`` if it holds where it stands, less surely perhaps; else None."""
        check = _CHECKS.get(span.entity)
        if check is None:
            return span
        near = Nearby(text, span)
        if not check(near):
            return None
        return self._weighed(span, near) if span.entity == "UK_NHS" else span

    def _weighed(self, span: Span, near: Nearby) -> Span:
        """A number that only its checksum makes a health record's yields to a telephone's."""
        if near.supported(HEALTH):
            return span
        if self._has_phones and (near.supported(PHONE) or follows_country(near)):
            return span._replace(entity="PHONE_NUMBER", score=UNSURE)
        return span._replace(score=UNSURE)
