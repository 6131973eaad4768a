"""Personal data of the upstream's own in its answers."""

from __future__ import annotations

import json
import re
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.body.editors import MaskThenRestore
from router.body.filters import Join, Place
from router.body.json_strings import JsonReader
from router.body.sse import SseReader
from router.body.text import TextReader
from router.masking.editor import Masking
from router.privacy.answers import LONGEST, AnswerEditor
from router.privacy.restore import Restorer
from router.privacy.spans import Span
from tests.body.toys import pieces, same, whole
from tests.talk import delta, said, sse

if TYPE_CHECKING:
    from router.body.filters import BodyFilter, Editor

_MAIL = re.compile(r"\w+(?:\.\w+)*@\w+\.\w\w+|(?<!\d)\d{3}-\d\d-\d{4}(?!\d)|(?<!\d)\d{16}(?!\d)")
MASKING = Masking("onasis", vendors={"openai": "onasis"})


def find(text: str) -> list[Span]:
    return [Span(*one.span(), "PII", 1.0) for one in _MAIL.finditer(text)]


def editor(
    values: dict[str, str] | None = None, *, replace: bool = True, counts: Any = None
) -> Editor:
    inner = MaskThenRestore(MASKING.editor(), Restorer(values or {}))
    return AnswerEditor(inner, find, {} if counts is None else counts, replace=replace)


def test_what_the_upstream_wrote_is_replaced_and_what_is_the_callers_is_not() -> None:
    values = {"<EMAIL_ADDRESS_1>": "bob@x.io"}
    body = {"a": "<EMAIL_ADDRESS_1> and eve@y.io by OpenAI", "id": "536-90-4399", "eve@y.io": 1}
    out = same(lambda: JsonReader(editor(values)), json.dumps(body).encode())
    assert json.loads(out) == {
        "a": "bob@x.io and <PII> by Onasis",
        "id": "536-90-4399",
        "eve@y.io": 1,
    }


def test_a_handle_is_left_alone_only_if_it_looks_like_one() -> None:
    body = b'{"id": "mail eve@y.io", "n": {"name": "eve@y.io"}}'
    out = same(lambda: JsonReader(editor()), body)
    assert out == body.replace(b"eve@y.io", b"<PII>")


def test_it_is_counted_once_however_it_comes() -> None:
    body = b'{"a": "eve@y.io, eve@y.io. ' + b"word " * 100 + b'eve@y.io"}'
    for size in (1, 7, 1000):
        counts: dict[str, int] = {}
        parts = [body[at : at + size] for at in range(0, len(body), size)]
        observing = partial(editor, replace=False, counts=counts)
        assert pieces(lambda: JsonReader(observing()), parts) == body  # noqa: B023
        assert counts == {"PII": 3}


def test_a_stream_gives_the_same_however_it_is_cut() -> None:
    texts = ["Write to ev", "e@y.", "io. Or", " not: 536", "-90-4399\n", "by Open", "AI <EMAIL_AD",
             "DRESS_1>", " end"]  # fmt: skip
    values = {"<EMAIL_ADDRESS_1>": "bob@x.io"}
    stream = sse(*map(delta, texts), "[DONE]")
    out = same(lambda: SseReader(editor(values)), stream)
    assert said(out) == "Write to <PII>. Or not: <PII>\nby Onasis bob@x.io end"


def test_nothing_is_held_longer_than_it_says() -> None:
    body = TextReader(editor())
    out = b"".join(body.feed(b"a") for _ in range(4 * LONGEST))
    assert len(out) >= 3 * LONGEST
    body = TextReader(editor())
    assert body.feed(b"one. two") == b"one. "
    assert body.feed(b" three\nfour") == b"two three\n"


def test_no_long_text_is_looked_at_at_once() -> None:
    """Nor in events of unknown shapes, each of which may be a record of its own."""
    longest = 0

    def measured(text: str) -> list[Span]:
        nonlocal longest
        longest = max(longest, len(text))
        return find(text)

    text = "word " * 2000 + "eve@y.io"
    for place in (Place(), Place(join=Join.ALIKE), Place(("a",), nested=True)):
        made, _ = AnswerEditor(None, measured, {}, replace=True).edits(text, place, final=True)
        assert [one.new for one in made] == ["<PII>"]
    assert 0 < longest <= LONGEST


def test_base64_is_no_text() -> None:
    picture = "A" * 300 + "/4111111111111111/" + "B" * 300
    body = json.dumps({"b64_json": picture}).encode()
    assert same(lambda: JsonReader(editor()), body) == body


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"card": 4111111111111111}', '{"card": 0}'),
        ('{"card": "4111111111111111"}', '{"card": "<PII>"}'),
        ('[1, 4111111111111111, "eve@y.io"]', '[1, 0, "<PII>"]'),
    ],
)
def test_arguments_stay_json(arguments: str, expected: str) -> None:
    body = json.dumps({"arguments": arguments}).encode()
    out = json.loads(same(lambda: JsonReader(editor()), body))["arguments"]
    assert out == expected
    json.loads(out)


_PIECES = st.sampled_from(
    ["eve@y.io", "536-90-4399", " ", ". ", "\n", "word ", "w" * 90, "OpenAI", "<EMAIL_ADDRESS_1>",
     "Open", "<EMAIL_", "é", "!", '"', "4111 1111 ", "x" * 200]
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(_PIECES, max_size=14).map("".join), st.lists(st.integers(0, 900), max_size=4))
def test_how_a_text_comes_changes_nothing(text: str, cuts: list[int]) -> None:
    values = {"<EMAIL_ADDRESS_1>": "bob@x.io"}
    data = text.encode()

    def reader() -> BodyFilter:
        return TextReader(editor(values))

    expected = whole(reader, data)
    marks = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parts = [data[a:b] for a, b in pairwise(marks)]
    assert pieces(reader, parts) == expected
    single = [data[at : at + 1] for at in range(len(data))]
    assert pieces(reader, single) == expected


def test_the_editor_alone_settles_at_the_end_of_a_sentence() -> None:
    alone = AnswerEditor(None, find, {}, replace=True)
    assert alone.edits("a eve@y.io. b", Place(), final=False)[1] == 12
    assert alone.edits("a eve@y.io.", Place(), final=False) == ([], 0)
    edits, settled = alone.edits("a eve@y.io.", Place(), final=True)
    assert ([one.new for one in edits], settled) == (["<PII>"], 11)
