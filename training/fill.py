"""Business texts with names in them, made from ``training/templates``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from training.person import People
from training.slots import Slots
from training.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

TEMPLATES: Final = Path(__file__).parent / "templates"
_SLOT: Final = re.compile(r"\{([a-zA-Z]+)(?:\.([a-zA-Z]+))?\}")
_PEOPLE: Final = "abcd"
_NAMELESS: Final = frozenset({"email", "user"})
"""Forms of a person that are no name."""

_CAPITALS, _SMALL = 0.03, 0.04
"""Shares of texts that are put in capitals and in small letters as a whole."""


class Filler:
    """Fills templates with what ``random`` draws."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._people = People(random)
        self._slots = Slots(random, self._people)

    def texts(self, times: int) -> Iterator[Text]:
        """Each template, filled ``times`` times."""
        for path in sorted(TEMPLATES.glob("*.txt")):
            for line in path.read_text(encoding="utf-8").splitlines():
                template = line.replace("\\n", "\n").replace("\\t", "\t")
                for _ in range(times):
                    yield self.fill(template)

    def fill(self, template: str) -> Text:
        """One template, filled. Raises KeyError for a slot that is unknown."""
        people = {letter: self._people.person() for letter in _PEOPLE}
        built, names, at = "", [], 0
        for slot in _SLOT.finditer(template):
            built += template[at : slot.start()]
            at = slot.end()
            name, form = slot.groups()
            if name in people:
                value = people[name].form(form)
                if form not in _NAMELESS:
                    names.append((len(built), len(built) + len(value)))
            else:
                value = self._slots.value(name, form)
            built += value
        return Text(self._cased(built + template[at:]), tuple(names))

    def _cased(self, text: str) -> str:
        way = self._random.random()
        cased = text.upper() if way < _CAPITALS else text.lower() if way > 1 - _SMALL else text
        return cased if len(cased) == len(text) else text
