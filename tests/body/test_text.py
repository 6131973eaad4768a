"""Plain text in any charset, cut anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.text import MAX_CARRY, TextReader, in_form, in_html, in_script
from router.errors import FilterError
from tests.body.toys import mask, restore, same, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from router.body.filters import Edit, Place


def reader(charset: str = "utf-8", hint: bool = False) -> Any:
    return lambda: TextReader(mask(hint=hint), charset)


@pytest.mark.parametrize(
    "charset",
    [
        "utf-8",
        "latin-1",
        "windows-1252",
        "utf-16-le",
        "utf-16be",
        "utf-32-le",
        "shift_jis",
        "gb18030",
        "nonsense",
    ],
)
def test_charsets(charset: str) -> None:
    codec = "utf-8" if charset == "nonsense" else charset
    accent = "" if codec == "shift_jis" else " élan é"
    text = f"by openai{accent} open"
    out = same(reader(charset), text.encode(codec))
    assert out == text.replace("openai", "onasis").replace("élan", "ÉLAN").encode(codec)
    assert same(reader(charset, hint=True), text.encode(codec)) == out


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_beats_the_charset(mark: str) -> None:
    out = same(reader("latin-1"), "by openai".encode(mark))
    assert out == "by onasis".encode(mark)


@pytest.mark.parametrize(
    "charset", ["utf-7", "iso-2022-jp", "cp037", "punycode", "unicode_escape", "rot13", "hz"]
)
def test_charsets_that_hide_text_are_refused(charset: str) -> None:
    with pytest.raises(FilterError):
        TextReader(mask(), charset)


def test_broken_utf16_is_refused() -> None:
    with pytest.raises(FilterError):
        whole(reader("utf-16-le"), b"a\0b")


@given(
    st.lists(
        st.sampled_from(
            [
                b"openai",
                b"ope",
                b"nai",
                b"\xff",
                b"\xc3",
                b"\xa9",
                "é".encode(),
                "élan".encode(),
                b"\xed\xa0\x80",
                b"\0",
                b" ",
            ]
        ),
        max_size=10,
    )
)
@settings(deadline=None, max_examples=100)
def test_invalid_bytes_pass_as_they_are(parts: Any) -> None:
    data = b"".join(parts)
    out = same(reader(), data)
    assert same(reader(hint=True), data) == out
    expected = data.replace("élan".encode(), "ÉLAN".encode()).replace(b"openai", b"onasis")
    assert out == expected


@pytest.mark.parametrize(
    ("escape", "expected"),
    [
        (in_html, b"&lt;a href=&quot;x&quot;&gt;&#x27;&amp;\n!"),
        (in_script, b'<a href=\\"x\\">\'&\\n!'),
        (in_form, b"%3Ca+href%3D%22x%22%3E%27%26%0A!"),
        (None, b'<a href="x">\'&\n!'),
    ],
)
def test_inserted_text_is_in_the_language_of_the_body(
    escape: Callable[[str], str] | None, expected: bytes
) -> None:
    editor = restore('<a href="x">\'&\n')
    assert same(lambda: TextReader(editor, "utf-8", escape), b"<EMAIL_1>!") == expected


def test_characters_a_charset_lacks() -> None:
    assert whole(lambda: TextReader(restore("\u20ac\ud800"), "latin-1"), b"<EMAIL_1>") == b"??"


def test_only_the_tail_waits() -> None:
    body = TextReader(mask())
    assert body.feed(b"hello by ope") == b"hello by "
    assert body.feed(b"nai and") == b"onasis and"
    assert body.flush() == b""


class Greedy:
    def edits(self, text: Any, place: Place, final: bool) -> tuple[list[Edit], int]:
        return [], 0


def test_what_is_held_back_is_bounded() -> None:
    body = TextReader(Greedy())
    body.feed(b"x" * MAX_CARRY)
    with pytest.raises(FilterError):
        body.feed(b"x")
