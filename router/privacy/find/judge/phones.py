"""Whether what looks like a telephone's number to the library is one where it stands.

The library accepts any digits that some numbering plan has. How they are written, and what is said
of them, tells numbers from the sizes, times and identifiers that programs write.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.judge.telling import ANOTHER, CARD, LINKING, MERE, PHONE, SPOKEN, UNITS

if TYPE_CHECKING:
    from router.privacy.find.judge.nearby import Nearby

_ABROAD: Final = re.compile(r"[(\[]?(?:[+\uff0b]|00[ -]?[1-9])")
_OTHER_BEHIND: Final = re.compile(r"/[(+]?[0-9]{2,4}[-. )]{1,2}[0-9]{3,4}[-. ]?[0-9]{3,4}")
_OTHER_BEFORE: Final = regex.compile(r"(?r)[0-9]{3,4}[-. ]?[0-9]{3,4}/")
"""A second number, apart from this one by a slash."""

_DECIMAL: Final = re.compile(
    r"[+(\[]{0,2}\s*(?:0|[1-9][0-9]*)\.[0-9]+\Z|[0-9]{1,3}(?:\.[0-9]{3})+\Z"
)

_WRITTEN: Final = re.compile(
    # North America: 212-555-0143, (212) 555-0143, 1.212.555.0143, 212-5550143
    r"(?:1[-. ]?)?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}([-. \u00a0/]))[0-9]{3}[-. \u00a0]?[0-9]{4}"
    # with the trunk's 0, 9 to 12 digits: 020 7946 0958, (0341) 838 71 76, 069/1234567
    r"|(?![0-9]{5}-[0-9]{4}\Z)(?=(?:[^0-9]*[0-9]){9,12}[^0-9]*(?:[a-z#]|\Z))"
    r"\(?0[0-9]{1,5}\)?[-. \u00a0/]{1,3}[0-9]{2,8}"
    r"(?:[-. \u00a0][0-9]{2,8}){0,4}"
    # with the code of a city in brackets: (11) 4233-6306, (0)96 471 07 95
    r"|[(\[](?:0|[1-9][0-9]|0[0-9]{1,4})[)\]] ?[0-9]{1,5}(?:[-. \u00a0][0-9]{2,5}){1,4}"
    # India, Brazil: 98765 43210, 11 98765-4321, 11-2345-6789
    r"|([6-9])[0-9]{4}[ -](?!\2)[0-9]{5}|[1-9][0-9] 9[0-9]{4}-[0-9]{4}"
    r"|[1-9]{2}([-.])(?:9[0-9]{4}|[2-5][0-9]{3})\3[0-9]{4}"
)
_EXTENSION: Final = re.compile(
    r"(?:[ ,;]{0,2}(?:x|ext?\.?|extension|#)[ .:]{0,2}[0-9]{1,7})?\Z", re.IGNORECASE
)

_UNSPACED: Final = re.compile(
    r"(?:[2-9][0-9]{2}[2-9][0-9]{6}|0[1-9][0-9]{7,10}|[1-9]{2}9[6-9][0-9]{7})\Z"
)
"""As people write them without anything between: North America, with the trunk's 0, Brazil."""

_DATE: Final = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}[-/. ]{1,3}(?:0?[1-9]|1[0-2])[-/. ]{1,3}"
    r"(?:0?[1-9]|[12][0-9]|3[01])(?![0-9])"
    r"|(?<![0-9])(?:0?[1-9]|[12][0-9]|3[01])[-/. ]{1,3}(?:0?[1-9]|[12][0-9]|3[01])[-/. ]{1,3}"
    r"(?:19|20)[0-9]{2}(?![0-9])"
    r"|(?:19|20)[0-9]{2} ?[-+][01][0-9][0-5]0\Z"
)
_LONGER_BEFORE: Final = regex.compile(r"(?r)[0-9][-.:/_]?|[A-Za-z]")
_LONGER_BEHIND: Final = re.compile(r"[-.:/_]?[0-9]|[A-Za-z]|-[A-Za-z]\b|-[0-9a-f]{4,}\b")
_COUNTRY: Final = regex.compile(r"(?r)(?:(?<![0-9])1|\+[0-9]{1,3})[-. ]?")
_IN_SENTENCE: Final = regex.compile(
    r"(?r)\A\s*|(?<![^\W\d_a-z])(?:[^\W\d_A-Z]+|[A-Z][^\W\d_A-Z]+|[A-Z])"
    r"(?:[.,:;!?]|\s[-\u2013/\u2022])?\s"
)
"""A word as sentences have it stands before it: no constant, no name of a class."""

_SENTENCE_GOES_ON: Final = re.compile(
    r"[\u3001\u3002\uff01\uff0c\uff1f]|[.,;:!?)]{0,2}(?:\s*\Z|[^\S\n]*\n|[^\S\n]+[^\W\d_(])"
)
_FULL: Final = 10
_LEAST: Final = 7
_LEAST_ABROAD: Final = 8
_MAIL: Final = re.compile(r"\w@[A-Za-z][\w-]*\.")


def is_phone(near: Nearby) -> bool:
    """Whether the value is written like a telephone's number, or said to be one."""
    value = near.value.strip()
    if value.isdigit():
        return _is_bare_phone(near, value)
    digits = sum(map(str.isdigit, value))
    if _ABROAD.match(value):
        return digits >= _LEAST_ABROAD and (not _DECIMAL.match(value) or is_said(near))
    if _DATE.search(value) or _DECIMAL.match(value) or digits < _LEAST:
        return False
    written = _WRITTEN.match(value)
    if written is not None and _EXTENSION.match(value, written.end()):
        return _stands_alone(near)
    if "/" in value or _is_longer(near):
        return False
    return is_said(near)


def _is_bare_phone(near: Nearby, value: str) -> bool:
    """Whether bare digits are one, which nothing in them tells."""
    if _is_longer(near):
        return False
    name = near.name()
    if name is None:
        return _is_in_prose(near, value, near.words())
    if near.is_quoted() and not SPOKEN.isdisjoint(name[-1:]):
        return _is_typed(near, value, name)
    if _is_another(name):
        return False
    return not PHONE.isdisjoint(name) or _is_beside_mail(near, value)


def _is_in_prose(near: Nearby, value: str, words: list[str]) -> bool:
    if _is_another(words) or near.unit() in UNITS:
        return False
    telling = words if len(value) >= _FULL else words[-3:]
    if not PHONE.isdisjoint(telling) or not PHONE.isdisjoint(near.following()):
        return True
    if len(value) >= _FULL and not CARD.isdisjoint(words[-2:]):  # by a wrong name, but hidden
        return True
    if not _UNSPACED.match(value):
        return False
    if _IN_SENTENCE.match(near.before) and _SENTENCE_GOES_ON.match(near.after):
        return True
    return _is_beside_mail(near, value)


def _is_typed(near: Nearby, value: str, name: list[str]) -> bool:
    """Whether a string that is nothing but digits was typed as somebody's number."""
    around = near.words()[: -len(name)]
    if not PHONE.isdisjoint(around) and not _is_another(around):
        return True
    return name[-1] not in MERE and _UNSPACED.match(value) is not None


def _is_beside_mail(near: Nearby, value: str) -> bool:
    """Whether a person's address stands in the same line, as in a list of them."""
    if _UNSPACED.match(value) is None or "@" not in (line := near.line()):
        return False
    return _MAIL.search(line) is not None


def is_said(near: Nearby) -> bool:
    """Whether a word beside it says so, and none directly before it says otherwise."""
    if _is_another(near.words()):
        return False
    return near.supported(PHONE) or not PHONE.isdisjoint(near.following())


def _is_another(words: list[str]) -> bool:
    """Whether the last of ``words`` says that it is something else: order number 5."""
    for word in reversed(words):
        if word not in LINKING:
            return word in ANOTHER
    return False


def _is_longer(near: Nearby) -> bool:
    return bool(_LONGER_BEFORE.match(near.before) or _LONGER_BEHIND.match(near.after))


def _stands_alone(near: Nearby) -> bool:
    """Whether a number in full is no piece of a longer one; a country's code may go before it."""
    if follows_country(near):
        return True
    before, after = near.before[-2:], near.after[:2]
    if before[-1:].isalnum() or after[:1].isalnum():
        return False
    if before[:1].isdigit() and before[-1:] in "-.:,":
        return False
    if before[:1].isdigit() and before[-1:] == "/":
        return _OTHER_BEFORE.match(near.before) is not None
    return _LONGER_BEHIND.match(near.after) is None or _OTHER_BEHIND.match(near.after) is not None


def follows_country(near: Nearby) -> bool:
    """Whether a country's code stands directly before it."""
    return _COUNTRY.match(near.before) is not None
