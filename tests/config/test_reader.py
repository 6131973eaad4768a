from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config.problems import ConfigProblems, Problem
from router.config.reader import MAX_BYTES, read, scalar
from router.config.tree import Mark, child, mark_at


def problem_of(data: bytes) -> str:
    try:
        _, problems = read(data, "f")
    except ConfigProblems as error:
        problems = list(error.problems)
    assert problems
    return str(problems[0])


def test_on_and_off_are_words_and_true_is_true() -> None:
    tree, problems = read(b"on: off\nyes: no\nt: true\nf: false\nn: null\ni: 12\nx: 1.5\n", "f")
    assert not problems
    assert tree.plain() == {
        "on": "off", "yes": "no", "t": True, "f": False, "n": None, "i": 12, "x": 1.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    "said", ["0o17", "0x1f", "1_000", "12:30:00", "2026-01-01", ".nan", "1e9999"]
)
def test_what_only_other_schemas_know_stays_text(said: str) -> None:
    assert scalar(said) == said


def test_quoted_scalars_are_text() -> None:
    tree, _ = read(b"a: \"1\"\nb: 'true'\nc: |\n  null\n", "f")
    assert tree.plain() == {"a": "1", "b": "true", "c": "null\n"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "f:1:1: the file is empty"),
        (b"- a\n", "f:1:1: the file should hold a map"),
        (b"a: 1\nb: [1\nc: 2\n", "f:3:2: YAML: "),
        (b"a: 1\n\tb: 2\n", "f:2:1: YAML: "),
        (b"a: 1\nb: 2\na: 3\n", "f:3:1: the key 'a' stands twice, first at line 1"),
        (b"a: 1\n---\nb: 1\n", "f:2:1: a second YAML document"),
        (b"a: !!python/object:os.system {}\n", "f:1:4: a tag"),
        (b"a: !secret x\n", "f:1:4: a tag"),
        (b"? [a, b]\n: c\n", "f:1:3: a key should be a word"),
        (b"a: *missing\n", "f:1:4: "),
        (b"a: &x [*x]\n", "f:1:8: the alias *x stands before its anchor is complete"),
        (b"a: \xff\n", "f:1:1: the file is not UTF-8"),
        (b"a: 1\nb: \x07\n", "f:2:4: YAML: "),
        (b"<<: 3\na: 1\n", "f:1:1: '<<' should name a map"),
        (b"a: 1\n${X}: 2\n", "f:2:1: variables are replaced in values"),
        (b"a: " + b"[" * 200, "f:1:36: nested more than 32 deep"),
        (b"a: 1\n" * 3 + b"#" * MAX_BYTES, "f:1:1: the file is larger"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(data: bytes, told: str) -> None:
    assert problem_of(data).startswith(told)


def test_anchors_and_merge_keys_are_followed() -> None:
    data = b"base: &b {x: 1, y: 2}\na: *b\nc: {<<: *b, y: 3}\nd: {<<: [*b, {z: 4}]}\n"
    tree, problems = read(data, "f")
    assert not problems
    assert tree.plain()["c"] == {"x": 1, "y": 3}
    assert tree.plain()["d"] == {"x": 1, "y": 2, "z": 4}


def test_a_few_lines_that_stand_for_billions_are_refused_at_once() -> None:
    lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        b"a%d: &a%d [%s]" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 12)
    ]
    began = time.thread_time()
    assert "aliases followed" in problem_of(b"\n".join(lines))
    assert time.thread_time() - began < 1


def test_a_large_flat_file_is_refused_in_bounded_time() -> None:
    began = time.thread_time()
    assert "more than" in problem_of(b"a: [" + b"1," * 400_000 + b"1]")
    assert time.thread_time() - began < 2


KEYS = st.text(alphabet="abcdefgh", min_size=1, max_size=6)
VALUES = st.recursive(
    st.text(alphabet="xyzü \"'", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def written(value: object, indent: int, at: tuple[str | int, ...], marks: dict[object, Mark],
            lines: list[str]) -> None:  # fmt: skip
    """Writes block YAML by hand and notes where each scalar stands."""
    pad = " " * indent
    if isinstance(value, dict):
        for key, inner in value.items():
            nested(inner, f"{pad}{key}:", indent, (*at, key), marks, lines)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            nested(inner, f"{pad}-", indent, (*at, index), marks, lines)


def nested(inner: object, head: str, indent: int, at: tuple[str | int, ...],
           marks: dict[object, Mark], lines: list[str]) -> None:  # fmt: skip
    if isinstance(inner, dict | list) and inner:
        lines.append(head)
        written(inner, indent + 2, at, marks, lines)
        return
    quoted = "'" + inner.replace("'", "''") + "'" if isinstance(inner, str) else str(inner)
    marks[at] = Mark(len(lines) + 1, len(head) + 2)
    lines.append(f"{head} {quoted}")


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_every_value_knows_its_line_and_column(document: dict[str, object]) -> None:
    marks: dict[object, Mark] = {}
    lines: list[str] = []
    written(document, 0, (), marks, lines)
    tree, problems = read("\n".join(lines).encode(), "f")
    assert not problems
    assert tree.plain() == document
    for path, mark in marks.items():
        assert isinstance(path, tuple)
        node = child(tree, *path)
        assert node is not None
        assert node.mark == mark == mark_at(tree, path)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60) | st.text(alphabet="a:-[]{}&*!|>'\"#\n \t?<%@", max_size=60))
def test_any_bytes_are_read_or_told(data: bytes | str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        read(data if isinstance(data, bytes) else data.encode(), "f")
    except ConfigProblems as error:
        problems = error.problems
    assert all(one.line >= 1 and one.column >= 1 for one in problems)
