"""An editor's word on JSON strings: whole, piecewise, and on member names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from router.body.filters import Editor, Place
from router.body.json_text import apply, escape, escape_nested, offsets, unescape

if TYPE_CHECKING:
    from router.body.json_paths import Node, Path

_BODY = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


def edited(raw: bytes, editor: Editor, place: Place) -> bytes | None:
    """The content of a string token after the editor; None where nothing changes."""
    edits, _ = editor.edits(unescape(raw), place, True)  # noqa: FBT003 - the spine's signature
    return apply(raw, edits, place) if edits else None


def settled(raw: bytes, editor: Editor, place: Place) -> tuple[bytes, bytes]:
    """The edited settled part of a string that goes on, and what has to be shown again."""
    text = unescape(raw)
    edits, until = editor.edits(text, place, False)  # noqa: FBT003 - the spine's signature
    if until >= len(text):
        return (apply(raw, edits, place) if edits else raw), b""
    cut = offsets(raw, (until,))[0]
    return (apply(raw[:cut], edits, place) if edits else raw[:cut]), raw[cut:]


def changes_to(
    raw: bytes, editor: Editor, place: Place, *, final: bool
) -> tuple[list[tuple[int, int, bytes]], int]:
    """What the editor would replace in a string, and up to where it is settled: offsets in it."""
    text = unescape(raw)
    edits, until = editor.edits(text, place, final)
    if not edits and until >= len(text):
        return [], len(raw)
    encode = escape_nested if place.nested else escape
    *marks, end = offsets(raw, [*(offset for edit in edits for offset in edit[:2]), until])
    spans = zip(marks[::2], marks[1::2], edits, strict=True)
    return [(start, stop, encode(edit.new)) for start, stop, edit in spans], end


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
