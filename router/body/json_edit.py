"""An editor's word on JSON strings: whole, piecewise, and on member names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from router.body.filters import Editor, Place
from router.body.json_text import apply, escaped, offsets, unescape

if TYPE_CHECKING:
    from router.body.json_paths import Node, Path
    from router.body.nesting import Nesting

_BODY = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


def edited(
    raw: bytes, editor: Editor, place: Place, nesting: Nesting | None = None
) -> bytes | None:
    """The content of a string token after the editor; None where nothing changes.

    Where the place is nested ``nesting`` reads along: it is how deep the text begins.
    """
    edits, _ = editor.edits(unescape(raw), place, True)  # noqa: FBT003 - the spine's signature
    if edits or nesting is not None:
        new = apply(raw, edits, place, nesting)
        return new if edits else None
    return None


def settled(
    raw: bytes, editor: Editor, place: Place, nesting: Nesting | None = None
) -> tuple[bytes, bytes]:
    """The edited settled part of a string that goes on, and what has to be shown again.

    ``nesting`` as in :func:`edited`; it reads what is settled.
    """
    text = unescape(raw)
    edits, until = editor.edits(text, place, False)  # noqa: FBT003 - the spine's signature
    carry = b""
    if until < len(text):
        cut = offsets(raw, (until,))[0]
        raw, carry = raw[:cut], raw[cut:]
    if edits or nesting is not None:
        raw = apply(raw, edits, place, nesting)
    return raw, carry


def changes_to(
    raw: bytes, editor: Editor, place: Place, *, final: bool, nesting: Nesting | None = None
) -> tuple[list[tuple[int, int, bytes]], int]:
    """What the editor would replace in a string, and up to where it is settled: offsets in it.

    ``nesting`` is how deep the text begins where the place is nested; it is used up.
    """
    text = unescape(raw)
    edits, until = editor.edits(text, place, final)
    if not edits and until >= len(text):
        return [], len(raw)
    *marks, end = offsets(raw, [*(offset for edit in edits for offset in edit[:2]), until])
    news = escaped(raw, edits, place, nesting)
    return list(zip(marks[::2], marks[1::2], news, strict=True)), end


def renamed(raw: bytes, editor: Editor, node: Node, path: Path) -> bytes:
    """The raw member name after the editor; asked once per remembered place."""
    new = node.renamed
    if new is None:
        new = edited(raw, editor, Place(path, key=True))
        node.renamed = new = raw if new is None else new
    return new


def cut_at(raw: bytes, limit: int) -> int:
    """The last offset up to ``limit`` that is inside no escape and no UTF-8 sequence of ``raw``."""
    found = _BODY.match(raw, 0, limit)
    cut = found.end() if found else 0
    mark = raw.rfind(b"\\u", max(0, cut - 5), cut)
    if mark >= 0:
        whole = _BODY.match(raw, 0, mark)
        if whole and whole.end() == mark:
            cut = mark
    for back in range(4):
        if cut > back and raw[cut - back] & 0xC0 != 0x80:
            return cut - back
    return cut
