"""Names of people and places as Faker's locales have them, and words from ``training/words``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

from faker.providers import address, geo, person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORDS: Final = Path(__file__).parent / "words"
_TOWNS: Final = ("countries", "cities", "states", "provinces", "city_names", "country_names")


@cache
def given_names() -> Mapping[str, list[str]]:
    """By locale, sorted; ``ours`` are those of ``training/words``."""
    names = _named("first_names", "first_names_male", "first_names_female")
    return {**names, "ours": sorted(set(words("given_names")))}


@cache
def family_names() -> Mapping[str, list[str]]:
    """As :func:`given_names`."""
    names = _named("last_names", "last_names_male", "last_names_female")
    return {**names, "ours": sorted(set(words("family_names")))}


@cache
def places() -> list[str]:
    """Countries, states and cities, sorted."""
    found = {*words("places"), *(row[2] for row in geo.Provider.land_coords)}
    for _, provider in _providers(address):
        for attribute in _TOWNS:
            found.update(_plain(getattr(provider, attribute, ())))
    return sorted(name for name in found if name[0].isupper())


@cache
def words(name: str, between: str = ",") -> list[str]:
    """The words of ``training/words/<name>.txt``, apart by line ends and by ``between``."""
    lines = (_WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [word.strip() for line in lines for word in line.split(between) if word.strip()]


def _named(*attributes: str) -> dict[str, list[str]]:
    return {
        locale: sorted(
            {
                name
                for attribute in attributes
                for name in _plain(getattr(provider, attribute, ()))
                if name[0].isupper()
            }
        )
        for locale, provider in _providers(person)
    }


def _providers(package: Any) -> Iterator[tuple[str, Any]]:
    for module in sorted(one.name for one in iter_modules(package.__path__)):
        yield module, import_module(f"{package.__name__}.{module}").Provider


def _plain(said: object) -> Iterator[str]:
    """The strings in one of Faker's lists, whatever form it has."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, (dict, list, tuple, set, frozenset)):
        for one in said:
            if isinstance(one, (str, tuple, list)):
                yield from _plain(one)
