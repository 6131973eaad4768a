"""Which words of a text may be names: words with capitals side by side, and few in small letters.

A *run* is capitalised words apart by one blank, with initials (``J. R. Smith``) and particles
(``van der Berg``) among them. A run of usual words alone is none. In small letters only names that
the lexicon has are looked at, and only in texts without any capital and behind the word ``name``
(``my name is jane doe``, ``customer_name jane doe``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.privacy.find.people.features import (
    COMMON,
    FAMILY,
    GIVEN,
    LONGEST,
    PARTICLES,
    PLACE,
    THING,
    USUAL,
    fold,
    known,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Word = tuple[str, int, int]
"""A word, and where it begins and ends."""

_CAPITALS: Final = "A-ZÀ-ÖØ-ÞĀ-ɏΆ-ΫЀ-ЯѠ-ԯԱ-Ֆ\u1e00-\u1eff"
"""Small letters stand among them where a script has both by turns."""

_REST: Final = rf"(?:\.(?:[{_CAPITALS}]\.)*+|[\w\u0300-\u036f]*+(?:['’-][\w\u0300-\u036f]++)*+)"  # noqa: RUF001
"""Of a word, behind its capital."""

_PARTICLE: Final = "|".join(sorted(PARTICLES, key=lambda one: (-len(one), one)))
_JOINED: Final = "(?:(?:al|el|ul|ad|ar|as|an)-|[dl]['’])?"  # noqa: RUF001
_MORE: Final = 11
"""Words of a run behind its first; a longer one is read in pieces."""

_RUN: Final = re.compile(
    rf"[{_CAPITALS}](?<![\w@#].){_REST}"
    rf"(?:[ \u00a0](?:(?:{_PARTICLE})[ \u00a0]){{0,3}}{_JOINED}[{_CAPITALS}]{_REST}){{0,{_MORE}}}"
)
_CAPITAL: Final = re.compile(f"[{_CAPITALS}]")
_POSSESSIVES: Final = ("'s", "’s", "'S", "’S")  # noqa: RUF001
_SHORT: Final = 5
"""Letters; a word in capitals that is no longer is an abbreviation, if nobody is known by it."""

_OTHER_SCRIPT: Final = re.compile("[Ͱ-֏]")
"""Greek, Cyrillic and Armenian: of these only names that are known are looked at."""

_SMALL: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:['’-][^\W\d_]++)*+(?![\w@])")  # noqa: RUF001
_NAMED: Final = re.compile(r"name(?: is|'s|:|=)? +(?=[^\W\d_])")
_REACH: Final = 60
"""Characters behind it in which the name ends."""

_ALONE: Final = GIVEN | COMMON | PLACE | THING
_LEAST_GIVEN: Final = 4
"""Letters; in small letters shorter given names are too much like words of other languages."""


def may_have_runs(text: str, lexicon: Mapping[str, int]) -> bool:
    """False where :func:`runs` gives none for ``text``, nor for a string of it if it is JSON.

    A string may stand behind its member's name when it is looked at, and have no capital though
    the document has some.
    """
    if next(_capital_runs(text, lexicon), None) is not None or "name" in text.lower():
        return True
    return next(_small_runs(text, 0, len(text), lexicon), None) is not None


def runs(text: str, lexicon: Mapping[str, int]) -> Iterator[list[Word]]:
    """All runs of ``text``, never an empty one, without titles' dots and possessives."""
    if _CAPITAL.search(text) is None:
        yield from _small_runs(text, 0, len(text), lexicon)
        return
    yield from _capital_runs(text, lexicon)
    for match in _NAMED.finditer(text):
        start = match.end()
        for words in _small_runs(text, start, start + _REACH, lexicon):
            if words[0][1] == start:
                yield words
            break


def _capital_runs(text: str, lexicon: Mapping[str, int]) -> Iterator[list[Word]]:
    for match in _RUN.finditer(text):
        run = match.group()
        if lexicon.get(run.lower(), 0) & USUAL or usual(run, lexicon):
            continue  # most are one usual word, at the beginning of a sentence
        start, end = match.span()
        if not _is_handle(text, start, end):
            yield list(_words(run, start))


def usual(run: str, lexicon: Mapping[str, int]) -> bool:
    """Whether no word of ``run`` could be a name: they are usual ones, abbreviations or codes."""
    for word in run.lower().split(" "):
        if not lexicon.get(word, 0) & USUAL:
            return all(_usual(word, lexicon) for word in run.split(" "))
    return True


def _usual(word: str, lexicon: Mapping[str, int]) -> bool:
    bare = word[:-2] if word.endswith(_POSSESSIVES) else word
    bits = known(fold(bare[: LONGEST + 1]), lexicon)
    if bits:
        return bool(bits & USUAL)
    return (
        len(bare) > LONGEST
        or (len(bare) <= _SHORT and bare.isupper())
        or any(sign.isdigit() or sign == "_" for sign in bare)
        or _OTHER_SCRIPT.match(bare) is not None
    )


def _is_handle(text: str, start: int, end: int) -> bool:
    """Whether a run is part of an address, or somebody's handle."""
    return text[end : end + 1] == "@" or text[max(0, start - 2) : start] == "@ "


def _words(run: str, start: int) -> Iterator[Word]:
    for word in run.replace("\u00a0", " ").split(" "):
        bare = word[:-2] if word.endswith(_POSSESSIVES) else word
        yield bare, start, start + len(bare)
        start += len(word) + 1


def _small_runs(
    text: str, start: int, end: int, lexicon: Mapping[str, int]
) -> Iterator[list[Word]]:
    """Names that the lexicon has, side by side; one of them is given to people and nothing else."""
    words = _SMALL.findall(text, start, end)
    if text.isascii() and not any(lexicon.get(word, 0) & _ALONE == GIVEN for word in words):
        return  # as in most texts
    run: list[Word] = []
    telling = False
    for match in _SMALL.finditer(text, start, end):
        word, (at, behind) = match.group(), match.span()
        bits = lexicon.get(word, 0) if word.isascii() else known(fold(word), lexicon)
        named = bits & (GIVEN | FAMILY)
        joins = named and len(run) <= _MORE and text[at - 1] == " "
        if run and not (joins and at == run[-1][2] + 1):
            if telling:
                yield run
            run, telling = [], False
        if named:
            run.append((word, at, behind))
            telling = telling or (bits & _ALONE == GIVEN and len(word) >= _LEAST_GIVEN)
    if telling:
        yield run
