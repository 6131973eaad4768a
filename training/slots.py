"""What stands in texts beside names: organisations, places, products, dates, numbers."""

from __future__ import annotations

import re
from calendar import day_name, month_name
from typing import TYPE_CHECKING, Final

from training import lists

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from training.person import People

_LISTED: Final = {
    "dept": "departments",
    "disease": "diseases",
    "drug": "drugs",
    "field": "fields",
    "job": "jobs",
    "nation": "nations",
    "role": "roles",
    "thing": "things",
    "verb": "verbs",
    "country": "places",
    "place": "places",
}
_VALUES: Final = (
    *("org", "city", "thing", "product", "title", "title", "job", "dept", "street", "nation"),
)
_NAMED_AFTER_PEOPLE: Final = 0.4
"""Share of organisations whose names are made of names of people."""

_DAYS: Final = tuple(day_name)
_MONTHS: Final = tuple(month_name)[1:]
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Slots:
    """Draws what a template asks for beside people."""

    def __init__(self, random: Random, people: People) -> None:
        self._random, self._people = random, people
        self._words = {slot: lists.words(file) for slot, file in _LISTED.items()}
        self._towns = {"all": lists.places(), "own": lists.words("places")}
        self._organisations, self._products = lists.words("organisations"), lists.words("products")
        self._patterns = {name: lists.words(name, "\n") for name in ("companies", "abroad")}
        self._american = lists.family_names()["en_US"]
        self._addresses = {name: lists.words(name) for name in ("trees", "streets", "towns")}
        self._states = lists.words("states")
        plain = (*lists.words("business"), *lists.words("english"))
        self._common = [word for word in plain if word.isalpha()]
        self._made: dict[str, Callable[[], str]] = {
            name.removeprefix("_make_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_make_")
        }

    def value(self, slot: str, form: str | None) -> str:
        """What stands in ``slot``, in the form that it asks for. Raises KeyError if unknown."""
        made = self._made.get(slot)
        return _formed(made() if made is not None else self._one(self._words[slot]), form)

    def _one(self, words: Sequence[str]) -> str:
        return self._random.choice(words)

    def _number(self, least: int, most: int) -> str:
        return str(self._random.randrange(least, most))

    def _make_value(self) -> str:
        return self.value(self._one(_VALUES), None)

    def _make_org(self) -> str:
        if self._random.random() >= _NAMED_AFTER_PEOPLE:
            return self._one(self._organisations)
        names = [self._people.family_name() for _ in range(3)]
        return self._one(self._patterns["companies"]).format(*names)

    def _make_fam(self) -> str:
        return self._one(self._american)

    def _make_city(self) -> str:
        return self._one(self._towns["all" if self._random.random() < 0.3 else "own"])

    def _make_product(self) -> str:
        return self._one(self._words["thing"] if self._random.random() < 0.6 else self._products)

    def _make_street(self) -> str:
        tree, street = (self._addresses[name] for name in ("trees", "streets"))
        named = self._one((self._one(self._american), self._one(tree), self._make_city()))
        return f"{self._number(1, 9999)} {named} {self._one(street)}"

    def _make_addr(self) -> str:
        towns = (self._make_city(), self._one(self._addresses["towns"]), self._make_fam())
        code = self._number(10000, 99999)
        return f"{self._make_street()}, {self._one(towns)}, {self._make_state()} {code}"

    def _make_foreign(self) -> str:
        named = self._one((self._make_fam(), self._people.family_name(), self._given()))
        return self._one(self._patterns["abroad"]).format(named, self._number(1, 999))

    def _given(self) -> str:
        return self._people.person().given

    def _make_state(self) -> str:
        return self._one(self._states)

    def _make_title(self) -> str:
        many = self._random.randrange(1, 5)
        return " ".join(self._random.choices(self._common, k=many)).title()

    def _make_caps(self) -> str:
        many = self._random.randrange(2, 6)
        return " ".join(self._random.choices(self._common, k=many)).upper()

    def _make_code(self) -> str:
        return "".join(self._random.choices(_LETTERS, k=self._random.randrange(4, 12)))

    def _make_day(self) -> str:
        return self._one(_DAYS)

    def _make_month(self) -> str:
        return self._one(_MONTHS)

    def _make_date(self) -> str:
        month, day = self._random.randrange(1, 13), self._random.randrange(1, 29)
        return f"20{self._number(10, 30)}-{month:02}-{day:02}"

    def _make_time(self) -> str:
        return f"{self._random.randrange(24):02}:{self._random.randrange(60):02}"

    def _make_num(self) -> str:
        return self._number(10, 99999)

    def _make_id(self) -> str:
        return f"{self._one(('ORD', 'INV', 'POL', 'EMP', 'MRN'))}-{self._number(1, 99999)}"

    def _make_money(self) -> str:
        return f"{self._one('$£€₦')}{self._number(1, 999)},000"

    def _make_phone(self) -> str:
        return f"+{self._number(1, 99)} {self._number(100, 999)} {self._number(1000, 9999)}"

    def _make_ip(self) -> str:
        return ".".join(("10", *(self._number(0, 256) for _ in range(3))))

    def _make_url(self) -> str:
        return "https://example.org/docs"


def _formed(value: str, form: str | None) -> str:
    """In capitals, in small letters, as a name in programs, or as one in Java."""
    if form == "FULL":
        return value.upper()
    if form == "s":
        return re.sub("[^a-z]+", "_", value.lower())
    if form == "c":
        words = re.split("[^A-Za-z]+", value)
        return words[0].lower() + "".join(map(str.title, words[1:]))
    return value.lower() if form == "l" else value
