"""What a text must hold for ``extended`` to find an entity in it: weaker than the rules, and cheap.

A condition goes on behind one character of ``FIRST``; where it has words as well, one of them must
stand in the lower-case text. Nothing is found in a text without a digit. Loads nothing heavy.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

from router.privacy.anchors import APART
from router.privacy.find.extended import addresses, births, secrets, streets

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST: Final = "[-0-9_.:=>(+@]"
"""Each condition goes on behind one of these."""


class Need(NamedTuple):
    """A condition behind one character of ``FIRST``, and words of which the text has one."""

    after: str
    words: tuple[str, ...] = ()


FIVE: Final = Need(rf"(?<=[0-9])(?:{APART}[0-9]){{4}}")
"""Five digits, as anything with seven or more in groups has."""

_AMID: Final = Need("(?<=[A-Za-z][- ][0-9])|(?<=[A-Za-z][0-9])")
"""A letter right before a digit, or apart by one character."""

_DATED: Final = f"(?<=[0-9])(?:{births.YEAR_SIGN}|{births.DATE_SIGN})"
_ENDS: Final = "|".join(dict.fromkeys(end[-3:].replace(".", "[.]") for end in streets.ENDS))
_HOUSED: Final = (
    f"(?<=[0-9]){addresses.AHEAD_SIGN}|(?<=(?i:{_ENDS}|box|apt|pt[.]|ite|te[.]| a[aep])[ #][0-9])"
)
_LED: Final = tuple(f"{lead}" if lead == "c/" else f"{lead} " for lead in sorted(streets.LEADS))

NEEDS: Final[Mapping[str, tuple[Need, ...]]] = {
    "CREDIT_CARD": (FIVE, Need("(?<=[0-9])[0-9]{3}[\t\u2009\u202f][0-9]{4}")),
    "DATE_OF_BIRTH": (Need(_DATED, tuple(itertools.chain(*births.STEMS.values()))),),
    "IBAN_CODE": (Need("(?<=[A-Za-z][A-Za-z][0-9])[0-9][ -]?[A-Za-z0-9]{4}"),),
    "SECRET": (
        Need(secrets.SIGN),
        Need(f"(?<=[=:>]){secrets.NAMED_SIGN}"),
        Need("(?<=[0-9])", tuple(word.lower() for word in secrets.LITERALS)),
    ),
    "STREET_ADDRESS": (Need(_HOUSED), Need("(?<=[0-9])", (*_LED, *sorted(addresses.UNITS)))),
    **dict.fromkeys(
        (
            *("DE_FUEHRERSCHEIN", "DE_HANDELSREGISTER", "DE_HEALTH_INSURANCE", "DE_ID_CARD"),
            *("DE_KFZ", "DE_PASSPORT", "DE_SOCIAL_SECURITY", "ES_PASSPORT", "IN_GSTIN", "IN_PAN"),
            *("IN_VEHICLE_REGISTRATION", "IT_DRIVER_LICENSE", "IT_FISCAL_CODE", "UK_NINO"),
            *("IT_IDENTITY_CARD", "NG_VEHICLE_REGISTRATION", "UK_VEHICLE_REGISTRATION"),
        ),
        (_AMID,),
    ),
}
"""By entity; whatever else ``extended`` finds needs ``FIVE``."""
