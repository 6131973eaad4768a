"""Which kinds of personal data can be found, and which are looked for unless something is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from router.privacy.anchors import ENTITIES as PRESIDIOS

if TYPE_CHECKING:
    from collections.abc import Mapping

EXTENDED: Final[Mapping[str, frozenset[str]]] = {
    "en": frozenset(
        {
            *("CREDIT_CARD", "DATE_OF_BIRTH", "IBAN_CODE", "PHONE_NUMBER", "SECRET"),
            *("STREET_ADDRESS", "US_SSN", "VAT_NUMBER"),
        }
    ),
    "de": frozenset(
        {
            *("DE_BSNR", "DE_FUEHRERSCHEIN", "DE_HANDELSREGISTER", "DE_HEALTH_INSURANCE"),
            *("DE_ID_CARD", "DE_KFZ", "DE_LANR", "DE_PASSPORT", "DE_PLZ", "DE_SOCIAL_SECURITY"),
            *("DE_TAX_ID", "DE_TAX_NUMBER"),
        }
    ),
    "es": frozenset({"ES_NIE", "ES_NIF", "ES_PASSPORT"}),
    "fr": frozenset({"FR_NIR"}),
    "in": frozenset(
        {
            *("IN_AADHAAR", "IN_GSTIN", "IN_PAN", "IN_PASSPORT", "IN_VEHICLE_REGISTRATION"),
            "IN_VOTER",
        }
    ),
    "it": frozenset(
        {
            *("IT_DRIVER_LICENSE", "IT_FISCAL_CODE", "IT_IDENTITY_CARD", "IT_PASSPORT"),
            "IT_VAT_CODE",
        }
    ),
    "ng": frozenset({"NG_BVN", "NG_NIN", "NG_NUBAN", "NG_VEHICLE_REGISTRATION"}),
    "pl": frozenset({"PL_NIP", "PL_PESEL"}),
    "pt": frozenset({"PT_NIF"}),
    "uk": frozenset({"UK_DRIVING_LICENCE", "UK_NINO", "UK_PASSPORT", "UK_VEHICLE_REGISTRATION"}),
}
"""What rules of our own find beyond Presidio's English defaults, by language or country."""

DEFAULT_LANGUAGES: Final = frozenset({"en", "in", "ng", "uk"})
"""Languages and countries: what English texts hold of them is told apart surely enough."""

BY_MODEL: Final = frozenset({"LOCATION", "NRP", "ORGANIZATION", "PERSON"})
"""What only a language model finds, but for the names of people."""

_UNUSUAL: Final = frozenset({"DATE_TIME", "NRP", "ORGANIZATION", "URL", "UUID"})
"""What most requests are made of, or what identifies few people."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a detector is to find at all.

    ``languages`` are those of ``EXTENDED``. ``names``: ``off``, ``builtin``, or a language model
    (``spacy:<model>``, ``transformers:<model>``). ``compat``: what plain Presidio finds in English
    texts, neither more nor less, beside names.
    """

    languages: frozenset[str] = DEFAULT_LANGUAGES
    names: str = "builtin"
    compat: bool = False

    @property
    def known(self) -> frozenset[str]:
        """All kinds that can be found."""
        extended = () if self.compat else [EXTENDED[one] for one in {"en", *self.languages}]
        return PRESIDIOS.union(*extended, self._by_name)

    @property
    def usual(self) -> frozenset[str]:
        """Those that are looked for unless something is said."""
        return self.known - _UNUSUAL

    @property
    def model(self) -> str:
        """The language model to be asked, empty without one."""
        return self.names if ":" in self.names else ""

    @property
    def _by_name(self) -> frozenset[str]:
        if self.model:
            return BY_MODEL
        return frozenset({"PERSON"} if self.names == "builtin" else ())


PRESIDIO: Final = Scope(names="off", compat=True)
"""Plain Presidio's patterns."""
