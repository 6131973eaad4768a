"""JSON string tokens: their text, and edits to it put back into the bytes of the token.

``raw`` is always the content of a token, without its quotation marks. What no edit covers keeps
its bytes, escapes and all (RFC 8259 §7); only inserted text is escaped.
"""

from __future__ import annotations

import re
from json import decoder
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from router.body.nesting import Nesting, is_awkward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from router.body.filters import Edit, Place

_UNIT = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u[0-9a-fA-F]{4}|\\[^u]|\\u|\\|[^\\]++",
    re.DOTALL,
)
_SCAN: Callable[[str, int, bool], tuple[str, int]] = decoder.scanstring  # type: ignore[attr-defined]  # typeshed has it as a method
BACKSLASH = 0x5C
"""A number: where bytes are sought with ``in``, CPython first raises and drops a TypeError."""

_SHORT = {
    b'\\"': '"',
    b"\\\\": "\\",
    b"\\/": "/",
    b"\\b": "\b",
    b"\\f": "\f",
    b"\\n": "\n",
    b"\\r": "\r",
    b"\\t": "\t",
}


def escape(text: str) -> bytes:
    r"""``text`` as the content of a JSON string: minimal escapes, lone surrogates as ``\udXXX``."""
    return encode_basestring(text)[1:-1].encode("utf-8", "backslashreplace")


def escape_nested(text: str, depth: int = 1) -> bytes:
    """``text`` for JSON text that itself stands inside a JSON string, ``depth`` strings deep."""
    for _ in range(depth):
        text = encode_basestring(text)[1:-1]
    return escape(text)


def unescape(raw: bytes) -> str:
    """The text of a token; what is no valid escape or UTF-8 stays as it is (surrogateescape)."""
    if BACKSLASH not in raw:
        return raw.decode("utf-8", "surrogateescape")
    try:
        return _SCAN(raw.decode("utf-8", "surrogateescape") + '"', 0, False)[0]  # noqa: FBT003 - the C function takes no keywords
    except ValueError:
        return "".join(_unit_text(unit.group()) for unit in _UNIT.finditer(raw))


def _unit_text(unit: bytes) -> str:
    if unit[0] != 0x5C:
        return unit.decode("utf-8", "surrogateescape")
    if len(unit) == 2:
        return _SHORT.get(unit) or unit.decode("latin-1")
    if len(unit) == 6:
        return chr(int(unit[2:6], 16))
    if len(unit) == 12:
        high, low = int(unit[2:6], 16), int(unit[8:12], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return unit.decode("latin-1")


def offsets(raw: bytes, wanted: Iterable[int]) -> list[int]:
    """The byte offsets in ``raw`` of the ascending character offsets ``wanted``."""
    if BACKSLASH not in raw:
        return plain_offsets(raw, wanted)
    found: list[int] = []
    chars = here = 0
    units = _UNIT.finditer(raw)
    text = ""
    at = 0
    for want in wanted:
        while chars + len(text) < want:
            chars += len(text)
            unit = next(units)
            here, at = unit.end(), unit.start()
            text = _unit_text(unit.group())
        inside = want - chars
        if inside == len(text):
            found.append(here)
        elif inside == 0:
            found.append(at)
        else:
            found.append(at + len(text[:inside].encode("utf-8", "surrogateescape")))
    return found


def plain_offsets(raw: bytes, wanted: Iterable[int]) -> list[int]:
    """As :func:`offsets`, of UTF-8 without escapes."""
    if raw.isascii():
        return list(wanted)
    text = raw.decode("utf-8", "surrogateescape")
    return [len(text[:want].encode("utf-8", "surrogateescape")) for want in wanted]


def escaped(
    raw: bytes, edits: Sequence[Edit], place: Place, nesting: Nesting | None = None
) -> list[bytes]:
    """What the edits to the text of ``raw`` put in, as bytes of a token.

    ``nesting`` is how deep the text begins where the place is nested; it has read ``raw`` then.
    """
    if not place.nested:
        return [escape(edit.new) for edit in edits]
    if nesting is None and not any(is_awkward(edit.new) for edit in edits):
        return [escape(edit.new) for edit in edits]
    depths = (nesting or Nesting()).depths(unescape(raw), edits)
    return [escape_nested(edit.new, depth) for edit, depth in zip(edits, depths, strict=True)]


def apply(raw: bytes, edits: Sequence[Edit], place: Place, nesting: Nesting | None = None) -> bytes:
    """``raw`` with the edits to its text made; ``nesting`` as in :func:`escaped`."""
    if len(edits) == 1 and not place.nested and raw.isascii() and BACKSLASH not in raw:
        start, end, new = edits[0]  # what most answers have, told without any list
        return raw[:start] + escape(new) + raw[end:]
    news = escaped(raw, edits, place, nesting)
    places = offsets(raw, [offset for edit in edits for offset in edit[:2]])
    return _spliced(raw, list(zip(places[::2], places[1::2], news, strict=True)))


def _spliced(raw: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    out: list[bytes] = []
    last = 0
    for start, end, new in changes:
        out += (raw[last:start], new)
        last = end
    out.append(raw[last:])
    return b"".join(out)
