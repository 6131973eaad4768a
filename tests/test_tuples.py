"""``made`` fills in nothing and checks nothing: so each of its calls is checked here."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

ROUTER = Path(__file__).parent.parent / "router"


def calls() -> list[tuple[str, str, int]]:
    """Module, class and number of values of every call of ``made``."""
    found = []
    for path in sorted(ROUTER.rglob("*.py")):
        module = ".".join(("router", *path.relative_to(ROUTER).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "made":
                made, values = node.args
                if isinstance(made, ast.Subscript):
                    made = made.value
                assert isinstance(made, ast.Name), ast.unparse(node)
                assert isinstance(values, ast.Tuple), ast.unparse(node)
                found.append((module, made.id, len(values.elts)))
    return found


@pytest.mark.parametrize(("module", "name", "count"), calls())
def test_every_value_is_given(module: str, name: str, count: int) -> None:
    fields: tuple[str, ...] = getattr(importlib.import_module(module), name)._fields
    assert len(fields) == count
