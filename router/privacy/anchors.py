"""What a text must contain for a recogniser to find anything in it.

Presidio's recognisers cost milliseconds; these conditions cost microseconds and are weaker than
the recognisers' own patterns, so that a text which meets none of them holds nothing they find.
Each is read off a pattern of Presidio 2.2.366 and tested against it:

- ``EMAIL_ADDRESS`` has a literal ``@``.
- ``IP_ADDRESS``: an IPv4 address has ``d.ddd.d``; each IPv6 form has ``::`` or ``h:hhhh:``.
- ``MAC_ADDRESS``: pairs between equal ``:`` or ``-``, or four hex digits between dots.
- ``IBAN_CODE``: two capitals, two digits, then at once a group of four (ASCII, case counts).
- ``CRYPTO`` starts at a ``1`` or ``3`` (``bc1`` has one too) and goes on for 25 word characters.
- ``PHONE_NUMBER``: libphonenumber's candidates are digits apart by at most four of its
  punctuation characters (the letter x is one). In Presidio's eight regions the shortest valid
  number has four digits, and of those only ``16[489]d`` (German pagers) is valid; with a ``+`` none
  has fewer than five.
- ``US_DRIVER_LICENSE`` scores at most 0.3, so it needs a digit and one of its context words.
- All others (``CREDIT_CARD``, ``US_SSN``, ``US_ITIN``, ``UK_NHS``, ``US_BANK_NUMBER``,
  ``US_PASSPORT``, ``MEDICAL_LICENSE``) have at least seven digits apart by at most one character,
  which is a cluster in the sense of ``PHONE_NUMBER``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

APART: Final = (
    r"[-xX\u2010-\u2015\u2212\u30fc\uff0d-\uff0f \u00a0\u00ad\u200b\u2060\u3000"
    r"()\uff08\uff09\uff3b\uff3d.\[\]/~\u2053\u223c\uff5e]{0,4}"
)
"""What may stand between two digits of one phone number: libphonenumber's own punctuation."""

_CLUSTER: Final = rf"(?<=[0-9])(?:{APART}[0-9]){{4}}"
_PAGER: Final = rf"(?<=1){APART}6{APART}[489]{APART}[0-9]"
_HEX: Final = "[0-9a-fA-F]"

CONDITIONS: Final[Mapping[str, str]] = {
    "CREDIT_CARD": _CLUSTER,
    "CRYPTO": r"(?<=[13])\w{25}",
    "EMAIL_ADDRESS": "(?<=@)",
    "IBAN_CODE": r"(?<=[A-Z][A-Z][0-9])[0-9][ -]?[A-Z0-9]{4}",
    "IP_ADDRESS": rf"(?<=[0-9])\.[0-9]{{1,3}}\.[0-9]|(?<=:){_HEX}{{0,4}}:",
    "MAC_ADDRESS": rf"(?<=[:-]){_HEX}{{2}}[:-]|(?<=\.){_HEX}{{4}}\.",
    "MEDICAL_LICENSE": _CLUSTER,
    "PHONE_NUMBER": f"{_CLUSTER}|{_PAGER}",
    "UK_NHS": _CLUSTER,
    "US_BANK_NUMBER": _CLUSTER,
    "US_DRIVER_LICENSE": "(?<=[0-9])",
    "US_ITIN": _CLUSTER,
    "US_PASSPORT": _CLUSTER,
    "US_SSN": _CLUSTER,
    "DATE_TIME": "(?<=[0-9])",
    "URL": r"(?<=\.)",
    "UUID": rf"(?<=-){_HEX}{{4}}-",
}

ENTITIES: Final = frozenset(CONDITIONS)
"""What Presidio finds in English texts without a language model."""

LICENCE: Final = "US_DRIVER_LICENSE"
LICENCE_WORDS: Final = ("driv", "lic", "permit", "identification", "dls")
# The zeros of all runs of decimal digits in Unicode 17, but ASCII's own. Patterns match these
# digits with \d where the interpreter's own tables, or int(), may not know them yet.
_ZEROS: Final = (
    *(0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6),
    *(0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50),
    *(0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10),
    *(0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0),
    *(0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50),
    *(0x11DA0, 0x11DE0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE),
    *(0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0),
)
_PLAIN: Final[Mapping[int, int]] = {
    zero + digit: 0x30 + digit for zero in _ZEROS for digit in range(10)
}
_ODD_DIGIT: Final = re.compile("[" + "".join(f"{chr(z)}-{chr(z + 9)}" for z in _ZEROS) + "]")


def plain_digits(text: str) -> str:
    """``text`` with every decimal digit of any script as its ASCII twin; as long as before."""
    if text.isascii() or _ODD_DIGIT.search(text) is None:
        return text
    return text.translate(_PLAIN)
