"""``privacy``: personal data that upstreams do not see."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from router.config.values import Size, Strict, wrong

Mode = Literal["restore", "replace", "block", "observe", "off"]


def _entities(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _entity(value: str) -> str:
    if value != "default" and not (value.isascii() and value.isupper()):
        raise wrong("an entity is spelled in capitals, as EMAIL_ADDRESS; 'default' stands for many")
    return value


class Privacy(Strict):
    """What is looked for, and how sure the router must be."""

    entities: Annotated[
        tuple[Annotated[str, AfterValidator(_entity)], ...],
        BeforeValidator(_entities),
        Field(min_length=1),
        WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
    ] = ("default",)
    """Kinds of personal data; ``default`` stands for the usual ones."""

    threshold: Annotated[float, Field(ge=0, le=1)] = 0.35
    """The score from which a find counts, 0 to 1."""

    names: Literal["off", "builtin"] = "off"
    """How names of people are recognised."""

    max_text: Size = 1024 * 1024
    """The most text of one request that is looked through; over it 413."""


class ServicePrivacy(Privacy):
    """Privacy as one service has it; a mode alone is short for ``mode``."""

    mode: Mode = "restore"
    """restore: placeholders inwards, true values back; replace: one way; block: 422;
    observe: counted only; off."""

    uninspectable: Literal["block", "pass"] = "block"
    """A body of a kind that cannot be looked through: refused, or passed."""
