"""What an explanation shows of a request's head, and what it hides. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.fields import CREDENTIAL_FIELDS, REQUEST_FIELDS
from router.privacy.report import full_shape

if TYPE_CHECKING:
    from collections.abc import Collection

    from router.exchange import Fields

HIDDEN: Final = "***"

_TELLING: Final = re.compile(
    rb"auth|cookie|token|secret|key|passw|session|credential|signature|jwt", re.IGNORECASE
)
"""In the name of a field whose value may be a credential, whatever the configuration knows."""

_USUAL: Final = REQUEST_FIELDS | {b"traceparent", b"tracestate", b"accept-encoding", b"range"}
_PLAIN: Final = frozenset({b"x-auth-method"})
_SCHEME: Final = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,15}) +\S")


def identity(text: str, *, show_values: bool) -> str:
    """``text``, or where it is an e-mail address its shape; a kind before it (``user:``) stays."""
    if show_values or "@" not in text:
        return text
    kind, colon, name = text.rpartition(":")
    return f"{kind}{colon}{full_shape(name)}"


def shown_lines(
    fields: Fields, credentials: Collection[bytes], *, show_values: bool
) -> list[list[str]]:
    """Names and values; of ``credentials`` and whatever is called like one only the scheme."""
    return [
        [name.decode("latin-1"), _shown(name, value, credentials, show_values=show_values)]
        for name, value in fields
    ]


def _shown(name: bytes, value: bytes, credentials: Collection[bytes], *, show_values: bool) -> str:
    secret = name in credentials or name in CREDENTIAL_FIELDS
    if secret or (name not in _PLAIN and _TELLING.search(name)):
        scheme = _SCHEME.match(value) if name == b"authorization" else None
        return f"{scheme[1].decode()} {HIDDEN}" if scheme else HIDDEN
    text = value.decode("utf-8", "backslashreplace")
    return full_shape(text) if "@" in text and not show_values else text


def without_values(query: bytes) -> bytes:
    """A query's names alone."""
    if not query:
        return query
    pairs = [pair.partition(b"=") for pair in query.split(b"&")]
    return b"&".join(name + b"=***" if equals else b"***" for name, equals, _ in pairs)


def usual_values(fields: Fields) -> Fields:
    """A caller's lines, with the values of those hidden that could say anything."""
    return [(name, value if name in _USUAL else HIDDEN.encode()) for name, value in fields]
