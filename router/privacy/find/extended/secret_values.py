"""Tells values that somebody keeps secret from names, code and examples."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

_LETTER: Final = re.compile("[A-Za-z]")
_DIGIT: Final = re.compile("[0-9]")
_CODE: Final = re.compile(
    r"\$\{|\$\(|\{\{|%\(|\A\$[A-Za-z_]+\Z|\A<.*>\Z|\A\[.*\]\Z|\A\{.*\}\Z|\.\.\.|\*{3}"
    r"|\A(?:https?|file)://|\A[./~]|::|->|\A(?:process|os|env|self|this|config|settings|args|vars?)\.",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_EXAMPLE: Final = re.compile(
    r"example|placeholder|redacted|changeme|change[-_]me|replace|insert|dummy|sample|your[-_]"
    r"|x{4}|todo|undefined|none|null|true|false|\A(?:str|string|int|bool|bytes|any|object)[0-9]*\Z",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(r"[A-Za-z]+(?:[-_./][A-Za-z]+)*[-_.]?[0-9]{0,4}")
"""Words joined as in names of things, and a number behind them."""

_TYPE: Final = re.compile(r"[A-Z][a-z]{4,}[A-Z][a-z]{2,}")
"""Two words of a class's name: few draws hold that."""

_SYMBOL: Final = re.compile(r"[^\w\s.,:;/'\"-]")
_CHANGE: Final = re.compile(r"(?<=[a-zA-Z])(?=[0-9])|(?<=[0-9])(?=[a-zA-Z])|(?<=[a-z])(?=[A-Z])")
_FEWEST_CHANGES: Final = 3
_FEWEST_CHANGES_OF_LETTERS: Final = 5
_CHANGES_OF_NO_EXAMPLE: Final = 8
_FEWEST_DISTINCT: Final = 8

_SHORTEST_PASSWORD: Final = 6
_SHORTEST_KEY: Final = 16
_ENOUGH: Final = 64
"""Characters that tell how the rest was drawn."""


def is_password(value: str, *, quoted: bool) -> bool:
    """Whether ``value`` behind ``password=`` is one, and no code that gets one."""
    if len(value) < _SHORTEST_PASSWORD or _CODE.search(value) or _EXAMPLE.search(value):
        return False
    letters, digits = _LETTER.search(value), _DIGIT.search(value)
    if _SYMBOL.search(value):
        return bool(letters or digits) and (quoted or bool(digits))
    if letters and digits:
        return quoted or not _is_versioned(value)
    if letters and quoted:
        return len(_CHANGE.findall(value)) >= _FEWEST_CHANGES - 1
    return bool(digits) and value.isdecimal()


def is_random(value: str) -> bool:
    """Whether ``value`` looks drawn by lot, as keys and tokens are."""
    value = value[:_ENOUGH]
    if len(value) < _SHORTEST_KEY or _CODE.search(value):
        return False
    if _NAMES.fullmatch(value) and not value.isalnum():
        return False
    changes = len(_CHANGE.findall(value))
    if changes < _CHANGES_OF_NO_EXAMPLE and _EXAMPLE.search(value):
        return False
    if not (_LETTER.search(value) and _DIGIT.search(value)):
        return value.isalpha() and changes >= _FEWEST_CHANGES_OF_LETTERS
    return len(set(value)) >= _FEWEST_DISTINCT and changes >= _FEWEST_CHANGES


def is_type(value: str) -> bool:
    """Whether ``value`` looks like a class's name, as annotations have it: ``Ed25519PublicKey``."""
    return value.isalnum() and _TYPE.search(value) is not None


def is_basic(value: str) -> bool:
    """Whether ``value`` is Base64 of ``user:password`` (RFC 7617)."""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        return False
    return b":" in plain and plain.isascii() and plain.decode("ascii").isprintable()


def _is_versioned(value: str) -> bool:
    """Whether ``value`` is an identifier of code: ``password2``, ``token_v1``."""
    return _ATTRIBUTE.fullmatch(value) is not None or (
        value.islower() and _NAMES.fullmatch(value) is not None and "_" in value
    )
