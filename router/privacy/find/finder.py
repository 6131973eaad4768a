"""Finds personal data in one text: Presidio's recognisers, run only where they can match.

Most of a text is skipped. What is looked at begins at a digit (``clusters``, ``phones``), at an
``@`` or at the separators of network addresses (``anchored``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.privacy.find.anchored import ANCHORED, Anchored, Emails, Links
from router.privacy.find.around import Around
from router.privacy.find.clusters import Clusters
from router.privacy.find.edges import opening
from router.privacy.find.phones import Phones
from router.privacy.find.plausible import Judge
from router.privacy.find.rules import Whole, context_of, recognisers, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from router.privacy.spans import Span

SAMPLE: Final = (
    "Mail bob@example.com, call +1 212 555 0143, card 4111 1111 1111 1111, ssn 536-90-4399, "
    "licence A1234567, 10.1.2.3, fe80::1, 00:1b:44:11:3a:b7, GB82 WEST 1234 5698 7654 32"
)
"""Touches every part, so that what they load lazily is loaded."""

_DIGIT: Final = re.compile("[0-9]")
_OTHERWISE: Final = ANCHORED | {"EMAIL_ADDRESS", "IBAN_CODE", "PHONE_NUMBER", "URL"}
"""What is not found by the shape of its digits alone."""


class Finder:
    """Finds ``entities`` that score at least ``threshold``. Raises ValueError on unknown ones.

    With ``compat`` exactly what plain Presidio finds: nothing beyond, and nothing judged by what
    stands around it.
    """

    def __init__(self, entities: Iterable[str], threshold: float, *, compat: bool = False) -> None:
        wanted = set(entities)
        self._judge = None if compat else Judge(wanted)
        known = recognisers(wanted)
        if missing := wanted - known.keys():
            raise ValueError(f"no recogniser finds {', '.join(sorted(missing))}")
        rules = {
            entity: rules_of(known[entity], threshold)
            for entity in sorted(known)
            if hasattr(known[entity], "patterns")
        }
        iban = known.get("IBAN_CODE")
        ibans = None if iban is None else Whole(iban, threshold, context_of(iban))
        by_shape = [rule for entity in rules if entity not in _OTHERWISE for rule in rules[entity]]
        self._clusters = Clusters(by_shape, ibans)
        self._anchored = Anchored({entity: rules[entity] for entity in rules if entity in ANCHORED})
        self._emails = Emails(rules.get("EMAIL_ADDRESS", ()))
        self._phones = Phones(known.get("PHONE_NUMBER"), threshold)
        self._links = Links(rules.get("URL", ()))

    def find(self, text: str) -> list[Span]:
        """All findings in ``text``, whose digits must be plain; overlapping ones too."""
        return [span for span in self.steps(text) if span is not None]

    def steps(self, text: str) -> Iterator[Span | None]:
        """The same bit by bit: None wherever others may have their turn."""
        judge = self._judge
        if judge is None:
            yield from self._found(text)
            return
        text = yield from opening(text)
        for span in self._found(text):
            yield span if span is None else judge.judged(span, text)

    def _found(self, text: str) -> Iterator[Span | None]:
        """What the recognisers find, wherever it stands."""
        around = Around(text)
        if _DIGIT.search(text) is not None:
            yield from self._clusters.find(text, around)
            yield from self._phones.find(text, around)
        yield from self._anchored.find(text, around)
        yield from self._emails.find(text, around)
        yield from self._links.find(text, around)
