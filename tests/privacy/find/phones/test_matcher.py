"""Phone numbers: what libphonenumber finds in any region, no more and no less."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.privacy.find.around import Around
from router.privacy.find.phones.matcher import Phones
from router.privacy.find.rules import recognisers

PRESIDIOS = recognisers({"PHONE_NUMBER"})["PHONE_NUMBER"]
PHONES = Phones(PRESIDIOS, 0.35)

_PIECES = st.one_of(
    st.text("0123456789", min_size=1, max_size=12),
    st.sampled_from(
        [
            *("212 555 0143", "+1 212 555 0143", "030 123456", "(02) 1234 5678", "07700 900123"),
            *("+44 (0)20 7946 0958", "0800 123 456", "011 44 20 7946 0958", "5551234", "16491"),
            *("2024-01-02", "01/02/2024", "12:34", ":30", "49 30 123456", "00", "1", "x", "ext 12"),
            *(" ", " ", "-", ".", "/", "  ", "#", ",", "\n", "(", ")", "+", "A", "é", "\u2013"),
        ]
    ),
)  # fmt: skip


def plain(text: str) -> set[tuple[int, int]]:
    return {
        (match.start, match.end)
        for region in PRESIDIOS.supported_regions
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=1)
    }


def found(text: str) -> set[tuple[int, int]]:
    return {(span.start, span.end) for span in PHONES.find(text, Around(text)) if span is not None}


@settings(deadline=None, max_examples=400)
@given(st.lists(_PIECES, max_size=9).map("".join))
def test_every_number_that_the_library_finds_is_covered_and_none_is_made_up(text: str) -> None:
    expected, numbers = plain(text), found(text)
    assert numbers <= expected
    for start, end in expected:
        assert any(begin <= start and end <= stop for begin, stop in numbers)


@pytest.mark.parametrize(
    "text",
    [
        "1118482089030 1234569447",  # the prefix of the trunk behind the country's code
        "5ext 12178ext 12-906332860+1 212 555 0143+44 (0)20 7946 0958",
        "56:30#2682945126030 123456.6066685770",
        "(212) 555-0143 or 212.555.0144 x12",
        "tel:+49-30-123456-78; fax 030/12345679",
        "0 15 11 98765 4321",
        "212 555 0143 " * 40,
    ],
)
def test_numbers_side_by_side_and_with_extensions(text: str) -> None:
    expected = plain(text)
    assert found(text) <= expected
    assert all(any(b <= s and e <= t for b, t in found(text)) for s, e in expected)
