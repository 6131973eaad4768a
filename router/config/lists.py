"""Words and patterns of the operator's own that are personal data, or are not."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from router.config.values import Strict, wrong

_NAME: Final = re.compile(r"(?=.{1,64}$)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
"""What can stand in a placeholder: ``<EMPLOYEE_ID_1>``."""


def _entity(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise wrong("an entity is spelled in capitals, as EMAIL_ADDRESS")
    return value


def _entity_or_any(value: str) -> str:
    return value and _entity(value)


def _pattern(value: str) -> str:
    """Linear in the text, however it is written; no look-around, no references back."""
    from router.linear import Linear  # noqa: PLC0415  only a file that has patterns needs them

    if not value:
        return value
    try:
        pattern = Linear(value)
    except ValueError:
        raise wrong(
            "should be a pattern in RE2's syntax: no look-around, no references back"
        ) from None
    if pattern.matches_nothing:
        raise wrong("should be a pattern that an empty text does not match")
    return value


def _entry(value: object) -> object:
    return {"word": value} if isinstance(value, str) else value


Entity = Annotated[str, AfterValidator(_entity)]
Pattern = Annotated[str, AfterValidator(_pattern), Field(max_length=1000)]


class Entry(Strict):
    """A word or a pattern of a list; a word alone is short for ``word``."""

    word: Annotated[str, Field(max_length=256)] = ""
    """An exact text, in any letter case, where it stands whole."""

    pattern: Pattern = ""
    """In the word's place, a pattern in RE2's syntax; ``(?i)`` before it for any letter case."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.word.strip()) == bool(self.pattern):
            raise wrong("needs a word or a pattern, not both")
        return self


class Allow(Entry):
    """What is nobody's secret."""

    entity: Annotated[str, AfterValidator(_entity_or_any)] = ""
    """The one kind of finding that it speaks of; every kind where nothing is said."""


class Deny(Entry):
    """What is always taken for personal data."""

    entity: Entity = "DENIED"
    """What it is found as, and so the name of its placeholders."""


class Recogniser(Strict):
    """A kind of personal data of the operator's own."""

    entity: Entity
    """Its name, in capitals."""

    pattern: Annotated[Pattern, Field(min_length=1)]
    """What it looks like, in RE2's syntax; at most 1,024 characters of a text."""

    score: Annotated[float, Field(ge=0, le=1)] = 0.6
    """How sure the pattern alone makes, 0 to 1; held against ``threshold``."""

    context: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Words of which one near before it adds 0.35."""


def _shown(model: type[Strict]) -> Any:
    return WithJsonSchema(
        {"anyOf": [{"type": "string"}, model.model_json_schema(mode="validation")]}
    )


Allowed = tuple[Annotated[Allow, BeforeValidator(_entry), _shown(Allow)], ...]
Denied = tuple[Annotated[Deny, BeforeValidator(_entry), _shown(Deny)], ...]
