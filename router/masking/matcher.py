r"""Finds vendor words in text that may come in pieces: leftmost, longest, whole words. Pure.

One pass of an Aho-Corasick automaton over the UTF-8 bytes tells clean text (2 µs for 2 kB); only
what it points at is judged, in time linear in the text. What is a whole word:

- Latin letters and digits before it, and letters behind it, join a word: ``openair`` and
  ``myopenai`` stay. ``-``, ``_``, ``.``, a digit behind and other scripts do not: ``openai_org``,
  ``x-openai-foo``, ``api.openai.com``, ``llama3`` are masked. So is a plural (``OpenAIs``).
- A hump of camel case bounds too: ``ChatOpenAI``, ``OpenAIError``; so does what an escape ends in
  (``%2Fopenai``, a literal ``\n`` of JSON inside JSON).
- Words of four letters and less inside 64 or more characters of base64, or right behind another
  character of a vendor's id, stay: chance puts them there, where longer ones do not occur.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from ahocorasick_rs import BytesAhoCorasick, Implementation

from router.body.filters import Edit
from router.masking.hits import Hits
from router.masking.ids import BEGUN_ID, LONGEST, is_id
from router.masking.touch import Touch
from router.masking.vocabulary import PROSE, Entry, Level, fold
from router.tuples import made

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CONTEXT = 64
"""How many characters before a text can matter to it."""

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"
_SHORT = 4
_RUN = re.compile(rf"[A-Za-z0-9]{{0,{LONGEST}}}")
_JOINED_RUN = re.compile(rf"[A-Za-z0-9_-]{{0,{LONGEST}}}")
_ESCAPE_END = re.compile(r"(?:%[0-9A-Fa-f]{2}|\\[nrtbf]|\\u[0-9a-fA-F]{4})\Z")


Found: TypeAlias = tuple[int, int, int]
"""(which entry, first byte, byte behind the last) of UTF-8."""


class _Wait:
    """What is there may become a hit, or not: the next characters will tell."""


_WAIT = _Wait()


def _is_latin(char: str) -> bool:
    """Whether ``char`` goes on with a Latin word: ASCII alphanumeric, or a letter with marks."""
    if char.isascii():
        return char.isalnum()
    if "\u0300" <= char <= "\u036f":
        return True
    return (char < "\u0250" or "\u1e00" <= char < "\u1f00") and char.isalpha()


def _begins(text: str, start: int, before: str) -> bool:
    """Whether a word can begin at ``text[start]``; ``before`` is what stood before the text."""
    left = text[start - 1] if start else before[-1:]
    if not left or not _is_latin(left):
        return True
    if text[start].isupper() and not left.isupper():
        return True
    window = text[max(0, start - 6) : start]
    if start < 6:
        window = (before + window)[-6:]
    return ("\\" in window or "%" in window) and _ESCAPE_END.search(window) is not None


def _ends(text: str, start: int, end: int) -> bool:
    """Whether a word of ``text[start:end]`` ends there, given that ``text[end]`` exists."""
    right = text[end]
    if not _is_latin(right) or right.isdigit():
        return True
    return right.isupper() and not text[start:end].isupper()


class Matcher:
    """A compiled vocabulary. Immutable, shared by all requests of all services that use it."""

    def __init__(self, entries: Sequence[Entry], watched: Iterable[str] = ()) -> None:
        """``watched`` are literals that :meth:`untouched` and :meth:`hits` tell of too."""
        watched = tuple(watched)
        self._entries = tuple(entries)
        self._levels = tuple(int(entry.level) for entry in entries)
        words = [_bytes(entry.text) for entry in entries]
        self._find = BytesAhoCorasick(
            words, implementation=Implementation.DFA
        ).find_matches_as_indexes
        self._touch = Touch(words, [word.encode() for word in watched])
        self._longest = max(len(entry.text) for entry in entries)
        self._tails = tuple(self._prefixes(level) for level in Level)
        self._firsts = frozenset(entry.text[0] for entry in entries)
        self.untouched = self._touch.free
        self.hits = Hits(words, [word.encode() for word in watched]).find

    def _prefixes(self, level: Level) -> frozenset[str]:
        texts = [entry.text for entry in self._entries if entry.level <= level]
        return frozenset(text[:end] for text in texts for end in range(1, len(text) + 1))

    def scan(
        self, text: str, level: Level, *, final: bool = True, before: str = ""
    ) -> tuple[list[Edit], int]:
        """The edits to ``text`` and its settled index, as ``body.filters.Editor`` has them.

        ``before`` is what of the same stream stood before ``text``, at least the last
        ``CONTEXT`` characters of it.
        """
        raw = self.find(text)
        if raw:
            return self.judge(text, raw, level, final=final, before=before)
        return [], len(text) if final else self.held(text, level, before)

    def find(self, text: str) -> list[Found]:
        """Where words of any level stand in ``text``, whole or not; empty for clean text."""
        return self._find(_bytes(text).lower(), True)  # noqa: FBT003  overlapping; a keyword costs as much as the search

    def judge(
        self,
        text: str,
        raw: list[Found],
        level: Level,
        *,
        final: bool,
        before: str,
        whole: bool = False,
    ) -> tuple[list[Edit], int]:
        """As :meth:`scan`, with what :meth:`find` found.

        ``whole``: a word that is complete at the end is one, whatever may follow; only the
        beginning of a word is unsettled.
        """
        edits: list[Edit] = []
        taken, settled, ended = 0, len(text), final or whole
        for start, _, at in self._candidates(text, raw, level):
            if start < taken or not ((start == 0 and not before) or _begins(text, start, before)):
                continue
            entry = self._entries[at]
            judge = _stem if entry.least else _verdict
            verdict = judge(text, start, entry, final=ended, before=before)
            if verdict is None:
                continue
            if isinstance(verdict, _Wait):
                settled = start
                break
            edits.append(verdict)
            taken = verdict.end
        if not final:
            settled = min(settled, self.held(text, level, before, edits, whole=whole))
            while edits and edits[-1].start >= settled:
                edits.pop()
        return edits, settled

    def _candidates(self, text: str, raw: list[Found], level: Level) -> list[Found]:
        """(first character, something, which entry) of what was found, longest first."""
        levels = self._levels
        if len(raw) == 1 and text.isascii():  # as nearly always
            at, start, end = raw[0]
            return [(start, -end, at)] if levels[at] <= level else []
        found = [(start, -end, at) for at, start, end in raw if levels[at] <= level]
        found.sort()
        return found if text.isascii() else _in_characters(text, found)

    def held(
        self,
        text: str,
        level: Level,
        before: str,
        edits: Sequence[Edit] = (),
        *,
        whole: bool = False,
    ) -> int:
        """Where the tail begins that could still become a hit; ``len(text)`` if there is none.

        Tails inside of ``edits`` do not count, nor, with ``whole``, those that begin as one does.
        """
        size = len(text)
        first = max(0, size - self._longest)
        low = text[first:]
        low = low.lower() if low.isascii() else fold(low)
        tails, firsts = self._tails[level], self._firsts
        for offset, char in enumerate(low):
            if char in firsts and low[offset:] in tails:
                at = first + offset
                inside = any(edit.start - whole < at < edit.end for edit in edits[-self._longest :])
                if not inside and _begins(text, at, before):
                    return at
        return size


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _in_characters(text: str, found: list[Found]) -> list[Found]:
    """The same with byte offsets turned into characters, in one walk along the text."""
    data = _bytes(text)
    result: list[Found] = []
    at_byte = at_char = 0
    for start, end, entry in found:
        at_char += len(data[at_byte:start].decode("utf-8", "surrogatepass"))
        at_byte = start
        result.append((at_char, end, entry))
    return result


def _verdict(
    text: str, start: int, entry: Entry, *, final: bool, before: str
) -> Edit | _Wait | None:
    """Whether the word that begins at ``start`` is ``entry`` as a whole: an edit, not yet, no."""
    end = start + len(entry.text)
    if end == len(text):
        if not final:
            return _WAIT
    elif not _ends(text, start, end):
        plural = _plural(text, end, entry, final=final)
        if plural is not True:
            return plural
    elif entry.closed and text[end] == "-":
        return None
    if len(entry.text) > _SHORT:
        return made(Edit, (start, end, entry.replacement(text[start:end])))
    return _short(text, start, entry, final=final, before=before)


def _plural(text: str, end: int, entry: Entry, *, final: bool) -> _Wait | Literal[True] | None:
    """Whether a name that means nothing else is followed by an ``s`` and no more: ``OpenAIs``."""
    if text[end] not in "sS" or entry.level is not PROSE or len(entry.text) <= _SHORT:
        return None
    if end + 1 < len(text):
        return None if _is_latin(text[end + 1]) else True
    return True if final else _WAIT


def _short(text: str, start: int, entry: Entry, *, final: bool, before: str) -> Edit | _Wait | None:
    """As :func:`_verdict`, for a word so short that base64 spells it by chance."""
    end = start + len(entry.text)
    left, right = _run(text, start, end, before)
    if left + len(entry.text) + right >= CONTEXT or _in_id(text, start, before):
        return None
    if not final and end + right == len(text):
        return _WAIT
    return made(Edit, (start, end, entry.replacement(text[start:end])))


def _in_id(text: str, start: int, before: str) -> bool:
    """Whether a vendor's id runs on right up to ``start``."""
    window = text[max(0, start - CONTEXT) : start]
    if start < CONTEXT:
        window = (before + window)[-CONTEXT:]
    return window[-1:].isalnum() and BEGUN_ID.search(window) is not None


def _stem(
    text: str,
    start: int,
    entry: Entry,
    *,
    final: bool,
    before: str,  # noqa: ARG001  as ``_verdict``
) -> Edit | _Wait | None:
    """As :func:`_verdict`, for the beginning of a vendor's ids."""
    end = start + len(entry.text)
    if entry.level is not PROSE and text[start:end] != entry.text:
        return None
    match = (_JOINED_RUN if entry.joined else _RUN).match(text, end)
    stop = match.end() if match else end
    is_whole = is_id(text[end:stop], entry.least, joined=entry.joined)
    if not (is_whole and (final or not entry.drop)):
        ended = final or stop < len(text) or stop - end >= LONGEST
        if not ended:
            return _WAIT
        if not is_whole:
            return None
    return made(Edit, (start, stop if entry.drop else end, entry.new))


def _run(text: str, start: int, end: int, before: str) -> tuple[int, int]:
    """How many characters of base64 stand directly before ``start`` and from ``end`` on."""
    left = text[max(0, start - CONTEXT) : start]
    if start < CONTEXT:
        left = (before + left)[-CONTEXT:]
    right = text[end : end + CONTEXT]
    return (
        len(left) - len(left.rstrip(_BASE64)),
        len(right) - len(right.lstrip(_BASE64)),
    )
