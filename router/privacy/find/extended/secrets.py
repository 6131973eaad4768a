"""Secrets: vendors' keys by their prefixes, tokens, private keys, and values of keys called so.

Found from literal signs; a value that only its key calls a secret must look drawn by lot.
Prefixes are the vendors' own, as their documents have them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.extended.secret_values import is_basic, is_password, is_random, is_type
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_URL_SAFE: Final = "[A-Za-z0-9_-]"
_TOKEN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    rf"(?P<drawn>(?<![-_])sk-{_URL_SAFE}{{16,256}})"
    r"|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,256}|whsec_[A-Za-z0-9+/=]{20,128}"
    r"|gh[pousr]_[A-Za-z0-9]{30,256}|github_pat_[A-Za-z0-9_]{22,256}|hf_[A-Za-z0-9]{30,64}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,256}|glpat-[A-Za-z0-9_.-]{20,128}|npm_[A-Za-z0-9]{36}"
    rf"|pypi-{_URL_SAFE}{{50,512}}|SG\.{_URL_SAFE}{{16,32}}\.{_URL_SAFE}{{32,64}}"
    rf"|A[KS]IA[A-Z0-9]{{16}}(?![A-Za-z0-9])|AIza{_URL_SAFE}{{35}}(?!{_URL_SAFE}))"
)
_LONGEST_PREFIX: Final = 12

_PREFIXES: Final = ("AKIA", "ASIA", "AIza")
_SAID: Final = "assword is "
LITERALS: Final = (*_PREFIXES, _SAID)
"""What has no sign; case counts."""


_CREDENTIAL: Final = re.compile(
    r"\s?[\"']?(?:[Bb]earer|([Bb]asic)) ([A-Za-z0-9._~+/-]{8,2048}={0,2})"
)
_JWT_HEAD: Final = regex.compile(r"(?r)(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,4096}")
_JWT_TAIL: Final = re.compile(r"\.eyJ[A-Za-z0-9_-]{2,}+(?:\.[A-Za-z0-9_-]*+)?")
_JWT_REACH: Final = 4100

_PEM: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:[^-]|-(?!----))*+-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----"
    r"|[A-Za-z0-9+/=\s\\]*+)"
)
_USERINFO: Final = re.compile(r"://[^\s/@:\"'<>]{0,128}:([^\s/@\"'<>]{3,256})@[\w.\[-]")
_KEY: Final = regex.compile(
    r"(?r)(?:(pass(?:word|wd|phrase|code)|pwd|(?<![a-z])pass)"
    r"|(secret|(?<!(?:next|page|sync|cursor|continuation|key)[ _-]?)token|apikey"
    r"|(?:api|access|secret|private|signing|encryption|auth|account|shared|service|master|client"
    r"|app|license|storage)[ _-]?key|credentials?))[\"'\])]?\s{0,2}",
    regex.IGNORECASE,
)
_KEY_REACH: Final = 32
_VALUE: Final = re.compile(
    r"(?:(?<=:)=|(?<==)>)?[ \t]{0,4}(?:\\?([\"'`])(?P<quoted>[^\"'`\s\\]{6,512})\\?\1"
    r"|(?P<bare>[^\s\"'`,;&<>(){}\[\]\\=]{6,512}+={0,2}))(?P<behind>[(\[=]?)"
)
_STATED: Final = re.compile(r"[\"'`]?([^\s\"'`,;<>]{6,128})")

_TAILS: Final = "(?i:ord|swd|pwd|ass|ase|ode|ret|ken|key|ial|als)"
_SURE: Final = 0.95
_NAMED: Final = 0.85

SIGN: Final = (
    r"[A-Za-z0-9](?:(?<=-.)(?:(?<=sk-.)(?<![A-Za-z0-9_-]sk-.)|(?<=xox.-.)|(?<=glpat-.)|(?<=pypi-.)"
    r"|(?<=-----B)(?=EGIN))"
    r"|(?<=_.)(?:(?<=[rs]k_.)|(?<=gh[pousr]_.)|(?<=hf_.)|(?<=npm_.)|(?<=whsec_.)|(?<=pat_.))"
    r"|(?<=\..)(?:(?<=\.e)(?=yJ)|(?<=SG\..)))"
)
"""Behind one of ``-_.``."""

NAMED_SIGN: Final = (
    rf"(?:(?<={_TAILS}.)|(?=[ \"'bB](?<=[=:].)[\"']?(?:[Bb]?earer|[Bb]?asic) )"
    rf"|(?<=[\"' \])].)(?:(?<={_TAILS}..)|(?<={_TAILS}[\"'].:))|(?<=:)(?=//[^\s/@]{{0,256}}@))"
)
"""Behind one of ``=:>``."""


def secret(text: str, at: int) -> Iterator[Span]:
    """The secret whose sign is before ``at``, by what vendors begin theirs with."""
    if text[at] == "e" and text.startswith(".eyJ", at - 1):
        yield from _jwt(text, at)
    elif text.startswith("-----BEGIN", at - 5):
        match = _PEM.match(text, at - 5)
        if match is not None:
            yield _secret(match.start(), match.end())
    else:
        yield from _token(text, max(0, at - _LONGEST_PREFIX), at)


def named_secret(text: str, at: int) -> Iterator[Span]:
    """The secret behind ``=``, ``:`` or ``>``, which is before ``at``."""
    credential = _CREDENTIAL.match(text, at)
    if credential is not None:
        yield from _credential(credential)
    else:
        yield from _userinfo(text, at) if text.startswith("//", at) else _named(text, at)


def may_hold_literals(text: str) -> bool:
    """Whether :func:`literal_secrets` could find something in ``text``."""
    return any(word in text for word in LITERALS)


def literal_secrets(text: str) -> Iterator[Span]:
    """The secrets that no sign tells: by words anywhere."""
    for word in _PREFIXES:
        for at in _places(text, word):
            yield from _token(text, at, at + 1)
    for at in _places(text, _SAID):
        match = _STATED.match(text, at + len(_SAID))
        value = "" if match is None else match[1].rstrip(".,")
        if match is not None and is_password(value, quoted=False):
            yield _secret(match.start(1), match.start(1) + len(value))


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _token(text: str, low: int, high: int) -> Iterator[Span]:
    """The token that begins from ``low`` to before ``high``."""
    for start in range(low, high):
        match = _TOKEN.match(text, start)
        if match is not None:
            if match["drawn"] is None or is_random(match["drawn"][3:]):
                yield _secret(match.start(), match.end())
            return


def _credential(match: re.Match[str]) -> Iterator[Span]:
    """What ``Bearer`` or ``Basic`` introduces (RFC 6750, RFC 7617)."""
    if is_basic(match[2]) if match[1] else is_random(match[2].rstrip("=")):
        yield _secret(match.start(2), match.end(2))


def _jwt(text: str, at: int) -> Iterator[Span]:
    head = _JWT_HEAD.match(text, max(0, at - _JWT_REACH), at - 1)
    tail = _JWT_TAIL.match(text, at - 1)
    if head is not None and tail is not None:
        yield _secret(head.start(), tail.end())


def _userinfo(text: str, at: int) -> Iterator[Span]:
    match = _USERINFO.match(text, at - 1)
    if match is not None and _is_login(match[1]):
        yield _secret(match.start(1), match.end(1))


def _is_login(password: str) -> bool:
    return not password.isdecimal() and is_password(f"user-{password}", quoted=True)


def _named(text: str, at: int) -> Iterator[Span]:
    """The value behind a key's name; ``=``, ``:`` or ``>`` is before ``at``."""
    key = _KEY.match(text, max(0, at - 1 - _KEY_REACH), at - 1)
    value = _VALUE.match(text, at)
    if key is None or value is None or value["behind"]:
        return
    quoted = value["quoted"] is not None
    group = "quoted" if quoted else "bare"
    found = value[group] if quoted else value[group].rstrip(".")
    drawn = is_random(found) and (quoted or not is_type(found))
    if is_password(found, quoted=quoted) if key[1] else drawn:
        yield Span(value.start(group), value.start(group) + len(found), "SECRET", _NAMED)


def _secret(start: int, end: int) -> Span:
    return Span(start, end, "SECRET", _SURE)
