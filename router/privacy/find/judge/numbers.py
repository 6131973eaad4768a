"""Whether a number of a card, an account, a licence or a record is one where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.judge.phones import follows_country, is_said
from router.privacy.find.judge.telling import (
    ANOTHER,
    BANK,
    CARD,
    DOCTOR,
    HEALTH,
    LICENCE,
    LINKING,
    PASSPORT,
    SOCIAL,
    TAX,
    UNITS,
    VERSION,
)

if TYPE_CHECKING:
    from router.privacy.find.judge.nearby import Nearby

_EXPONENT: Final = re.compile(r"[.,][0-9]|[eE][-+]?[0-9]")
_CARD_WRITTEN: Final = re.compile(
    r"(?=[3-6]|2[1-7]|1800)(?:[0-9]+|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}"
    r"|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5})\Z"
)
_NOT_CARD: Final = ANOTHER - BANK
_NOT_IN_PROSE: Final = _NOT_CARD - {"available", "run", "than", "used", "user", "users", "value"}
_GIVEN: Final = SOCIAL | TAX
_SOCIAL: Final = re.compile(r"[0-9]{3}([-. ])[0-9]{2}\1[0-9]{4}\Z")
_HEALTH: Final = re.compile(r"[0-9]{3}([- ])[0-9]{3}\1[0-9]{4}\Z")
_HEX_BEHIND: Final = re.compile(r"-(?:[0-9a-f]{4}-|[0-9A-F]{4}-|[0-9]*[a-fA-F])")
_HEX_BEFORE: Final = regex.compile(r"(?r)(?<![A-Za-z0-9])(?:[0-9a-fA-F]{4,}-)+")
_EXPIRY: Final = re.compile(r"/(?:0[1-9]|1[0-2])[/-]?[0-9]{2}(?![0-9])")
"""Behind a card: the month and the year in which it ends."""

_IDENTIFIER: Final = frozenset({"id", "ids", "uid", "uuid", "guid"})
_LICENCE_LEAST: Final = 6
_LICENCE_DIGITS: Final = 4


def is_health_number(near: Nearby) -> bool:
    """Whether what a checksum lets pass is an NHS number: one number in eleven passes."""
    if near.supported(HEALTH):
        return not near.is_glued()
    if follows_country(near):
        return True
    if not _HEALTH.match(near.value):
        return not (near.before or near.after) or (not near.is_glued() and is_said(near))
    return not near.is_glued() and _is_apart(near)


def is_card(near: Nearby) -> bool:
    """Whether a number that Luhn lets pass is a card's: one in ten passes."""
    if near.is_glued() or _ends_in_point(near.before) or _EXPONENT.match(near.after):
        return False
    if near.supported(CARD):
        return True
    expires = _EXPIRY.match(near.after) is not None
    if not _CARD_WRITTEN.match(near.value) or not (expires or _is_apart(near)):
        return False
    return not near.value.isdigit() or not _is_counted(near)


def _ends_in_point(before: str) -> bool:
    return before[-1:] in (".", ",") and before[-2:-1].isdigit()


def is_doctor(near: Nearby) -> bool:
    """Whether it is a DEA number, and no piece of a hash."""
    if near.is_glued():
        return False
    return (near.value[0].isupper() and _is_apart(near)) or near.supported(DOCTOR)


def is_licence(near: Nearby) -> bool:
    """Whether a driver's licence is spoken of, rather than software's."""
    value = near.value
    digits = sum(map(str.isdigit, value))
    if near.is_glued() or len(value) < _LICENCE_LEAST or digits < _LICENCE_DIGITS:
        return False
    last = _telling_word(near)
    if last in LICENCE:
        return _is_apart(near)
    if last in ANOTHER or last in VERSION or near.before.endswith(("#", "(")):
        return False
    if digits < len(value) and not value.isupper():
        return False
    return _is_apart(near) and not LICENCE.isdisjoint(_last_words(near))


def _last_words(near: Nearby) -> list[str]:
    name = near.name()
    return near.words()[-4:] if name is None else name


def _telling_word(near: Nearby) -> str:
    """The last word of its name, or before it, that is more than number, or is."""
    name = near.name()
    words = near.words() if name is None else name
    return next((word for word in reversed(words) if word not in LINKING), "")


def is_passport(near: Nearby) -> bool:
    """Whether a passport is spoken of."""
    return not near.is_glued() and near.supported(PASSPORT)


def is_account(near: Nearby) -> bool:
    """Whether an account is spoken of, rather than something checked or saved."""
    if near.is_glued() or not _is_apart(near) or _begins_hex(near) or _is_identifier(near):
        return False
    return near.supported(BANK)


def _begins_hex(near: Nearby) -> bool:
    """Whether it is a group of a UUID, or of another identifier in hexadecimal digits."""
    return bool(_HEX_BEHIND.match(near.after) or _HEX_BEFORE.match(near.before))


def _is_identifier(near: Nearby) -> bool:
    """Whether what names it ends in ``id``: a program's key of the account, not its number."""
    return _telling_word(near) in _IDENTIFIER


def is_social(near: Nearby) -> bool:
    """Whether it is written as an SSN is, or said to be one."""
    return _is_written(near) or (not near.is_glued() and near.supported(_GIVEN))


def is_taxpayer(near: Nearby) -> bool:
    """Whether it is written as an ITIN is, or said to be one."""
    return _is_written(near) or (not near.is_glued() and near.supported(_GIVEN))


def _is_written(near: Nearby) -> bool:
    """Whether it is 000-00-0000 in full, and no piece of more."""
    return _SOCIAL.match(near.value) is not None and _is_apart(near)


def _is_apart(near: Nearby) -> bool:
    """Whether no other letters or digits are joined to it."""
    before, after = near.before[-2:], near.after[:2]
    if before[-1:] in "-./" and before[:1].isdigit():
        return False
    return not (after[:1] in "-./" and after[1:].isdigit())


def _is_counted(near: Nearby) -> bool:
    """Whether bare digits are named as something else, or measured."""
    name = near.name()
    if near.unit() in UNITS:
        return True
    if name is None:
        return _telling_word(near) in _NOT_IN_PROSE
    return not name or _telling_word(near) in _NOT_CARD
