"""A config file, read: YAML, then variables, then defaults, then models, then sense."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from router.config import wording
from router.config.check import check
from router.config.environment import substitute
from router.config.merge import on_platform, resolve, stands_on
from router.config.models import Config
from router.config.problems import ConfigProblems, Problem, in_order
from router.config.reader import MAX_BYTES, read
from router.config.services import ServiceSettings
from router.config.tree import MapNode, ScalarNode, maps

if TYPE_CHECKING:
    from collections.abc import Mapping

_FROM_ENVIRONMENT: Final = (
    ("server", "admin_token", "${ROUTER_ADMIN_TOKEN:-}"),
    ("stores", "data_dir", "${ROUTER_DATA_DIR:-data}"),
)
"""What the environment says where the file does not."""


def load(source: Path | bytes, environment: Mapping[str, str], *, name: str = "") -> Config:
    """The config that ``source`` holds; ``name`` stands for the file in messages.

    :raises ConfigProblems: with every error of the file, and its warnings.
    """
    file = name or (str(source) if isinstance(source, Path) else "config")
    data = source if isinstance(source, bytes) else _bytes(source, file)
    tree, problems = read(data, file)
    unset: list[Problem] = []
    expanded = substitute(_with_environment(tree), environment, file, unset)
    assert isinstance(expanded, MapNode)
    resolved = resolve(expanded)
    config = _validate(resolved, file, problems, {(one.line, one.column) for one in unset})
    problems += unset
    problems += check(resolved, file)
    ordered = in_order(problems)
    if config is None or any(one.severity == "error" for one in ordered):
        raise ConfigProblems(ordered)
    _complete(config, resolved, file, ordered)
    return config


def _bytes(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        problem = Problem(file, 1, 1, f"can not be read: {error.strerror}")
        raise ConfigProblems([problem]) from None


def _with_environment(tree: MapNode) -> MapNode:
    for section, key, expression in _FROM_ENVIRONMENT:
        held = tree.entries.get(section, MapNode({}, {}, tree.mark))
        if isinstance(held, MapNode) and key not in held.entries:
            node = ScalarNode(expression, held.mark)
            tree = tree.with_entry(section, held.with_entry(key, node))
    return tree


def _validate(
    tree: MapNode, file: str, problems: list[Problem], unset: set[tuple[int, int]]
) -> Config | None:
    """What the models say; where a variable was missing they only saw nothing, so not there."""
    try:
        return Config.model_validate(tree.plain())
    except ValidationError as error:
        found = wording.problems(error, Config, tree, file)
        problems += [one for one in found if (one.line, one.column) not in unset]
        return None


def _complete(config: Config, tree: MapNode, file: str, warnings: tuple[Problem, ...]) -> None:
    for name, service in maps(tree.entries.get("services")):
        for platform in stands_on(tree, service):
            settings = ServiceSettings.model_validate(on_platform(service, platform).plain())
            config._table[platform, name] = settings  # noqa: SLF001 - filled here, once
    config._file, config._tree, config._warnings = file, tree, warnings  # noqa: SLF001 - as above
