"""The configuration's reference, written from the models: what may be said, and every default."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from router.config.models import Config
from router.config.services import Service

_OPENING = """# Configuration

Every key, as the models in `router/config/` have it; `tests/test_docs.py` holds the two together.
`config/routes.yaml` shows each in use, `router check` tells what is wrong with a file,
`router check --schema` prints a JSON Schema for editors.

Durations are `500ms`, `30s`, `15m`, `1h`, `1d`; sizes `512KiB`, `10MiB`; rates `200/15m`.
`${VAR}` must be set, `${VAR:-default}` may be, defaults nest; substitution happens in parsed
values, never in YAML text. Unknown keys are errors.
"""


def reference() -> str:
    """The page, as Markdown."""
    sections = [_OPENING]
    for title, model in _models("", Config):
        if issubclass(model, Service):
            title = "services.*"  # noqa: PLW2901  their defaults were told one section before
        rows = [_row(name, field) for name, field in model.model_fields.items()]
        heading = f"## `{title}`" if title else "## The file"
        intro = (model.__doc__ or "").split("\n\n")[0].strip()
        sections.append(
            "\n".join(
                [heading, "", intro, "", "| key | default | what |", "|---|---|---|", *rows, ""]
            )
        )
    return "\n".join(sections)


def _models(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield path, model
    for name, field in model.model_fields.items():
        for inner, many in _inner(field.annotation):
            below = f"{path}.{name}".lstrip(".") + (".*" if many else "")
            if path != "services.*" or name not in ("privacy", "masking", "on"):
                yield from _models(below, inner)


def _inner(annotation: object) -> Iterator[tuple[type[BaseModel], bool]]:
    """The models within a type, and whether they stand under names of their own."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, False
        return
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Annotated:
        yield from _inner(arguments[0])
    elif origin in (typing.Union, types.UnionType):
        for argument in arguments:
            yield from _inner(argument)
    elif origin in (dict, tuple):
        for argument in arguments:
            for model, _ in _inner(argument):
                yield model, True


def _row(name: str, field: FieldInfo) -> str:
    text = " ".join((field.description or "").split()).replace("|", "\\|")
    return f"| `{name}` | {_default(field)} | {text} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or isinstance(value, BaseModel) or value in ("", (), {}):
        return ""
    if isinstance(value, tuple):
        return "`[" + ", ".join(map(str, value)) + "]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
