from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.editors import MaskThenRestore
from router.body.filters import Edit, Place
from router.masking.editor import Masking
from tests.masking.streams import PROSE, streamed, whole

MASKING = Masking("onasis")
VALUES = {"<EMAIL_1>": "jane@openai.com", "<PERSON_1>": "Ada OpenAI", "<OPENAI_1>": "x"}
TOKEN = re.compile("|".join(VALUES))
TAIL = re.compile(r"<[A-Z_]*1?\Z")


class Restore:
    """Restores three placeholders; holds back what may begin one."""

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:
        edits = [Edit(*found.span(), VALUES[found.group()]) for found in TOKEN.finditer(text)]
        tail = None if final else TAIL.search(text)
        return edits, len(text) if tail is None else tail.start()

    def untouched(self, raw: bytes, /) -> bool:
        return b"<" not in raw


def joined() -> MaskThenRestore:
    return MaskThenRestore(MASKING.editor(), Restore())


def test_what_the_caller_said_returns_as_it_was() -> None:
    text = "OpenAI wrote to <EMAIL_1> and <PERSON_1>, openai"
    assert whole(joined(), text) == "Onasis wrote to jane@openai.com and Ada OpenAI, onasis"


def test_restoring_wins_where_the_two_meet() -> None:
    assert whole(joined(), "<OPENAI_1> openai") == "x onasis"


def test_both_say_what_is_untouched() -> None:
    assert joined().untouched(b'{"a":"fine"}\n')
    assert not joined().untouched(b'{"a":"<"}\n')
    assert not joined().untouched(b'{"a":"openai"}\n')


PIECES = st.sampled_from(
    ["OpenAI", "open", "ai", "<EMAIL_1>", "<PERSON_1>", "<OPENAI_1>", "<", ">", "_1", " ", "x",
     "<E", "chatcmpl-", "openai<", ">openai", "azure ", "A"]
)  # fmt: skip


@given(text=st.lists(PIECES, max_size=8).map("".join), data=st.data())
@settings(deadline=None, max_examples=300)
def test_any_split_gives_what_the_whole_gives(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    expected = whole(joined(), text, PROSE)
    assert streamed(joined(), [text[:cut], text[cut:]], PROSE) == expected
    assert streamed(joined(), text, PROSE) == expected


@given(text=st.lists(PIECES, max_size=8).map("".join))
@settings(deadline=None, max_examples=100)
def test_each_mask_is_counted_once(text: str) -> None:
    one, many = MASKING.editor(), MASKING.editor()
    whole(MaskThenRestore(one, Restore()), text)
    streamed(MaskThenRestore(many, Restore()), text)
    assert one.masked == many.masked
