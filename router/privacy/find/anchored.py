"""What stands around a sign: e-mail addresses, network addresses, identifiers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from router.privacy.find.around import Around
    from router.privacy.find.rules import Rule
    from router.privacy.spans import Span

_HEX: Final = "[0-9a-fA-F]"
_SIGNS: Final = {
    "IP_ADDRESS": rf"(?<=[0-9])\.[0-9]{{1,3}}\.[0-9]|::|:{_HEX}{{1,4}}:",
    "MAC_ADDRESS": rf"([:-]){_HEX}{{2}}\1|\.{_HEX}{{4}}\.",
    "UUID": rf"-{_HEX}{{4}}-",
}
"""What every match has in it."""

ANCHORED: Final = frozenset(_SIGNS)
"""The entities found around a sign, beside e-mail addresses."""

_ANY_SIGN: Final = re.compile(rf"[:.-](?::|{_HEX}{{1,4}}[:.-])")
_REACH: Final = 160
"""Characters to either side of a sign that are looked at."""

_LONGEST: Final = 64
"""No match is longer, but for a zone behind an address."""

_RIGHT: Final = re.compile(r"[\w:./%-]*+")

# By ``regex``, as Presidio's own pattern: what it takes for a word character differs from ``re``.
_DOMAIN: Final = regex.compile(r"@\w+(?:-+\w+)*+(?:\.\w+(?:-+\w+)*+)++")
_LOCAL: Final = regex.compile(r"(?r)[!#$%&'*+\-/=?^_`{|}~.\w]++")


_COLONED: Final = (": IPv4_mapped", ": IPv4_embedded", ": IPv6", ": IPv6_unspecified")
"""Patterns of Presidio's in which a colon must stand."""

_DOT: Final = re.compile(r"\.(?<=[0-9A-Za-z-].)(?=[A-Za-z])")
_BEFORE_DOT: Final = regex.compile(r"(?r)\S{0,300}")
_BEHIND_DOT: Final = re.compile(r"\S{0,2048}")
"""What a link has round one of its full stops, at most."""


class Anchored:
    """Runs the ``rules`` of each of ``ANCHORED`` around its signs."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self._rules = [
            (
                re.compile(_SIGNS[entity]),
                tuple(some),
                tuple(rule for rule in some if not rule.name.endswith(_COLONED)),
            )
            for entity, some in rules.items()
        ]

    def find(self, text: str, around: Around) -> Iterator[Span | None]:
        """All findings; one twice where two signs see it. None for others' turn."""
        if _ANY_SIGN.search(text) is None:
            return
        for sign, all_rules, plain_rules in self._rules:
            position = 0
            while (match := sign.search(text, position)) is not None:
                at = match.start()
                run = _RIGHT.match(text, at, at + _REACH)
                end = run.end() if run is not None else at
                start = _begin(text, at, max(0, at - _REACH))
                rules = all_rules if text.find(":", start, end + 1) >= 0 else plain_rules
                for rule in rules:
                    yield from rule.find(text, start, end + 1, around)
                cut = end - at == _REACH  # what begins before its end may go on behind it
                position = max(end - _LONGEST if cut else end, match.end())
                yield None


class Emails:
    """Runs ``rules`` around each ``@`` that a domain follows."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)

    def find(self, text: str, around: Around) -> Iterator[Span | None]:
        """All findings; an address begins behind the one before it. None for others' turn."""
        position = 0
        at = text.find("@")
        while at >= 0:
            for span in self._around(text, at, position, around):
                position = max(position, span.end)
                yield span
            yield None
            at = text.find("@", at + 1)

    def _around(self, text: str, at: int, low: int, around: Around) -> Iterator[Span]:
        # Without a domain, or with a dot before the sign, the pattern would try all starts in vain.
        local = None if text[at - 1 : at] == "." else _LOCAL.match(text, low, at)
        domain = _DOMAIN.match(text, at)
        if local is not None and domain is not None:
            for rule in self._rules:
                yield from rule.find(text, local.start(), domain.end() + 1, around)


class Links:
    """Runs the ``rules`` of links on what has a full stop in it, space to space."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)

    def find(self, text: str, around: Around) -> Iterator[Span | None]:
        """All findings. Their patterns are slow where dots are many: TimeoutError."""
        if self._rules:
            position = 0
            while (dot := _DOT.search(text, position)) is not None:
                before = _BEFORE_DOT.match(text, position, dot.start())
                behind = _BEHIND_DOT.match(text, dot.start())
                start = dot.start() if before is None else before.start()
                position = dot.end() if behind is None else behind.end()
                for rule in self._rules:
                    yield from rule.find(text, start, position, around)
                yield None


def _begin(text: str, at: int, low: int) -> int:
    """Where the run of letters, digits and separators before ``at`` begins."""
    while at > low and (text[at - 1].isalnum() or text[at - 1] in "_:./-"):
        at -= 1
    return at
