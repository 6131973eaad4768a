"""``privacy``: personal data that upstreams do not see."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from router.config.lists import Allowed, Denied, Entity, Recogniser
from router.config.places import Place
from router.config.values import Size, Strict, wrong

Mode = Literal["restore", "replace", "block", "observe", "off"]
Opaque = Literal["block", "pass"]


def _entities(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _entity(value: str) -> str:
    if value != "default" and not (value.isascii() and value.isupper()):
        raise wrong("an entity is spelled in capitals, as EMAIL_ADDRESS; 'default' stands for many")
    return value


def _both(value: object) -> object:
    return {"media": value, "other": value} if isinstance(value, str) else value


class Recognition(Strict):
    """What is looked for, and where."""

    entities: Annotated[
        tuple[Annotated[str, AfterValidator(_entity)], ...],
        BeforeValidator(_entities),
        Field(min_length=1),
        WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
    ] = ("default",)
    """Kinds of personal data; ``default`` stands for the usual ones and for every recogniser of
    the file's own."""

    threshold: Annotated[float, Field(ge=0, le=1)] = 0.35
    """The score from which a find counts, 0 to 1."""

    max_text: Size = 1024 * 1024
    """The most text of one request that is looked through; over it 413."""

    allow: Allowed = ()
    """What is never a find, nor anything within it: exact words, or ``{pattern: …, entity: …}``."""

    deny: Denied = ()
    """What is always a find: exact words, or ``{pattern: …, entity: DENIED}``."""

    only: tuple[Place, ...] = ()
    """Places (``$.messages[*].content``, ``$..text``, ``query.q``) that are looked at; of a part of
    the request that one of them names, nothing else is."""

    skip: tuple[Place, ...] = ()
    """Places that are not looked at."""

    keys: bool = True
    """Whether names of members and parameters are looked at."""

    numbers: Literal["telling", "all", "off"] = "telling"
    """JSON numbers that are looked at: under a name that says what they are (``ssn``), every
    whole number of seven digits or more, or none."""


def _names(value: str) -> str:
    kind, _, model = value.partition(":")
    if value not in ("off", "builtin") and not (kind in ("spacy", "transformers") and model):
        raise wrong("names are 'off', 'builtin', 'spacy:<model>' or 'transformers:<model>'")
    return value


Language = Literal["en", "de", "es", "fr", "in", "it", "ng", "pl", "pt", "uk"]


class Privacy(Recognition):
    """What is looked for, for every service that looks."""

    names: Annotated[
        str,
        AfterValidator(_names),
        WithJsonSchema({"type": "string", "pattern": "^(off|builtin|spacy:.+|transformers:.+)$"}),
    ] = "builtin"
    """How names of people are recognised: by the model that comes along, or by one that is
    installed, ``spacy:<model>`` or ``transformers:<model>``, which finds places as well."""

    languages: tuple[Language, ...] = ("en", "in", "ng", "uk")
    """Languages and countries whose numbers and words are known, beside English."""

    compat: bool = False
    """Whether patterns find exactly what plain Presidio finds in English texts."""

    recognisers: tuple[Recogniser, ...] = ()
    """Kinds of personal data of the operator's own."""


class Uninspectable(Strict):
    """What becomes of what cannot be looked through; one word stands for both."""

    media: Opaque = "block"
    """Images, audio and video: in data URLs, in the members in which models are given them, as
    bodies and as files of forms."""

    other: Opaque = "block"
    """Other files, Base64 at length, bodies of unknown kinds."""


class ServicePrivacy(Recognition):
    """Privacy as one service has it; a mode alone is short for ``mode``."""

    mode: Mode = "restore"
    """restore: placeholders inwards, true values back; replace: one way; block: 422;
    observe: counted only; off: nothing is looked at, whatever ``modes`` says."""

    modes: dict[Entity, Mode] = Field(default_factory=dict)
    """What is otherwise for one kind: ``{US_SSN: block, IP_ADDRESS: observe}``."""

    uninspectable: Annotated[
        Uninspectable,
        BeforeValidator(_both),
        WithJsonSchema({"anyOf": [
            {"enum": ["block", "pass"], "type": "string"},
            Uninspectable.model_json_schema(mode="validation"),
        ]}),
    ] = Uninspectable()  # fmt: skip
    """What cannot be looked through: refused with 415 (``block``), or passed; or by kind,
    ``{media: pass, other: block}``."""

    answers: Literal["replace", "observe", "off"] = "off"
    """Personal data that the upstream itself writes into an answer: a kind in angle brackets in
    its place, counted only, or not looked for. Streams are held to the end of each sentence."""

    @property
    def edits_answers(self) -> bool:
        """Whether anything is put back into answers, or looked for in them."""
        if self.mode == "off":
            return False
        return self.answers != "off" or "restore" in (self.mode, *self.modes.values())
