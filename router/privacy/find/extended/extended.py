"""What is found beyond Presidio's English defaults: secrets, addresses, births, countries' numbers.

What begins with digits is handed out as rules for ``Clusters``. The rest is found from signs, all
of which one pattern looks for in one pass over the text. Nothing is found in a text without digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from router.privacy.find.extended import addresses, births, cards, secrets, spaced
from router.privacy.find.extended import phone_shapes as phones
from router.privacy.find.extended.accounts import iban_rules, ssn_rules
from router.privacy.find.extended.national import KINDS, rules_for
from router.privacy.find.extended.needs import FIRST
from router.privacy.find.extended.vat import vat_rules
from router.privacy.kinds import DEFAULT_LANGUAGES, EXTENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from router.privacy.find.around import Around
    from router.privacy.find.rules import Rule
    from router.privacy.spans import Span

    Find = Callable[[str, int, Around], Iterator[Span]]

_RULES: Final[Mapping[str, Callable[[float], list[Rule]]]] = {
    "CREDIT_CARD": cards.card_rules,
    "IBAN_CODE": iban_rules,
    "PHONE_NUMBER": phones.phone_rules,
    "US_SSN": ssn_rules,
    "VAT_NUMBER": vat_rules,
}
_DIGIT: Final = "[0-9]"


@dataclass(frozen=True, slots=True)
class Sign:
    """What tells where an ``entity`` may be: behind one character, ``first`` and ``pattern``.

    ``find`` is asked at the first character, or at that which ``skips`` more brings.
    """

    entity: str
    first: str
    pattern: str
    find: Find
    skips: int = 0


class Extended:
    """Finds those of ``entities`` that ``languages`` have, scoring at least ``threshold``."""

    def __init__(
        self,
        entities: Iterable[str],
        threshold: float,
        languages: frozenset[str] = DEFAULT_LANGUAGES,
    ) -> None:
        spoken = languages | {"en"}
        self.entities = frozenset(entities) & frozenset[str]().union(
            *(EXTENDED[one] for one in spoken)
        )
        self.rules = _rules(self.entities, threshold)
        self._threshold = threshold
        self._literals = "SECRET" in self.entities
        signs = [sign for sign in _signs() if sign.entity in self.entities]
        self._found_by = tuple(signs)
        self._sign = re.compile(_alternatives(signs))

    def find(self, text: str, around: Around) -> Iterator[Span | None]:
        """What is found from signs in ``text``, which has a digit in it; None for others' turn."""
        if self._literals and secrets.may_hold_literals(text):
            yield from secrets.literal_secrets(text)
        furthest = 0
        for match in self._sign.finditer(text):
            at, index = match.start(), match.lastindex
            if at < furthest or index is None:
                continue
            sign = self._found_by[index - 1]
            for span in sign.find(text, at + sign.skips, around):
                if span.score >= self._threshold:
                    furthest = max(furthest, span.end)
                    yield span
            yield None


def _rules(entities: frozenset[str], threshold: float) -> list[Rule]:
    rules = [rule for entity in _RULES if entity in entities for rule in _RULES[entity](threshold)]
    for kind in KINDS:
        if kind.entity in entities:
            rules += rules_for(kind, threshold)
    return rules


def _signs() -> list[Sign]:
    """Of several that one place could begin, the first one counts."""
    found = births.Births(frozenset(births.STEMS)).find
    return [
        Sign("UK_NINO", _DIGIT, spaced.NINO_SIGN, _plain(spaced.spaced_nino)),
        Sign("CREDIT_CARD", _DIGIT, cards.SPACED_SIGN, _plain(cards.spaced_card)),
        Sign("DATE_OF_BIRTH", _DIGIT, births.YEAR_SIGN, found),
        Sign("DATE_OF_BIRTH", _DIGIT, births.DATE_SIGN, found),
        Sign("STREET_ADDRESS", _DIGIT, addresses.SIGN, _plain(addresses.addresses)),
        Sign("PHONE_NUMBER", "[(]", phones.BRACKET_SIGN, _plain(phones.bracketed_phone), 1),
        Sign("PHONE_NUMBER", "[+]", phones.PLUS_SIGN, _plain(phones.international_phone), 1),
        Sign("SECRET", "[-_.]", secrets.SIGN, _plain(secrets.secret), 1),
        Sign("SECRET", "[=:>]", secrets.NAMED_SIGN, _plain(secrets.named_secret), 1),
    ]


def _plain(find: Callable[[str, int], Iterator[Span]]) -> Find:
    return lambda text, at, _: find(text, at)


def _alternatives(signs: Sequence[Sign]) -> str:
    """A pattern that matches where a sign begins, in the group with its number.

    Those that begin with digits must come first: most places do.
    """
    groups: dict[str, list[str]] = {}
    for sign in signs:
        groups.setdefault(sign.first, []).append(f"{sign.pattern}()")
    branches = [f"(?<={first})(?:{'|'.join(those)})" for first, those in groups.items()]
    digits = [branch for branch in branches if branch.startswith(f"(?<={_DIGIT})")]
    others = f"(?<!{_DIGIT})(?:{'|'.join(branches[len(digits) :]) or '(?!)'})"
    return f"{FIRST}(?:{'|'.join([*digits, others])})"
