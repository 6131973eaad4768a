"""What a model refused, told in the words of a config's author."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args, get_origin

from pydantic import BaseModel, ValidationError

from router.config.problems import Problem, did_you_mean
from router.config.tree import MapNode, Mark, Node, ScalarNode, child, mark_at, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

Path: TypeAlias = tuple[str | int, ...]

_LONGEST_WORD: Final = 40

_WORDS: Final[Mapping[str, str]] = {
    "string_type": "should be text; quote it if it looks like a number",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "tuple_type": "should be a list: [one, two]",
    "string_pattern_mismatch": "should be a word of two letters or more",
    "dict_type": "should be a map",
    "model_type": "should be a map",
    "model_attributes_type": "should be a map",
}

_LATER: Final[Mapping[str, str]] = {
    "jwks": "this version verifies with a shared secret only: HS256, HS384, HS512",
    "opaque": "this version takes JWTs and API keys, no opaque tokens yet",
    "on_failure": "this version keeps limits in memory, which does not fail",
}


def problems(
    error: ValidationError, model: type[BaseModel], root: MapNode, file: str
) -> list[Problem]:
    """Each refusal at its place; a value is repeated only where the file itself holds it.

    What ``defaults:`` says is refused once more in every service: told once.
    """
    told: dict[tuple[Mark, str, str], Problem] = {}
    errors = error.errors(include_url=False)
    refused = {one["loc"][:-1] for one in errors}
    for one in errors:
        kind: str = one["type"]
        path: Path = one["loc"]
        if kind == "too_short" and path in refused:
            continue  # it only lacks the items that were refused themselves
        of_key = kind == "extra_forbidden"
        if path and path[-1] == "[key]":
            path, of_key = path[:-1], True
        mark = mark_at(root, path[:-1] if kind == "missing" else path, key=of_key)
        message, hint = _words(one, path, model, child(root, *path))
        problem = Problem(file, mark.line, mark.column, message, hint)
        told.setdefault((mark, kind, _subject(path)), problem)
    return list(told.values())


def _words(
    error: ErrorDetails, path: Path, model: type[BaseModel], node: Node | None
) -> tuple[str, str]:
    """The message and the hint."""
    kind, subject = error["type"], _subject(path)
    if kind == "extra_forbidden":
        last = str(path[-1])
        hint = _LATER.get(last) or did_you_mean(last, _known(model, path[:-1]))
        return f"unknown key {subject}{_under(path)}", hint
    if kind == "missing":
        return f"{subject} is missing{_under(path)}", ""
    if kind == "literal_error":
        return _choice(error, node, subject)
    if kind == "too_short":
        return f"{subject} should not be empty", ""
    if kind == "config":
        return f"{subject}: {error['msg']}", ""
    said = _WORDS.get(kind) or error["msg"].replace("Input ", "")
    return f"{subject} {said}", ""


def _subject(path: Path) -> str:
    """What is spoken of: the nearest name above a list's item."""
    names = [str(step) for step in path if isinstance(step, str)]
    return f"'{names[-1]}'" if names else "the file"


def _under(path: Path) -> str:
    above = ".".join(str(step) for step in path[:-1])
    return f" in {above}" if above else ""


def _choice(error: ErrorDetails, node: Node | None, subject: str) -> tuple[str, str]:
    expected = [one for one in re.findall(r"'([^']*)'", error["ctx"]["expected"]) if one]
    said = text(node) if isinstance(node, ScalarNode) and not node.variables else ""
    if not said or len(said) > _LONGEST_WORD:
        return f"{subject} should be one of {', '.join(expected)}", ""
    return f"{subject} can not be '{said}'", did_you_mean(said, expected)


def _known(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that are understood at ``path``."""
    here: Any = model
    for step in path:
        here = _model_below(here, step)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return list(here.model_fields)
    return []


def _model_below(here: Any, step: str | int) -> Any:
    if isinstance(here, type) and issubclass(here, BaseModel):
        found = here.model_fields.get(str(step))
        return found.annotation if found else None
    for part in get_args(here) if get_origin(here) not in {dict, tuple} else (here,):
        if get_origin(part) is dict:
            return get_args(part)[1]
        if get_origin(part) is tuple:
            return get_args(part)[0]
        if isinstance(part, type) and issubclass(part, BaseModel):
            return _model_below(part, step)
    return None
