"""People with names from all over the world, drawn by chance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from router.privacy.find.people.features import fold
from training import lists

if TYPE_CHECKING:
    from random import Random

_USUAL_LOCALES: Final = ("en_US", "en_US", "en_US", "en_GB", "en", "en_IN", "ours", "ours", "ours")
_USUAL: Final = 0.6
"""Share of names that are of these."""

_PARTICLES: Final = ("van", "van der", "de", "de la", "da", "dos", "von", "bin", "al", "del", "el")
_SUFFIXES: Final = ("Jr.", "Jr", "Sr.", "II", "III")
_PREFIXES: Final = ("Al-", "El-", "al-", "O’", "Mc", "D’")  # noqa: RUF001
_INITIALS: Final = "ABCDEFGHJKLMNOPRSTVW"


@dataclass(frozen=True)
class Person:
    """One person's names; ``middle`` may be empty."""

    given: str
    middle: str
    family: str

    def form(self, form: str | None) -> str:
        """What the slot of a template asks for, see ``training/README.md``."""
        whole = " ".join(part for part in (self.given, self.middle, self.family) if part)
        user = re.sub("[^a-z]+", ".", fold(f"{self.given} {self.family.split()[-1]}"))
        forms = {
            None: whole,
            "g": self.given,
            "f": self.family,
            "F": self.family.upper(),
            "rev": f"{self.family}, {self.given}",
            "FULL": whole.upper(),
            "email": f"{user}@example.com",
            "user": user.replace(".", ""),
        }
        return forms[form]


class People:
    """Draws people by ``random``."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._given, self._family = lists.given_names(), lists.family_names()
        self._locales = [
            key
            for key in sorted(self._given)
            if self._given[key] and len(self._family.get(key, ())) > 1
        ]

    def family_name(self) -> str:
        """A family name of any locale."""
        return self._random.choice(self._family[self._locale()])

    def person(self) -> Person:
        """Most have a given and a family name; some more than that, or less."""
        draw = self._random
        locale = self._locale()
        givens, families = self._given[locale], self._family[locale]
        given, family = draw.choice(givens), draw.choice(families)
        initial, other, second = draw.choice(_INITIALS), draw.choice(givens), draw.choice(families)
        way = draw.random()
        ways = (
            (0.07, (given, initial + draw.choice(("", ".")), family)),
            (0.13, (given, other, family)),
            (0.16, (given, "", f"{family}-{second}")),
            (0.18, (f"{given}-{other}", "", family)),
            (0.22, (given, "", f"{draw.choice(_PARTICLES)} {family}")),
            (0.25, (given, "", f"{family} {second}")),
            (0.27, (given, "", f"{family} {draw.choice(_SUFFIXES)}")),
            (0.30, (f"{given[0]}.", "", family)),
            (0.32, (f"{given[0]}. {initial}.", "", family)),
            (0.34, (given, "", f"{draw.choice(_PREFIXES)}{family}")),
            (1.00, (given, "", family)),
        )
        return next(Person(*names) for share, names in ways if way < share)

    def _locale(self) -> str:
        usual = self._random.random() < _USUAL
        return self._random.choice(_USUAL_LOCALES if usual else self._locales)
