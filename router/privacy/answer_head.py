"""True values back into an answer's fields: a redirect to ``/users/<EMAIL_ADDRESS_1>``. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from router.privacy.shape import plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from router.exchange import Fields

_AS_IT_IS: Final = frozenset({b"set-cookie", b"link"})
"""A cookie's attributes were judged before; what stands between angle brackets here is a URL."""
_URLS: Final = frozenset({b"location", b"content-location"})
_ENCODED: Final = re.compile(rb"%3[Cc]([A-Za-z0-9_]+)%3[Ee]")
_PLAIN: Final = re.compile(rb"<([A-Za-z0-9_]+)>")
_FITTING: Final = re.compile(r"[A-Za-z0-9!#$%&'()*+./:@^_`|~ -]*")
"""What ends nothing and begins nothing, in quotation marks (RFC 9110 §5.6.4) and without."""


def restored_fields(fields: Fields, values: Mapping[str, str]) -> Fields:
    """``fields`` with the true values for placeholders issued in this request.

    In URLs, and where the placeholder is percent-encoded, so is the value. Elsewhere a value that
    could mean more than itself stays hidden.
    """
    return [(name, _restored(name, value, values)) for name, value in fields]


def _restored(name: bytes, value: bytes, values: Mapping[str, str]) -> bytes:
    value = _ENCODED.sub(lambda found: _url_encoded(found, values), value)
    if name in _AS_IT_IS:
        return value
    put = _url_encoded if name in _URLS else _as_it_is
    return _PLAIN.sub(lambda found: put(found, values), value)


def _true(found: re.Match[bytes], values: Mapping[str, str]) -> str | None:
    return values.get(f"<{plain_name(found[1].decode())}>")


def _url_encoded(found: re.Match[bytes], values: Mapping[str, str]) -> bytes:
    value = _true(found, values)
    return found[0] if value is None else quote(value, safe="@").encode()


def _as_it_is(found: re.Match[bytes], values: Mapping[str, str]) -> bytes:
    value = _true(found, values)
    if value is None or _FITTING.fullmatch(value) is None:
        return found[0]
    return value.encode()
