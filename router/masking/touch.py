"""Tells raw bytes in which no vendor word can begin, so that readers need not take them apart.

Works on a shape of the bytes: letters in lower case, other ASCII a blank, other bytes one mark.
The shape of a clean chunk meets none of the patterns: a word; the beginning of a word before a
closing quotation mark (the text goes on in the next event); an escape that could spell anything.
What the shape does not show is looked for in the bytes: the first letters of a word behind a hump
or a percent escape (``ChatOp``, ``%2Fop``). It errs towards No.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation

from router.masking.hits import escapes_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_KEPT = b'":\\'
_FAR = 4
"""From this length on, a beginning counts even within a word (``reopen``)."""
_LEFT = (b" ", b'"', b"\x80", b"\\\\", b"\\n", b"\\r", b"\\t", b"\\b", b"\\f")
"""What a word can begin behind, as shapes; an escape's letter is no letter of the text."""


_HUMP = re.compile(rb'[A-Z](?=[^"]{0,2}")')
"""What a text may end in that goes on as ``penAI``; of what stands before it see ``_is_hump``."""

_ESCAPED = re.compile(rb'(?:%[^"%]{0,5}|\\\\[^"\\]{0,8})"')
"""An escape, or what may become one, and no more than the first letters of a word."""

_PERCENT, _BACKSLASH = 0x25, 0x5C


def _is_hump(raw: bytes, at: int) -> bool:
    """Whether a capital at ``at`` begins a word within a word."""
    before = raw[at - 1 : at]
    return before.isalnum() and not before.isupper()


def _shape_table() -> bytes:
    table = bytearray(bytes(range(128)).lower() + b"\x80" * 128)
    for byte in range(128):
        if not chr(byte).isalnum() and byte not in _KEPT:
            table[byte] = 32
    return bytes(table)


_TABLE = _shape_table()


def _beginnings(words: Iterable[bytes]) -> Iterator[bytes]:
    for word in words:
        for end in range(1, len(word) + 1):
            yield word[:end]


def _before_quote(beginning: bytes) -> Iterator[bytes]:
    """A quotation mark that closes a value is not followed by a colon, as a member's name is."""
    for left in (b"",) if len(beginning) >= _FAR else _LEFT:
        yield left + beginning + b'" '


class Touch:
    """Compiled once for a vocabulary; see :meth:`free`."""

    def __init__(self, words: Sequence[bytes], watched: Sequence[bytes] = ()) -> None:
        """``watched`` are names a reader acts on (members it drops, model keys)."""
        shapes = [word.translate(_TABLE) for word in words]
        self._tails = frozenset(_beginnings(shapes))
        self._longest = max(map(len, shapes))
        joints = b"".join(words).lower() + bytes(range(48, 58)) + b"abcdefghijklmnopqrstuvwxyz\\"
        self._inner = joints + joints.upper()
        patterns = {*shapes, *(word.translate(_TABLE) for word in watched), b"\\u"}
        patterns.update(escape.translate(_TABLE) for escape in escapes_in((*words, *watched)))
        for beginning in self._tails:
            patterns.update(_before_quote(beginning))
        self._find = BytesAhoCorasick(
            sorted(patterns), implementation=Implementation.DFA
        ).find_matches_as_indexes

    def free(self, raw: bytes) -> bool:
        """Whether no word stands in ``raw`` or begins at its end, or at the end of a text in it.

        Texts may end at any closing quotation mark. A chunk that ends within a word is a No: what
        follows must be judged together with it.
        """
        shape = raw.translate(_TABLE)
        if self._find(shape + b" ") or self._goes_on(raw):
            return False
        last = raw[-1:]
        if last not in self._inner:
            return True
        if last.isalnum() or last == b"\\":
            return False
        tails = self._tails
        return not any(shape[at:] in tails for at in range(-min(len(shape), self._longest), 0))

    def _goes_on(self, raw: bytes) -> bool:
        """Whether a text in ``raw`` ends in the first letters of a word behind what hides them."""
        for found in _HUMP.finditer(raw):
            at = found.start()
            begun = raw[at : raw.index(b'"', at)].translate(_TABLE)
            if begun in self._tails and _is_hump(raw, at):
                return True
        escaped = _PERCENT in raw or _BACKSLASH in raw
        return escaped and _ESCAPED.search(raw) is not None
