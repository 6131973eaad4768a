"""What is masked, where, and by what: the shipped words and the configured ones, as one table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from router.masking.shipped import STEMS, VENDORS, Vendor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Level(IntEnum):
    """How freely a place is masked: a place of one level takes the words up to that level."""

    PROSE = 0
    NAMED = 1
    MODEL = 2


PROSE: Final = Level.PROSE
NAMED: Final = Level.NAMED
MODEL: Final = Level.MODEL
"""By these names, since an attribute of an enum costs a call (CPython 3.11)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to look for. ``text`` is in lower case, as long as what it matches.

    ``fixed``: ``new`` stands as it is, whatever the letter case. ``closed``: no ``-`` may follow
    (``gpt-4o`` is not ``gpt-4o-mini``). ``least`` > 0: a stem of an id, see ``shipped.Stem``.
    """

    text: str
    new: str
    level: Level
    fixed: bool = False
    closed: bool = False
    least: int = 0
    drop: bool = False
    joined: bool = False

    def replacement(self, found: str) -> str:
        """What takes the place of ``found``, its letter case kept in kind."""
        if self.fixed:
            return self.new
        if found.isupper():
            return self.new.upper()
        if found[:1].isupper():
            return self.new[:1].upper() + self.new[1:]
        return self.new.lower()


def fold(text: str) -> str:
    """``text`` with its ASCII letters in lower case; its length stays (``lower`` may change it)."""
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def slug(brand: str) -> str:
    """``brand`` as it may stand in a host or an id."""
    return re.sub(r"[^a-z0-9]+", "-", brand.lower()).strip("-")


def spellings(phrase: str) -> list[str]:
    """The ways a phrase is met: ``vertex ai``, ``vertex-ai``, ``vertex_ai``, ``vertexai``."""
    words = fold(phrase).split()
    if len(words) == 1:
        return words
    return [separator.join(words) for separator in (" ", "-", "_", "")]


class _Table:
    """Gathers entries; of two with the same text the one that is masked more widely stays."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Adds ``entry`` unless one that reaches as far is there."""
        known = self.entries.get(entry.text)
        if known is None or entry.level < known.level or entry.fixed > known.fixed:
            self.entries[entry.text] = entry

    def add_phrase(self, phrase: str, brand: str, level: Level) -> None:
        """Adds a word, a phrase in all its spellings, or a host (a dotted name)."""
        for text in spellings(phrase):
            host = "." in text and " " not in text
            new = f"{slug(brand)}.{text.rpartition('.')[2]}" if host else brand
            self.add(Entry(text, new, level))


def _brand_of(vendor: Vendor, chosen: Mapping[str, str], brand: str) -> str:
    """The brand a configuration gives to any of a vendor's words holds for all of them."""
    for phrase in (*vendor.words, *vendor.common, *vendor.models):
        for text in spellings(phrase):
            if text in chosen:
                return chosen[text]
    return brand


def _is_distinct(model: str) -> bool:
    """Whether a model's name is no word: long enough, with a digit or a joint in it."""
    return len(model) >= 6 and re.search(r"[\d_-]", model) is not None


def _check(brand: str, vendors: Mapping[str, str]) -> None:
    if not slug(brand):
        raise ValueError("the brand must hold a letter or a digit")
    for word, name in vendors.items():
        if len(word.strip()) < 2 or not slug(name):
            raise ValueError(f"masking.vendors: cannot replace {word!r} by {name!r}")


def compile_vocabulary(
    brand: str,
    vendors: Mapping[str, str] | None = None,
    models: Mapping[str, str] | None = None,
    hosts: Iterable[str] = (),
) -> tuple[Entry, ...]:
    """Every entry, for :class:`router.masking.matcher.Matcher`.

    ``vendors`` (word -> brand) are masked everywhere, prose included. ``models`` is the
    configuration's alias -> vendor's name. ``hosts`` are the upstreams' own names, masked
    everywhere; one without a dot or without a letter (``localhost``, an address) is left out,
    since it names nobody. Raises ValueError for an empty brand or word.
    """
    chosen = {fold(word).strip(): name for word, name in (vendors or {}).items()}
    _check(brand, chosen)
    table = _Table()
    for vendor in VENDORS:
        name = _brand_of(vendor, chosen, brand)
        for level, phrases in zip(Level, (vendor.words, vendor.common, vendor.models), strict=True):
            for phrase in phrases:
                table.add_phrase(phrase, name, level)
    for word, name in chosen.items():
        table.add_phrase(word, name, PROSE)
    for host in hosts:
        if "." in host and re.search("[a-z]", host.lower()):
            table.add(Entry(host.lower().rstrip("."), slug(brand), PROSE, fixed=True))
    _add_models(table, models or {})
    _add_stems(table, brand)
    return tuple(table.entries.values())


def _add_models(table: _Table, models: Mapping[str, str]) -> None:
    for alias, model in models.items():
        level = PROSE if _is_distinct(model) else NAMED
        known = table.entries.get(fold(model))
        if known is not None:
            level = min(level, known.level)
        table.add(Entry(fold(model), alias, level, fixed=True, closed=True))


def _add_stems(table: _Table, brand: str) -> None:
    for stem in STEMS:
        level = PROSE if stem.anywhere else NAMED
        new = stem.neutral + slug(brand) if stem.drop else stem.neutral
        table.add(
            Entry(
                stem.prefix,
                new,
                level,
                fixed=True,
                least=stem.least,
                drop=stem.drop,
                joined=stem.joined,
            )
        )
