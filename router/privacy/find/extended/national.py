"""Identifiers of countries: Presidio's recognisers beyond its English defaults, and some it lacks.

Presidio lets a word support a finding wherever it stands within another (``pi`` in ``copied``).
Here what has no telling shape or check digit needs a whole word near, see ``told``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from presidio_analyzer import predefined_recognizers

from router.privacy.find.around import Context
from router.privacy.find.extended.checksums import verhoeff
from router.privacy.find.extended.told import as_told, sure, told
from router.privacy.find.rules import context_of, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from router.privacy.find.rules import Rule


_PAN: Final = r"(?<![\w-])[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z](?![\w-])"
_ELEVEN: Final = r"(?<![\w.-])[0-9]{11}(?![\w-]|\.[0-9])"
_IN_FOURS: Final = (
    r"(?<![\w.-])(?<![0-9] )(?<![0-9][0-9A-F]{3} )[2-9][0-9]{3}(?: [0-9]{4} |-[0-9]{4}-)[0-9]{4}"
    r"(?![\w-]|[ .][0-9]| [0-9A-F]{4}(?!\w))"
)
_NINO_PREFIX: Final = r"(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"


_SURE: Final = 0.8
_SPANISH: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_FOREIGNERS: Final = str.maketrans("XYZ", "012")
_NIR: Final = 15


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity: the patterns that are sure by themselves, those that ``words`` have to tell."""

    entity: str
    country: str
    sure: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    check: Callable[[str], bool] | None = None
    """Of the sure ones; the told ones count unchecked, since people mistype."""
    recogniser: str = ""
    """Presidio's class; its patterns are told as well, by its words too, and checked."""
    alone: bool = False
    """Presidio's patterns need no word, as its check refuses nearly everything else."""


def _is_aadhaar(text: str) -> bool:
    return verhoeff(_digits(text))


def _is_spanish(text: str) -> bool:
    """The letter of Spain's NIF and NIE, by the number modulo 23."""
    number = text[:-1].translate(_FOREIGNERS).replace("-", "")
    return _SPANISH[int(number) % 23] == text[-1]


def _is_french(text: str) -> bool:
    """The key of France's NIR: 97 less the number modulo 97; Corsica's letters count as digits."""
    number = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return len(number) == _NIR and 97 - int(number[:-2]) % 97 == int(number[-2:])


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


KINDS: Final = (
    Kind(
        "NG_NIN",
        "ng",
        told=(_ELEVEN, r"(?<![\w.-])[0-9]{3,4}(?: [0-9]{3,4} |-[0-9]{3,4}-)[0-9]{3,4}(?![\w-])"),
        words=("nin", "national identification number", "national identity", "nimc", "ninslip"),
    ),
    Kind(
        "NG_BVN",
        "ng",
        told=(r"(?<![\w.-])22[0-9]{9}(?![\w-]|\.[0-9])",),
        words=("bvn", "bank verification number", "bank verification"),
    ),
    Kind(
        "NG_NUBAN",
        "ng",
        told=(r"(?<![\w.+-])[0-9]{10}(?![\w-]|\.[0-9])",),
        words=(
            *("nuban", "account", "account number", "acct", "acct no", "a/c", "bank account"),
            *("gtbank", "zenith", "access bank", "uba", "fidelity", "ecobank", "opay", "kuda"),
            *("first bank", "palmpay", "moniepoint", "wema", "sterling bank", "polaris", "fcmb"),
        ),
    ),
    Kind(
        "NG_VEHICLE_REGISTRATION",
        "ng",
        told=(r"(?<![\w-])[A-Z]{3}[- ]?[0-9]{3}[- ]?[A-Z]{2}(?![\w-])",),
        words=("plate", "plate number", "vehicle", "number plate", "license plate", "car"),
    ),
    Kind(
        "IN_AADHAAR",
        "in",
        sure=(_IN_FOURS,),
        told=(r"(?<![\w.-])[0-9]{4}(?: [0-9]{4} |-[0-9]{4}-|[0-9]{4})[0-9]{4}(?![\w-]|\.[0-9])",),
        words=("aadhaar", "aadhar", "adhaar", "adhar", "uidai", "aadhaar id"),
        check=_is_aadhaar,
    ),
    Kind(
        "IN_PAN",
        "in",
        sure=(_PAN,),
        told=(r"(?<![\w-])[A-Z]{5}[0-9]{4}[A-Z](?![\w-])",),
        words=("pan", "pan card", "pan number", "permanent account number", "income tax"),
    ),
    Kind("IN_GSTIN", "in", recogniser="InGstinRecognizer", alone=True),
    Kind(
        "IN_VOTER",
        "in",
        told=(r"(?<![\w-])[A-Z]{3}[0-9]{7}(?![\w-])",),
        words=("voter", "voter id", "epic", "epic no", "elector", "election card"),
    ),
    Kind(
        "IN_PASSPORT",
        "in",
        told=(r"(?<![\w-])[A-PR-WY][1-9][0-9][ ]?[0-9]{4}[1-9](?![\w-])",),
        words=("passport", "passport number", "passport no"),
    ),
    Kind(
        "IN_VEHICLE_REGISTRATION",
        "in",
        told=(r"(?<![\w-])[A-Z]{2}[0-9]{1,2}[A-Z]{1,3}[0-9]{4}(?![\w-])",),
        words=("vehicle", "plate", "number plate", "registration", "registration number", "rto"),
    ),
    Kind(
        "UK_NINO",
        "uk",
        sure=(rf"(?<![\w-]){_NINO_PREFIX}[0-9]{{6}}[A-D](?![\w-])",),
        told=(r"(?<![\w-])[A-Z]{2}[0-9]{6}[A-D]?(?![\w-])",),
        words=("national insurance", "ni number", "ni no", "nino", "nin"),
    ),
    Kind("UK_DRIVING_LICENCE", "uk", recogniser="UkDrivingLicenceRecognizer", alone=True),
    Kind(
        "UK_PASSPORT",
        "uk",
        told=(r"(?<![\w-])[A-Z]{2}[0-9]{7}(?![\w-])",),
        words=("passport", "passport number", "passport no", "hmpo", "travel document"),
    ),
    Kind(
        "UK_VEHICLE_REGISTRATION",
        "uk",
        told=(r"(?<![\w-])[A-HJ-PR-Y]{2}(?:0[1-9]|[1-7][0-9])-?[A-HJ-PR-Z]{3}(?![\w-])",),
        words=("vehicle", "registration", "number plate", "licence plate", "reg", "vrn", "dvla"),
    ),
    Kind("DE_TAX_ID", "de", recogniser="DeTaxIdRecognizer"),
    Kind("DE_TAX_NUMBER", "de", recogniser="DeTaxNumberRecognizer"),
    Kind("DE_SOCIAL_SECURITY", "de", recogniser="DeSocialSecurityRecognizer"),
    Kind("DE_HEALTH_INSURANCE", "de", recogniser="DeHealthInsuranceRecognizer"),
    Kind(
        "DE_ID_CARD",
        "de",
        recogniser="DeIdCardRecognizer",
        words=("perso", "personalausweis nr", "ausweis nr"),
    ),
    Kind("DE_PASSPORT", "de", recogniser="DePassportRecognizer"),
    Kind("DE_FUEHRERSCHEIN", "de", recogniser="DeFuehrerscheinRecognizer"),
    Kind(
        "DE_HANDELSREGISTER",
        "de",
        told=(r"(?<![\w-])HR[AB][0-9]{1,6}(?![\w-])",),
        words=("handelsregister", "amtsgericht", "registergericht", "hrb", "hra"),
    ),
    Kind(
        "DE_KFZ",
        "de",
        told=(r"(?<![\w-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}-?[0-9]{1,4}[EH]?(?![\w-])",),
        words=("kennzeichen", "kfz", "nummernschild", "fahrzeug", "zulassung", "pkw", "auto"),
    ),
    Kind("DE_LANR", "de", recogniser="DeLanrRecognizer"),
    Kind("DE_BSNR", "de", recogniser="DeBsnrRecognizer"),
    Kind(
        "DE_PLZ",
        "de",
        told=(r"(?<![\w.,-])[0-9]{5}(?![\w-]|[.,][0-9])",),
        words=("plz", "postleitzahl"),
    ),
    Kind(
        "ES_NIF",
        "es",
        sure=(r"(?<![\w-])[0-9]{8}-?[A-Z](?![\w-])",),
        check=_is_spanish,
        recogniser="EsNifRecognizer",
    ),
    Kind(
        "ES_NIE",
        "es",
        sure=(r"(?<![\w-])[XYZ]-?[0-9]{7}-?[A-Z](?![\w-])",),
        check=_is_spanish,
        recogniser="EsNieRecognizer",
    ),
    Kind("ES_PASSPORT", "es", recogniser="EsPassportRecognizer"),
    Kind("IT_FISCAL_CODE", "it", recogniser="ItFiscalCodeRecognizer", alone=True),
    Kind(
        "IT_DRIVER_LICENSE",
        "it",
        told=(r"(?<![\w-])(?:[A-Z]{2}[0-9]{7}[A-Z]|U1[A-Z0-9]{7}[A-Z])(?![\w-])",),
        words=("patente", "patente di guida", "licenza di guida"),
    ),
    Kind(
        "IT_VAT_CODE",
        "it",
        recogniser="ItVatCodeRecognizer",
        words=("p iva", "p.iva", "p. iva"),
    ),
    Kind("IT_PASSPORT", "it", recogniser="ItPassportRecognizer"),
    Kind("IT_IDENTITY_CARD", "it", recogniser="ItIdentityCardRecognizer"),
    Kind("PL_PESEL", "pl", recogniser="PlPeselRecognizer"),
    Kind(
        "PL_NIP",
        "pl",
        told=(r"(?<![\w-])[0-9]{3}-?[0-9]{3}-?[0-9]{2}-?[0-9]{2}(?![\w-])",),
        words=("nip", "numer identyfikacji podatkowej"),
    ),
    Kind(
        "FR_NIR",
        "fr",
        sure=(
            (
                r"(?<![\w.-])[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9]) ?(?:[0-9]{2}|2[AB])"
                r" ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}(?![\w-])"
            ),
        ),
        told=(r"(?<![\w.-])[12](?: ?[0-9]){12}(?: ?[0-9]{2})?(?![\w-])",),
        words=("nir", "sécurité sociale", "securite sociale", "numéro de sécu", "insee"),
        check=_is_french,
    ),
    Kind(
        "PT_NIF",
        "pt",
        told=(r"(?<![\w-])[1-35689][0-9]{2} ?[0-9]{3} ?[0-9]{3}(?![\w-])",),
        words=("nif", "contribuinte", "número de contribuinte", "identificação fiscal"),
    ),
)
"""By country. What is told counts though its check digit fails, but for Presidio's own."""


def rules_for(kind: Kind, threshold: float) -> list[Rule]:
    """The rules for one entity."""
    rules: list[Rule] = [
        sure(kind.entity, pattern, _SURE, threshold, kind.check) for pattern in kind.sure
    ]
    rules += [told(kind.entity, pattern, kind.words, threshold) for pattern in kind.told]
    if kind.recogniser:
        rules += _presidios(kind, threshold)
    return rules


def _presidios(kind: Kind, threshold: float) -> list[Rule]:
    recogniser = getattr(predefined_recognizers, kind.recogniser)()
    rules = rules_of(recogniser, threshold)
    if kind.alone:
        return [replace(rule, context=Context()) for rule in rules]
    words = (*context_of(recogniser), *kind.words)
    return [as_told(rule, words) for rule in rules]
