"""Feeds a text to an editor in pieces, as a reader does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.body.filters import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from router.body.filters import Edit, Editor

PROSE = Place(("choices", 0, "delta", "content"))
NAMED = Place(("name",))


def made(text: str, edits: list[Edit], upto: int) -> str:
    out, at = "", 0
    for start, end, new in edits:
        assert at <= start < end <= upto
        out += text[at:start] + new
        at = end
    return out + text[at:upto]


def whole(editor: Editor, text: str, place: Place = PROSE) -> str:
    edits, settled = editor.edits(text, place, True)
    assert settled == len(text)
    return made(text, edits, settled)


def streamed(editor: Editor, pieces: Iterable[str], place: Place = PROSE) -> str:
    out = carry = ""
    for piece in pieces:
        carry += piece
        edits, settled = editor.edits(carry, place, False)
        assert 0 <= settled <= len(carry)
        out += made(carry, edits, settled)
        carry = carry[settled:]
    edits, settled = editor.edits(carry, place, True)
    return out + made(carry, edits, settled)
