r"""Makes room around values that the recognisers' own edges refuse, character for character.

A recogniser asks for ``\b`` beside a value, and ``_`` and letters of scripts that are written
without blanks are word characters: ``user_4111111111111111`` and ``卡4111111111111111号`` hold no
card for it. What is returned here is as long as what came, so that offsets hold in both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_BLANKS: Final = (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_DASHES: Final = (*range(0x2010, 0x2016), 0x2212, 0xFE63, 0xFF0D)
_WIDE: Final = {code: code - 0xFEE0 for code in map(ord, "＋．／：＠＿")}  # noqa: RUF001  as they are
_ASCII: Final = dict.fromkeys(_BLANKS, " ") | dict.fromkeys(_DASHES, "-") | _WIDE
_ODD: Final = re.compile("[" + "".join(map(chr, _ASCII)) + "]")

# Patterns begin with what they look for and look behind it afterwards: so ``re`` jumps there.
_SPREAD: Final = re.compile(
    r"[3-6](?<![0-9.].)[0-9]{3}([\t.])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?![0-9]|\1[0-9])", re.DOTALL
)
"""A card's four groups apart by tabs or dots."""

_SCRIPTS: Final = "\u0590-\u06ff\u0e00-\u0eff\u3040-\u30fb\u3400-\u9fff\uac00-\ud7af"
"""Hebrew, Arabic, Thai, Lao, Kana, Han, Hangul: words begin and end without a blank."""

_VALUE: Final = re.compile(
    r"[0-9](?<![0-9]{2})(?:[0-9]{8,18}|[0-9]{0,2}(?:\.[0-9]{1,3}){3}|[0-9]{2}-[0-9]{2}-[0-9]{4}"
    r"|[0-9]{3}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}|[0-9]{2}([ -])[0-9]{3}\2[0-9]{4})(?![0-9])"
)
"""Cards, accounts, telephones, SSNs, IP addresses: as their digits stand."""

_HEX: Final = "[0-9A-Fa-f]"
_OTHER: Final = re.compile(
    rf"_(?=[A-Z]{{1,2}}[0-9]{{7,14}}\b|{_HEX}{{2}}([:-]){_HEX}{{2}}(?:\1{_HEX}{{2}}){{4}}(?!{_HEX}))"
    rf"|_(?<={_HEX}{{2}}[:-]{_HEX}{{2}}_)"
)
"""Before a licence, before and behind a MAC address."""

_JOINT: Final = re.compile(rf"[_{_SCRIPTS}]")
_NAME: Final = regex.compile(
    r"(?ir)(?<![\w])(?:card|cc|visa|amex|ssn|ip|ipv4|host|addr|server|client|tel|phone|mobile|call)"
)
"""Words that callers run into a value; of most others it is a part."""

_MAIL_GOES_ON: Final = re.compile(r"[\w.+-]{0,64}@")

_COLON_BEHIND: Final = re.compile(rf":(?<={_HEX}:)(?=[\s\"',;)\]]|\Z)")
_COLON_BEFORE: Final = re.compile(rf":(?<=[g-zG-Z]:)(?=[23fF]{_HEX}{{3}}:{_HEX}{{0,4}}:)")
_ADDRESS: Final = regex.compile(r"(?r)(?<![\w:.])[0-9A-Fa-f:]{3,39}")
_COLONS: Final = 7
"""In an IPv6 address in full."""

_SLICE: Final = 16 << 10
"""Characters looked through before others have their turn: a millisecond or three."""

_LONGEST: Final = 64
"""No value is longer: one that begins in a slice is seen whole."""

_BETWEEN_GROUPS: Final = (4, 9, 14)


def plain_signs(text: str) -> str:
    """``text`` with blanks, dashes and wide signs as ASCII has them; as long as before."""
    if not text.isascii() and _ODD.search(text) is not None:
        text = text.translate(_ASCII)
    if "\t" in text:
        text = _SPREAD.sub(lambda match: match.group().replace("\t", " "), text)
    return text


def opening(text: str) -> Generator[None, None, str]:
    """``text`` with a blank where a value is joined to what it is no part of; as long as before.

    Returned at the end; others may have their turn in between.
    """
    joints: set[int] = set()
    for start in range(0, len(text), _SLICE):
        joints.update(_joints(text, start, start + _SLICE))
        yield
    if not joints:
        return text
    pieces: list[str] = []
    done = 0
    for at in sorted(joints):
        pieces += (text[done:at], " ")
        done = at + 1
    return "".join(pieces) + text[done:]


def _joints(text: str, low: int, high: int) -> Iterator[int]:
    """Where something is joined to a value that begins from ``low`` to ``high``."""
    end = high + _LONGEST
    for match in _VALUE.finditer(text, low, end):
        yield from _beside(text, *match.span())
    for match in _SPREAD.finditer(text, low, end):
        yield from (match.start() + group for group in _BETWEEN_GROUPS)
    if text.find("_", low, end) >= 0:
        yield from (match.start() for match in _OTHER.finditer(text, low, end))
    if text.find("::", low, end) >= 0 or text.count(":", low, end) >= _COLONS:
        yield from _colons(text, low, end)


def _beside(text: str, start: int, end: int) -> Iterator[int]:
    """Of the characters before and behind a value those that are no part of it."""
    behind = _JOINT.match(text, end)
    before = start > 0 and (_JOINT.match(text, start - 1) or _NAME.match(text, 0, start))
    if (before or behind) and not _MAIL_GOES_ON.match(text, end):
        if before:
            yield start - 1
        if behind:
            yield end


def _colons(text: str, low: int, end: int) -> Iterator[int]:
    """Colons before and behind IPv6 addresses that are no part of them."""
    for match in _COLON_BEHIND.finditer(text, low, end):
        address = _ADDRESS.match(text, 0, match.start())
        if address and ("::" in address.group() or address.group().count(":") == _COLONS):
            yield match.start()
    for match in _COLON_BEFORE.finditer(text, low, end):
        yield match.start()
