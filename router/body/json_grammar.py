"""The grammar of JSON as regular expressions that take a whole member or element at once.

One match per member instead of one per token is what makes the walk fast; all repetitions are
possessive, so every match is linear. Groups of a step: 1 closing bracket, 2 member name,
3 string, 4 opening bracket, 5 scalars (in arrays a whole run of them). Groups of a beginning:
1 unfinished name, 2 finished name, 3 unfinished string.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

Match = Callable[[bytes, int], "re.Match[bytes] | None"]

_NO_NAME = rb"((?!))?+"


class Grammar(NamedTuple):
    """Matchers of steps, and of what may be the beginning of one (``…_part``)."""

    root: Match
    first_member: Match
    member: Match
    first_element: Match
    element: Match
    root_part: Match
    first_member_part: Match
    member_part: Match
    first_element_part: Match
    element_part: Match


def _grammar(space: bytes, string: bytes, scalar: bytes, end: bytes) -> Grammar:
    string = b"(" + string + b")"
    scalar += end
    comma = b"," + space
    # Bounded, since the matcher holds the interpreter for as long as one call of it takes.
    run = scalar + rb"(?:" + space + comma + scalar + rb"){0,8191}+"
    name = rb'"' + string + rb'"' + space + rb":" + space
    part = rb'(?:"' + string + rb"\\?|[-+.\w]{0,16384}+)"
    name_part = (
        rb'(?:"' + string + rb'\\?\Z|"' + string + rb'"' + space + rb"(?::" + space + part + rb")?)"
    )
    nameless_part = _NO_NAME + _NO_NAME + part

    def value(scalars: bytes) -> bytes:
        return rb'(?:"' + string + rb'"|([\[{])|(' + scalars + rb"))"

    def compiled(pattern: bytes) -> Match:
        return re.compile(space + pattern, re.DOTALL).match

    return Grammar(
        root=compiled(_NO_NAME + _NO_NAME + value(scalar)),
        first_member=compiled(rb"(?:(\})|" + name + value(scalar) + rb")"),
        member=compiled(rb"(?:(\})|" + comma + name + value(scalar) + rb")"),
        first_element=compiled(rb"(?:(\])|" + _NO_NAME + value(run) + rb")"),
        element=compiled(rb"(?:(\])|" + comma + _NO_NAME + value(run) + rb")"),
        root_part=compiled(nameless_part + rb"?\Z"),
        first_member_part=compiled(name_part + rb"?\Z"),
        member_part=compiled(rb"(?:" + comma + name_part + rb"?)?\Z"),
        first_element_part=compiled(nameless_part + rb"?\Z"),
        element_part=compiled(rb"(?:" + comma + nameless_part + rb"?)?\Z"),
    )


STRICT: Final = _grammar(
    rb"[ \t\n\r]*+",
    rb'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+',
    rb"(?:-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?+[0-9]++)?+|true|false|null)",
    rb"(?=[ \t\n\r,\]}]|\Z)",
)
"""RFC 8259 to the letter, for documents that are there as a whole."""

LENIENT: Final = _grammar(
    rb"[ \t\n\r]{0,4096}+",
    rb'[^"\\]*+(?:\\.[^"\\]*+)*+',
    rb"(?:[-+]?+[0-9][-+.0-9eE]{0,16384}+|true|false|null|-?+NaN|-?+Infinity)",
    rb"(?=[ \t\n\r,\]}])",
)
"""What is met in answers: raw control characters, odd escapes, odd numbers. A scalar counts once
something stands behind it, since more of it may follow. White space and numbers are bounded, so
that what may be the beginning of a step never grows beyond measure."""
