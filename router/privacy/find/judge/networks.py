"""Whether what looks like an address of a network or a mailbox is one where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import regex

from router.privacy.find.judge.telling import ADDRESS, HARDWARE, NETWORK, VERSION

if TYPE_CHECKING:
    from router.privacy.find.judge.nearby import Nearby

_NOBODY: Final = re.compile(
    r"(?:0\.0\.0\.0|127\.0\.[01]\.[0-9]{1,2}|255\.[0-9.]+|::[01]?|(?:0{1,4}:){7}0{0,3}[01]"
    r"|(?i:ffff(?::[f:]*0?)+))(?:/[0-9]+)?\Z"
)
"""RFC 6890: this network, loopback, unspecified, masks: of every machine, so of nobody."""

_UNKNOWN: Final = re.compile(r"0\.")
_APART_BEFORE: Final = regex.compile(r"(?r)[A-Za-z][^\S\n]")
_APART_BEHIND: Final = re.compile(r"[.,;!?]?(?:\s|\Z)")

_GLOBAL: Final = re.compile(
    r"\[?(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|64):", re.IGNORECASE
)
"""RFC 4291 §2.4, RFC 4193: how addresses begin that are given to somebody."""

_PAIRS: Final = re.compile(r"(?:[0-9a-f]{2}:){7}[0-9a-f]{2}\Z", re.IGNORECASE)
"""A fingerprint or a serial number."""

_COLONS: Final = 7
"""In an IPv6 address in full."""

_RELEASE_BEFORE: Final = regex.compile(r"(?r)[0-9][._+~]|[A-Za-z]|[=~<>!^]=\s?")
_PRODUCT: Final = regex.compile(r"(?r)[A-Za-z][\w.+-]*/")
_RELEASE_BEHIND: Final = re.compile(r"\.[0-9]|[+~][A-Za-z0-9]|[A-Za-z]")
_ROUND: Final = re.compile(r"[0-9]+(?:\.0){2,3}\Z")
_LOW: Final = re.compile(r"(?:[0-9](?:\.[0-9]{1,2}){3}|(?!10\.)[12][0-9](?:\.[12]?[0-9]){3})\Z")
"""As versions, sections and clauses are numbered, and few machines."""

_HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")
_HEX_PAIRS_GO_ON: Final = re.compile(r"[:.-][0-9A-Fa-f]{2}")
_UNIFORM: Final = re.compile(r"(?:[:.-]|00|ff)+\Z", re.IGNORECASE)

_DOMAIN_END: Final = re.compile(r"(?:[A-Za-z]{2,}|xn--[\w-]+|[^\x00-\x7f].*)\Z")
_KNOWN_END: Final = re.compile(
    r"\.(?:com|org|net|edu|gov|info|biz|io|dev|app|co|eu|uk|us|de|fr|es|it|pt|pl|nl|be|ch|at|se|no"
    r"|dk|fi|ie|in|ng|za|ke|br|mx|ar|ca|au|nz|jp|kr|cn|ru|ua|tr|il|ae)(?=[-._]|\Z)",
    re.IGNORECASE,
)
"""Usual ends of domains: as in ``cv-jane@example.com.txt`` and ``jane@example.com-based``."""

_FILES: Final = frozenset(
    [
        *("service", "socket", "target", "timer", "mount"),
        *(
            "png",
            "jpg",
            "jpeg",
            "gif",
            "svg",
            "webp",
            "ico",
            "css",
            "js",
            "ts",
            "tsx",
            "jsx",
            "mjs",
        ),
        *("json", "lock", "html", "yml", "yaml", "toml", "txt", "log", "cfg", "conf", "gz", "whl"),
        *("jar", "dll", "exe"),
    ]
)
"""Ends of units and files: getty@tty1.service, logo@2x.png."""

_FORGES: Final = frozenset(["git", "hg", "svn"])


def is_host(near: Nearby) -> bool:
    """Whether an IP address may be somebody's, and is no version and no path in code."""
    value = near.value
    if _NOBODY.match(value):
        # As a word of a sentence it is what somebody speaks of: hiding it costs nothing there.
        apart = _APART_BEFORE.match(near.before) and _APART_BEHIND.match(near.after)
        return bool(apart) and "." in value
    if ":" in value:
        return _is_v6(near, value)
    if _UNKNOWN.match(value) or _is_release(near, value):
        return False
    return _LOW.match(value) is None or _is_network(near, near.words())


def _is_release(near: Nearby, value: str) -> bool:
    """Whether what is joined to it, or the word before it, makes it a version or a section."""
    if _RELEASE_BEFORE.match(near.before) or _RELEASE_BEHIND.match(near.after):
        return True
    if near.last_word() in VERSION:
        return True
    return _ROUND.match(value) is not None and _PRODUCT.match(near.before) is not None


def _is_network(near: Nearby, words: list[str]) -> bool:
    """Whether anything but its looks says that small numbers are an address."""
    if near.before.endswith(("//", "@", "@'", '@"')):
        return True
    if near.after[:1] in ":/" and near.after[1:2].isdigit():
        return True
    if not VERSION.isdisjoint(words):
        return False
    return near.before[-1:] in ("", "\n") or not NETWORK.isdisjoint(words[-3:])


def _is_v6(near: Nearby, value: str) -> bool:
    if near.before[-1:] in ":_" and near.before[-2:-1].isalnum() and "." not in value:
        return False
    if _PAIRS.match(value):
        return False
    if _GLOBAL.match(value) or "." in value or value.count(":") >= _COLONS:
        return True
    return any(map(str.isdigit, value)) and near.supported(ADDRESS)


def is_interface(near: Nearby) -> bool:
    """Whether a MAC address is one: no fingerprint, no number, no mask."""
    value = near.value
    if _HEX_PAIRS_GO_ON.match(near.after) or _is_joined(near.before):
        return False
    if _UNIFORM.match(value):
        return False
    digits = sum(map(str.isdigit, value))
    if digits in (0, 12):
        return near.supported(HARDWARE)
    return True


def _is_joined(before: str) -> bool:
    """Whether a separator of groups stands before it; a colon may also part a name from it."""
    return before[-1:] in (".", "-") or (before[-1:] == ":" and before[-2:-1] in _HEX_DIGITS)


def is_mailbox(near: Nearby) -> bool:
    """Whether an e-mail address is one: no version, no file, no login of a forge."""
    local, _, domain = near.value.rpartition("@")
    end = domain.rpartition(".")[2]
    known = _KNOWN_END.search(domain) is not None  # then it is one, whatever it is joined to
    if not known and (not _DOMAIN_END.match(end) or end.lower() in _FILES):
        return False
    return local not in _FORGES or (near.after[:1] != ":" and not near.before.endswith("://"))
