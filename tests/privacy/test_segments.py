from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import DownstreamError
from router.privacy.segments import LIMIT, TARGET, segments

WORDS = "a plain sentence that may be cut between any two of its words, "


def test_a_short_text_is_one_segment() -> None:
    assert list(segments("short")) == [("short", 0, 0)]


def test_each_segment_brings_the_words_before_it() -> None:
    first, second, *_ = segments(WORDS * 400)
    assert first.lead == 0
    assert second.text[: second.lead] == first.text[-second.lead :]


def test_a_text_with_no_place_to_cut_is_refused() -> None:
    with pytest.raises(DownstreamError) as refusal:
        list(segments("1." * LIMIT))
    assert refusal.value.status == 413


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.sampled_from([WORDS, "x" * 900, "4111 1111 1111 1111\n", '{"a": "b"}']), max_size=60
    )
)
def test_the_pieces_are_the_text_and_none_is_long(parts: list[str]) -> None:
    text = " ".join(part * 10 for part in parts)
    pieces = list(segments(text)) if len(text) < LIMIT else []
    assert not pieces or "".join(piece.text[piece.lead :] for piece in pieces) == text
    for piece in pieces:
        assert text[piece.offset : piece.offset + len(piece.text)] == piece.text
        assert len(piece.text) <= LIMIT + TARGET
