from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config.environment import SubstitutionError, expand, substitute
from router.config.reader import read
from router.config.tree import ListNode, child, text

if TYPE_CHECKING:
    from router.config.problems import Problem


@pytest.mark.parametrize(
    ("said", "environment", "value"),
    [
        ("plain", {}, "plain"),
        ("a${X}b", {"X": "1"}, "a1b"),
        ("${X}", {"X": ""}, ""),
        ("${X:-d}", {}, "d"),
        ("${X:-d}", {"X": ""}, "d"),
        ("${X:-d}", {"X": "v"}, "v"),
        ("${X:-}", {}, ""),
        ("${X:-${Y:-http://h:1}}", {}, "http://h:1"),
        ("${X:-${Y:-d}}/p", {"Y": "y"}, "y/p"),
        ("${X:-a${Y}b${Z:-c}}", {"Y": "1"}, "a1bc"),
        ("${X:-${NOT_SET}}", {"X": "v"}, "v"),
        ("$X $ $$ {Y}", {"X": "v"}, "$X $ $$ {Y}"),
        ("$${X}", {"X": "v"}, "${X}"),
        ("}{", {}, "}{"),
    ],
)
def test_variables_are_put_in(said: str, environment: dict[str, str], value: str) -> None:
    assert expand(said, environment)[0] == value


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("${X}", "X is not set"),
        ("${X:-${Y}}", "Y is not set"),
        ("${X", "should end"),
        ("${X:-d", "should end"),
        ("${X-d}", "should end"),
        ("${X:?m}", "should end"),
        ("${}", "name"),
        ("${1}", "name"),
        ("${X:-" * 20 + "}" * 20, "nest"),
    ],
)
def test_what_cannot_be_put_in_is_told(said: str, message: str) -> None:
    with pytest.raises(SubstitutionError, match=message):
        expand(said, {})


def test_the_names_looked_up_are_told() -> None:
    assert expand("${A:-${B:-}}", {})[1] == ("A", "B")
    assert expand("${A:-${B:-}}", {"A": "1"})[1] == ("A",)


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_a_variable_holds_is_never_looked_through(held: str) -> None:
    assert expand("<${X}>", {"X": held, "Y": "no"})[0] == f"<{held}>"


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="${}:-XY ", max_size=30))
def test_any_text_is_expanded_or_refused(said: str) -> None:
    with suppress(SubstitutionError):
        expand(said, {"X": "x"})


def test_a_value_can_not_open_a_key_or_a_comment() -> None:
    tree, _ = read(b"a: ${X}\nb: kept\n", "f")
    node = substitute(tree, {"X": "1\nb: stolen # "}, "f", [])
    assert text(child(node, "a")) == "1\nb: stolen # "
    assert text(child(node, "b")) == "kept"


def test_an_unset_variable_is_a_problem_at_its_place() -> None:
    tree, _ = read(b"a:\n  - b\n  - ${X}\n", "f")
    problems: list[Problem] = []
    substitute(tree, {}, "f", problems)
    assert [(one.line, one.column) for one in problems] == [(3, 5)]


def test_an_empty_variable_adds_nothing_to_a_list() -> None:
    tree, _ = read(b"a: ['${X:-}', b]\n", "f")
    node = child(substitute(tree, {}, "f", []), "a")
    assert isinstance(node, ListNode)
    assert (node.plain(), node.variables) == (["b"], ("X",))
