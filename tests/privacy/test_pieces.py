from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.privacy.pieces import pieces


@given(st.text("ab \n.", max_size=400), st.integers(1, 60), st.integers(0, 20), st.integers(0, 20))
def test_pieces_cover_the_text_once_and_see_their_neighbours(
    text: str, longest: int, before: int, behind: int
) -> None:
    done = 0
    for piece in pieces(text, longest, before, behind):
        assert piece.start == done
        assert piece.end - piece.start <= longest
        assert piece.text == text[piece.offset : piece.offset + len(piece.text)]
        assert piece.offset <= piece.start
        assert piece.offset + len(piece.text) >= piece.end
        done = piece.end
    assert done == len(text)
