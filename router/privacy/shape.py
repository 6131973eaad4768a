r"""How a placeholder may be written by an upstream that gives it back.

In any letter case; with Markdown's backslash before its underscores; escaped for XML and HTML
(``&lt;…&gt;``), for JavaScript and JSON (``\u003c…\u003e``) or for Markdown (``\<…\>``). Where the
text is written within a string, and that within another, the backslashes are doubled each time.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_MOST: Final = 16
"""Backslashes in a row: four strings deep."""

_NAME: Final = rf"((?:[A-Za-z0-9]+\\{{0,{_MOST}}}_)+[0-9]+)"
_RUN: Final = rf"(?<=\\)(\\{{0,{_MOST - 1}}})"
SHAPE: Final = re.compile(
    r"[<&\\](?:"
    rf"(?<=<){_NAME}>"
    rf"|(?<=&)lt;{_NAME}&gt;"
    rf"|(?<=&)#60;{_NAME}&#62;"
    rf"|(?<=&)#[xX]3[cC];{_NAME}&#[xX]3[eE];"
    rf"|{_RUN}<{_NAME}\\\5>"
    rf"|{_RUN}u003[cC]{_NAME}\\\7u003[eE]"
    ")"
)
"""A placeholder in each accepted spelling; group ``lastindex`` is its name.

Opening and closing are of one kind, so that a backslash or an ampersand that merely stands beside
is left alone.
"""

_BEGUN: Final = rf"((?:[A-Za-z0-9_]|\\{{1,{_MOST}}}(?=_|\Z))*)"
_SLASHES: Final = rf"\\{{1,{_MOST}}}"
_PLAIN: Final = re.compile(rf"<{_BEGUN}\Z")
_MARKUP: Final = re.compile(
    rf"&(?:lt;{_BEGUN}(&(?:gt?)?)?|#60;{_BEGUN}(&(?:#(?:62?)?)?)?"
    rf"|#[xX]3[cC];{_BEGUN}(&(?:#(?:[xX](?:3[eE]?)?)?)?)?"
    r"|(?:lt?|#(?:60?|[xX](?:3[cC]?)?)?)?)\Z"
)
_SLASHED: Final = re.compile(
    rf"({_SLASHES})(?:<{_BEGUN}|u003[cC]{_BEGUN}(?:({_SLASHES})u(?:0(?:03?)?)?)?"
    r"|(?:u(?:0(?:03?)?)?)?)\Z"
)


class Beginning(NamedTuple):
    """The end of a text as the beginning of a placeholder.

    ``name`` as far as it has come; ``closing`` where part of what closes it is there already;
    ``slashes`` behind the name, which may close it only if ``closable``, else go before a ``_``.
    """

    name: str
    closing: bool = False
    slashes: bool = False
    closable: bool = False


def plain_name(name: str) -> str:
    r"""``EMAIL_ADDRESS_1`` for any spelling of it: upper case, no backslash (Markdown's ``\_``)."""
    return name.replace("\\", "").upper()


def beginning(text: str, at: int) -> Beginning | None:
    r"""How a placeholder may begin at ``text[at:]``, one of ``<&\``; None where none can."""
    sign = text[at]
    if sign == "<":
        found = _PLAIN.match(text, at)
        return None if found is None else _begun(found[1])
    if sign == "&":
        found = _MARKUP.match(text, at)
        if found is None:
            return None
        last = found.lastindex or 0
        name = found[last if last & 1 else last - 1] if last else ""
        return _begun(name, closing=bool(last) and not last & 1)
    found = _SLASHED.match(text, at)
    if found is None or (found[4] is not None and found[4] != found[1]):
        return None
    name = found[2] or found[3] or ""
    return _begun(name, closing=found[4] is not None, most=len(found[1]))


def _begun(name: str, *, closing: bool = False, most: int = 0) -> Beginning:
    slashes = len(name) - len(name.rstrip("\\"))
    return Beginning(plain_name(name), closing, slashes > 0, slashes <= most)
