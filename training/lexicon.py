"""What the model knows of words before it learns: common ones, names, places and things."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from faker.providers.lorem import en_US as lorem

from router.privacy.find.people.features import (
    COMMON,
    FAMILY,
    GIVEN,
    PARTICLES,
    PLACE,
    THING,
    USUAL,
    fold,
)
from training import lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from training.texts import Text

_SMALL: Final = re.compile(r"(?<![\w@#./\\-])[a-z]{2,20}(?:['’][a-z]{1,3})?(?![\w@])")  # noqa: RUF001
_SEEN: Final = 2
"""Times that a word stands in small letters, to be a common one."""

_SEEN_NAME: Final = 8
"""The same of a word that is a name, too."""

_SEEN_OFTEN: Final = 400
"""So often, even a word that is a name is never looked at alone."""

_MANY: Final = """
will mark bill grace hope rose chase frank grant jack art ray rich max sue pat drew dale lane wade
dean faith joy mercy crystal ruby amber jade pearl iris lily daisy ivy hazel olive violet heather
april may june august summer autumn dawn eve star angel carol melody harmony gene rob bob nick
jordan chelsea paris london austin dallas carter cooper hunter mason taylor parker page ford stone
brown black white green gray grey young king long rice lee park kay miles christian victor
"""
_NAMES_OF_MANY: Final = frozenset(_MANY.split())
"""Common words that are names, too: looked at however often they are seen."""

_LOCALES_LEFT: Final = frozenset({"hy_AM", "mk_MK", "bg_BG", "el_GR"})
"""Not in Latin letters, and rare in English texts: left out, for the size of the model."""


def build(texts: Iterable[Text]) -> dict[str, int]:
    """Word to bits. ``texts``: where common words are counted."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(_SMALL.findall(text.without_names().replace("’", "'")))  # noqa: RUF001
    lexicon: dict[str, int] = {}
    _names(lexicon, GIVEN, lists.given_names())
    _names(lexicon, FAMILY, lists.family_names())
    for word, times in seen.items():
        if times >= (_SEEN_NAME if word in lexicon else _SEEN):
            lexicon[word] = lexicon.get(word, 0) | COMMON
    _others(lexicon, PLACE, lists.places())
    _others(lexicon, THING, _things())
    for word in _common():
        lexicon[word] = lexicon.get(word, 0) | COMMON
    return {
        word: bits | USUAL if _usual(word, bits, seen[word]) else bits
        for word, bits in lexicon.items()
    }


def _names(lexicon: dict[str, int], bit: int, names: Mapping[str, list[str]]) -> None:
    for locale in names.keys() - _LOCALES_LEFT:
        for name in names[locale]:
            for word in fold(name).split():
                if len(word) > 1 and "." not in word and word not in PARTICLES:
                    lexicon[word] = lexicon.get(word, 0) | bit


def _others(lexicon: dict[str, int], bit: int, names: list[str]) -> None:
    """Places or things; a name of a person within a longer one stays a name alone."""
    for name in names:
        parts = fold(name).split()
        for word in parts:
            named = len(parts) > 1 and lexicon.get(word, 0) & (GIVEN | FAMILY)
            if len(word) > 2 and word not in PARTICLES and not named:
                lexicon[word] = lexicon.get(word, 0) | bit


def _common() -> Iterator[str]:
    """Words that are common though the texts may not have them, most with their plural."""
    for name in ("business", "english", "calendar"):
        for word in lists.words(name):
            yield word
            if name != "calendar" and word.isalpha() and not word.endswith("s"):
                yield word + "s"
    yield from lorem.Provider.word_list


def _things() -> list[str]:
    return [one for name in ("things", "products", "organisations") for one in lists.words(name)]


def _usual(word: str, bits: int, times: int) -> bool:
    """Whether a run of this word alone is never a name."""
    if word in _NAMES_OF_MANY:
        return False
    if not bits & (GIVEN | FAMILY):
        return True
    return bool(bits & COMMON) and times >= _SEEN_OFTEN
