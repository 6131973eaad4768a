"""True values back into an answer's fields: a redirect to ``/users/<EMAIL_ADDRESS_1>``. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from router.privacy.placeholders import plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from router.exchange import Fields

_URLS: Final = frozenset({b"location", b"content-location", b"link"})
_IN_URL: Final = re.compile(rb"%3[Cc]([A-Za-z0-9_]+)%3[Ee]")
_IN_TEXT: Final = re.compile(rb"<([A-Za-z0-9_]+)>")
_FITTING: Final = re.compile(r"[ !#-\[\]-~]*")
"""What may stand in a quoted string as it is (RFC 9110 §5.6.4)."""


def restored_fields(fields: Fields, values: Mapping[str, str]) -> Fields:
    """``fields`` with the true values for placeholders issued in this request.

    In URLs both are percent-encoded. Elsewhere a value that a field cannot hold stays hidden.
    """
    return [(name, _restored(name, value, values)) for name, value in fields]


def _restored(name: bytes, value: bytes, values: Mapping[str, str]) -> bytes:
    if name in _URLS:
        return _IN_URL.sub(lambda found: _url_encoded(found, values), value)
    return _IN_TEXT.sub(lambda found: _as_it_is(found, values), value)


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
