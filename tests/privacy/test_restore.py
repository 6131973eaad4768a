from __future__ import annotations

import itertools
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.filters import Place
from router.privacy.placeholders import Placeholders
from router.privacy.restore import Restorer

VALUES = {"<EMAIL_ADDRESS_1>": "bob@example.com", "<EMAIL_ADDRESS_12>": "eve@example.com"}
NOWHERE = Place()


def restore(restorer: Restorer, *chunks: str, place: Place = NOWHERE) -> str:
    """What a reader makes of a text that comes in chunks."""
    out: list[str] = []
    held = ""
    for number, chunk in enumerate(chunks):
        text = held + chunk
        edits, settled = restorer.edits(text, place, number == len(chunks) - 1)
        position = 0
        for edit in edits:
            assert position <= edit.start < edit.end <= settled
            out += text[position : edit.start], edit.new
            position = edit.end
        out.append(text[position:settled])
        held = text[settled:]
    assert held == ""
    return "".join(out)


@pytest.mark.parametrize(
    "spelling",
    [
        "<EMAIL_ADDRESS_1>",
        "<email_address_1>",
        "<Email_Address_1>",
        "&lt;EMAIL_ADDRESS_1&gt;",
        "&#60;EMAIL_ADDRESS_1&#62;",
        "&#x3C;EMAIL_ADDRESS_1&#x3e;",
        r"\<EMAIL_ADDRESS_1\>",
        r"\<EMAIL\_ADDRESS\_1\>",
        r"<EMAIL\_ADDRESS\_1>",
        r"\u003cEMAIL_ADDRESS_1\u003e",
        r"\u003CEMAIL_ADDRESS_1\u003E",
        r"\\<EMAIL_ADDRESS_1\\>",
        r"\\<EMAIL\\_ADDRESS\\_1\\>",
        r"\\\\u003cEMAIL_ADDRESS_1\\\\u003e",
    ],
)
def test_each_accepted_spelling_is_restored_at_every_split(spelling: str) -> None:
    text = f"to {spelling}, ok"
    for split in range(len(text) + 1):
        restorer = Restorer(VALUES)
        assert restore(restorer, text[:split], text[split:]) == "to bob@example.com, ok"
    assert restore(Restorer(VALUES), *text) == "to bob@example.com, ok"


@pytest.mark.parametrize(
    "text",
    [
        "<EMAIL_ADDRESS_2>",
        "<EMAIL_ADDRESS_01>",
        "<EMAIL_ADDRESS_1",
        "EMAIL_ADDRESS_1>",
        "< EMAIL_ADDRESS_1>",
        "&lt;EMAIL_ADDRESS_1>",
        r"\u003cEMAIL_ADDRESS_1\\u003e",
        "<PERSON_1>",
        "a < b && c > d \\ &amp; <b>",
        "\\",
        "&",
        "<",
    ],
)
def test_what_was_not_issued_stays(text: str) -> None:
    assert restore(Restorer(VALUES), *text) == text


def test_a_backslash_that_merely_stands_before_is_kept() -> None:
    assert restore(Restorer(VALUES), r"C:\<EMAIL_ADDRESS_1>\x") == r"C:\bob@example.com\x"


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("see <EMAIL_ADDR", 4),
        ("see <EMAIL_ADDRESS_1", 4),
        ("see &", 4),
        ("see &lt;EMAIL_ADDRESS_12&g", 4),
        ("see <PER", 8),
        ("see <EMAIL_ADDRESS_3", 20),
        ("see <EMAIL_ADDRESS_12&g", 23),
        ("see <EMAIL_ADDRESS_12\\", 21),
        ("see \\<EMAIL_ADDRESS_12\\", 4),
        ("see \\<EMAIL\\_ADDRESS\\", 4),
        ("see \\\\<EMAIL_ADDRESS_12\\", 4),
        ("see \\<EMAIL_ADDRESS_12\\\\", 22),
        ("see &lt;EMAIL_ADDRESS_&g", 24),
        ("see <b", 6),
        ("see", 3),
    ],
)
def test_only_the_beginning_of_an_issued_placeholder_is_held_back(text: str, settled: int) -> None:
    assert Restorer(VALUES).edits(text, NOWHERE, final=False) == ([], settled)
    assert Restorer(VALUES).edits(text, NOWHERE, final=True) == ([], len(text))


def test_a_value_is_escaped_like_the_placeholder_it_replaces() -> None:
    restorer = Restorer({"<PERSON_1>": 'A "B" <C>'})
    member = Place(("content",))
    assert restore(restorer, "&lt;PERSON_1&gt;", place=member) == "A &quot;B&quot; &lt;C&gt;"
    assert restore(restorer, r"\u003cPERSON_1\u003e", place=member) == 'A \\"B\\" <C>'
    assert restore(restorer, r"\\u003cPERSON_1\\u003e", place=member) == r"A \\\"B\\\" <C>"


def test_what_the_reader_escapes_is_left_plain() -> None:
    restorer = Restorer({"<PERSON_1>": 'A "B" <C>'})
    nested = Place(("arguments",), nested=True)
    assert restore(restorer, "&lt;PERSON_1&gt;") == 'A "B" <C>'
    assert restore(restorer, r"\u003cPERSON_1\u003e", place=nested) == 'A "B" <C>'


@pytest.mark.parametrize(
    ("raw", "untouched"),
    [
        (b'{"a": "b\\n\\"c\\""}', True),
        (b'{"a": "<"}', False),
        (b'{"a": "&"}', False),
        (b'{"a": "b\\\\"}', False),
        (rb"\u003c", False),
        (b"ends in \\", False),
        (b"a line ends in \\\n", False),
    ],
)
def test_raw_bytes_in_which_nothing_can_begin_are_told(raw: bytes, untouched: bool) -> None:
    assert Restorer(VALUES).untouched(raw) is untouched
    assert Restorer({}).untouched(raw) is True


def test_it_tells_whether_a_value_is_written_otherwise_in_json() -> None:
    assert not Restorer(VALUES).awkward
    for value in ('A "B"', "a\\b", "two\nlines"):
        assert Restorer({"<PERSON_1>": value}).awkward


def test_without_placeholders_nothing_is_held_back() -> None:
    assert Restorer({}).edits("<EMAIL_ADDRESS_", NOWHERE, final=False) == ([], 15)


_PIECES = st.one_of(
    st.sampled_from(
        ["<", ">", "&lt;", "&gt;", "\\", "\\u003c", "EMAIL_ADDRESS_", "1", "<EMAIL_ADDRESS_1>", "_"]
    ),
    st.text(alphabet=string.ascii_uppercase + "_<>&;\\ 12", max_size=6),
)


@settings(deadline=None, max_examples=150)
@given(
    text=st.lists(st.one_of(_PIECES, st.integers(0, 3)), max_size=12),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
def test_an_echo_is_restored_to_what_was_redacted_however_it_is_cut(
    text: list[str | int], cuts: list[int]
) -> None:
    """Integers stand for values that are redacted; strings are the caller's own text."""
    placeholders = Placeholders()
    placeholders.reserve(["".join(p if isinstance(p, str) else "\n" for p in text)])
    original = "".join(p if isinstance(p, str) else f"v{p}@x.io" for p in text)
    redacted = "".join(
        p if isinstance(p, str) else placeholders.issue("EMAIL_ADDRESS", f"v{p}@x.io") for p in text
    )
    bounds = [0, *sorted(min(cut, len(redacted)) for cut in cuts), len(redacted)]
    chunks = [redacted[a:b] for a, b in itertools.pairwise(bounds)]
    assert restore(Restorer(placeholders.values), *chunks) == original


@pytest.mark.parametrize(
    "piece", ["<", "\\", "&lt;", "<A_", "<EMAIL_ADDRESS_1", "\\<a\\_", "&#x3c;"]
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    restorer = Restorer(VALUES)
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    restorer.edits(text, NOWHERE, final=False)
    assert time.process_time() - began < 1.0
