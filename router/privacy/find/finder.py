"""Finds personal data in one text: Presidio's recognisers, run only where they can match.

Most of a text is skipped. What is looked at begins at a digit (``clusters``, ``phones``), at an
``@`` or at the separators of network addresses (``anchored``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from router.privacy.find.anchored import ANCHORED, Anchored, Emails, Links
from router.privacy.find.around import Around
from router.privacy.find.clusters import Clusters
from router.privacy.find.edges import opening
from router.privacy.find.extended.extended import Extended
from router.privacy.find.judge.judge import Judge
from router.privacy.find.phones.matcher import Phones
from router.privacy.find.rules import Rule, Whole, context_of, recognisers, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from router.privacy.find.people.people import People
    from router.privacy.kinds import Scope
    from router.privacy.spans import Span


class Part(Protocol):
    """Something that looks through a text."""

    def find(self, text: str, around: Around) -> Iterator[Span | None]:
        """All it finds; None for others' turn."""
        ...


SAMPLE: Final = (
    "Mail bob@example.com, call +1 212 555 0143, card 4111 1111 1111 1111, ssn 536-90-4399, "
    "licence A1234567, 10.1.2.3, fe80::1, 00:1b:44:11:3a:b7, GB82 WEST 1234 5698 7654 32"
)
"""Touches every part, so that what they load lazily is loaded."""

_DIGIT: Final = re.compile("[0-9]")
_OTHERWISE: Final = ANCHORED | {"EMAIL_ADDRESS", "IBAN_CODE", "PHONE_NUMBER", "URL"}
"""What is not found by the shape of its digits alone."""


class Finder:
    """Finds ``entities`` that score at least ``threshold``; ValueError where ``scope`` lacks one.

    In a scope that is compatible with plain Presidio nothing is judged by what stands around it.
    ``people`` finds the names of people, where a language model does not.
    """

    def __init__(
        self, entities: Iterable[str], threshold: float, scope: Scope, people: People | None = None
    ) -> None:
        wanted = set(entities)
        if missing := wanted - scope.known:
            raise ValueError(f"no recogniser finds {', '.join(sorted(missing))}")
        self._judge = None if scope.compat else Judge(wanted)
        extended = None if scope.compat else Extended(wanted, threshold, scope.languages)
        self._extended = extended
        self._people = people if "PERSON" in wanted else None
        known = recognisers(wanted)
        rules = {
            entity: rules_of(known[entity], threshold)
            for entity in sorted(known)
            if hasattr(known[entity], "patterns")
        }
        iban = known.get("IBAN_CODE")
        ibans = None if iban is None else Whole(iban, threshold, context_of(iban))
        by_shape = [rule for entity in rules if entity not in _OTHERWISE for rule in rules[entity]]
        self._clusters = Clusters(
            [*by_shape, *(extended.rules if extended else ())],
            ibans,
            settles=None if self._judge is None else self._settles,
        )
        self._anchored = Anchored({entity: rules[entity] for entity in rules if entity in ANCHORED})
        self._emails = Emails(rules.get("EMAIL_ADDRESS", ()))
        self._phones = Phones(known.get("PHONE_NUMBER"), threshold)
        self._links = Links(rules.get("URL", ()))
        self._rules = rules
        self._ibans = ibans

    def _settles(self, span: Span, text: str) -> bool:
        """A card in groups that holds by its checksum and where it stands is no other number."""
        return (
            span.entity == "CREDIT_CARD"
            and span.score >= 1
            and not text[span.start : span.end].isdigit()
            and self._judge is not None
            and self._judge.judged(span, text) == span
        )

    def find(self, text: str) -> list[Span]:
        """All findings in ``text``, whose digits must be plain; overlapping ones too."""
        return [span for span in self.steps(text) if span is not None]

    def steps(self, text: str) -> Iterator[Span | None]:
        """The same bit by bit: None wherever others may have their turn."""
        judge = self._judge
        opened = text if judge is None else (yield from opening(text))
        for span in self._found(text, opened):
            yield span if span is None or judge is None else judge.judged(span, opened)

    def _found(self, text: str, opened: str) -> Iterator[Span | None]:
        """What the recognisers find, wherever it stands; ``opened``: with room round values."""
        around = Around(opened)
        if _DIGIT.search(text) is not None:
            yield from self._clusters.find(opened, around)
            yield from self._phones.find(opened, around)
            if self._extended is not None:
                # As it came: secrets have signs in them that values are glued to others by.
                yield from self._extended.find(text, around)
        yield from self._anchored.find(opened, around)
        yield from self._emails.find(opened, around)
        yield from self._links.find(opened, around)
        if self._people is not None:
            yield from self._people.find(text, around)

    def explained(self, text: str) -> list[tuple[Span, str]]:
        """As :meth:`find`, each with its recogniser's name; slow: each of them looks by itself."""
        return [one for one in self._explained(text) if one is not None]

    def _explained(self, text: str) -> Iterator[tuple[Span, str] | None]:
        judge = self._judge
        opened = text if judge is None else (yield from opening(text))
        as_it_came = (self._extended, self._people)
        for name, part in self._named():
            for span in part.find(text if part in as_it_came else opened, Around(opened)):
                held = span if span is None or judge is None else judge.judged(span, opened)
                if held is not None:
                    yield held, name

    def _named(self) -> Iterator[tuple[str, Part]]:
        """Every recogniser as a part of its own, by its name."""
        yield "PhoneRecognizer", self._phones
        if self._ibans is not None:
            yield "IbanRecognizer", Clusters((), self._ibans)
        for rules in self._rules.values():
            for rule in rules:
                yield rule.name, _alone(rule)
        if self._extended is not None:
            for rule in self._extended.rules:
                yield rule.name or f"{rule.entity}: the router's own", _alone(rule)
            yield "the router's own", self._extended
        if self._people is not None:
            yield "the router's names", self._people


def _alone(rule: Rule) -> Part:
    if rule.entity in ANCHORED:
        return Anchored({rule.entity: (rule,)})
    if rule.entity == "EMAIL_ADDRESS":
        return Emails((rule,))
    return Links((rule,)) if rule.entity == "URL" else Clusters((rule,), None)
