"""What tells a person's name from other capitalised words: the features of the model's weights.

Training and finding share them. A feature is a short string; its first letter says what it is
about, so that the same word may weigh differently as the word itself and as a neighbour.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GIVEN: Final = 1
FAMILY: Final = 2
COMMON: Final = 4
PLACE: Final = 8
THING: Final = 16
USUAL: Final = 32
"""Bits of what the lexicon knows of a word. ``USUAL``: alone it is never looked at as a name."""

_KNOWN: Final = GIVEN | FAMILY | COMMON | PLACE | THING
LONGEST: Final = 32
"""Characters; no part of a name is longer."""

_PARTICLES: Final = """
van der den de del della di da das do dos du la le von zu zur ter ten bin ibn abu al el
"""
PARTICLES: Final = frozenset(_PARTICLES.split())
"""Small words within a name."""

_TITLES: Final = """
mr mrs ms miss mx dr prof professor sir madam dame lord lady rev fr hon capt col sgt lt mme mlle
frau herr senor senora monsieur madame signor signora chief alhaji alhaja engr barr pastor sra sres
judge officer detective doctor nurse president governor senator mayor minister secretary ambassador
chairman
"""
TITLES: Final = frozenset(_TITLES.split())
"""Never part of a name."""

_LETTERS: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "ı": "i"})  # noqa: RUF001
_NEAR: Final = 40
"""Characters before a run in which its neighbours are looked for."""

_BETWEEN: Final = " \t\n\r\u00a0.,;:!?\"'`´‘’“”«»()[]{}<>|*=+-–—&%$€£#/\\~^_•·→>@"  # noqa: RUF001
_LETTERS_ALONE: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001
_DIGIT: Final = re.compile(r"[\d_]")
_GAPS: Final = str.maketrans({"\n": "¶", "\r": None, "\t": "→", "\u00a0": " "})


class Token(NamedTuple):
    """One word of a run. ``kind``: what it is known as and how it is written, very short."""

    folded: str
    kind: str
    features: tuple[str, ...]


def fold(word: str) -> str:
    """``word`` in lower case without its accents."""
    word = word.lower()
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word.translate(_LETTERS))
    return "".join(part for part in parts if not unicodedata.combining(part))


def known(folded: str, lexicon: Mapping[str, int]) -> int:
    """What the lexicon says of a folded word; of one with hyphens, what it says of all parts."""
    bits = lexicon.get(folded)
    if bits is None and "-" in folded:
        bits = _KNOWN | USUAL
        for part in folded.split("-"):
            bits &= lexicon.get(part, 0)
    return bits or 0


def token(word: str, folded: str, bits: int) -> Token:
    """``word`` as part of a run, folded, too; ``bits`` as the lexicon has it."""
    if word in PARTICLES:
        return Token(folded, "p", ())
    if folded in TITLES:
        return Token(folded, "h", ())
    if "." in word or len(word) == 1:
        return Token(folded, "i", ("=i", f"n{len(word)}"))
    if len(word) > LONGEST or _DIGIT.search(word):
        return Token(folded[:LONGEST], "0", ("=0",))
    letter = chr(65 + (bits & _KNOWN))
    kind = letter + _shape(word)
    features = [f"={kind}", f"n{min(len(word), 12)}"]
    if not bits & (GIVEN | FAMILY) or bits & (COMMON | PLACE | THING):
        features.append(f"w{folded}")
    padded = f"<{folded}>"
    features += [f"s{padded[-size:]}" for size in (3, 4, 5)]
    features += [f"b{padded[:size]}" for size in (3, 4)]
    if not bits:
        features += [f"g{padded[at : at + 3]}" for at in range(1, len(padded) - 3)]
    if not word.isascii():
        features.append("d" + letter)
    for sign in "-'’":  # noqa: RUF001
        if sign in word:
            features.append(sign + letter)
    return Token(folded, kind, tuple(features))


def _shape(word: str) -> str:
    if word.isupper():
        return "A"
    if word.islower():
        return "a"
    return "" if word[1:].islower() or "-" in word or "'" in word or "’" in word else "M"  # noqa: RUF001


def neighbours(text: str, start: int, end: int) -> tuple[str, str, str, str, str]:
    """The word but one before a run, the word before, what stands between; behind, and the word."""
    head = text[max(0, start - _NEAR) : start]
    bare = head.rstrip(_BETWEEN)
    before = bare.split()[-2:]
    tail = text[end : end + _NEAR]
    rest = tail.lstrip(_BETWEEN)
    after = rest.split(None, 1)
    return (
        _neighbour(before[0], -1) if len(before) > 1 else "",
        _neighbour(before[-1], -1) if before else "",
        _gap(head[len(bare) :][-4:]),
        _gap(tail[: len(tail) - len(rest)][:4]),
        _neighbour(after[0], 0) if after else "",
    )


def _neighbour(word: str, which: int) -> str:
    """A neighbour in lower case; of several joined by signs the one on this side."""
    if not word.isalpha():
        words = _LETTERS_ALONE.findall(word)
        word = words[which] if words and not word.isdigit() else "0"
    return word[:LONGEST].lower()


def _gap(between: str) -> str:
    """Without line ends, which the model's file is made of: ``¶`` stands for one."""
    if between == " " or not between:
        return between
    between = between.translate(_GAPS)
    while "  " in between:
        between = between.replace("  ", " ")
    return between


def around_run(
    tokens: Sequence[Token], neighbours: tuple[str, str, str, str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Features of a whole run, and beginnings of those that each token's kind completes."""
    first, last, left, right, after = neighbours
    kinds = ",".join(one.kind for one in tokens[:5])
    broken = "¶" in left
    whole = [
        f"l{last}{left}",
        f"r{right}{after}",
        f"L{left}",
        f"R{right}",
        f"k{kinds}",
        f"K{left}{kinds}{right}",
        f"f{tokens[0].folded}",
        f"e{tokens[-1].folded}",
        f"E{tokens[-1].folded[-3:]}",
    ]
    if not broken:
        whole += [f"a{last}", f"A{first} {last}"]
    if "¶" not in right:
        whole.append(f"z{after}")
    each = (f"x{last if not broken else ''}{left}|", f"y{left}|{right}|", f"Y{right}{after}|")
    return tuple(whole), each


def beside(tokens: Sequence[Token], at: int) -> tuple[str, ...]:
    """Features of the words beside ``tokens[at]`` within its run."""
    kind = tokens[at].kind
    before = tokens[at - 1] if at else _EDGE
    after = tokens[at + 1] if at + 1 < len(tokens) else _EDGE
    return (
        f"<{before.kind},{kind}",
        f">{kind},{after.kind}",
        f"t{before.kind},{kind},{after.kind}",
        f"B{before.folded}",
        f"F{after.folded}",
        f"C{before.folded}|{kind}",
        f"D{after.folded}|{kind}",
    )


_EDGE: Final = Token("", "#", ())
