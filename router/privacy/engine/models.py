"""Names by a language model: Presidio's spaCy and transformers engines, asked for names alone."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

ENTITIES: Final = frozenset({"LOCATION", "NRP", "ORGANIZATION", "PERSON"})
"""What these engines find beside what patterns find."""

_LANGUAGE: Final = "en"


def missing(names: str) -> str:
    """What has to be installed for ``spacy:<model>`` or ``transformers:<model>``; empty: nothing.

    Nothing is ever downloaded by the router itself.
    """
    kind, _, model = names.partition(":")
    if kind == "spacy" and not Path(model).exists() and find_spec(model) is None:
        return f"the spaCy pipeline {model!r} is neither installed nor a folder"
    if kind == "transformers" and find_spec("spacy_huggingface_pipelines") is None:
        return "transformers need the package spacy-huggingface-pipelines"
    return ""


class LanguageModel:
    """Finds ``entities`` by the model that ``names`` tells. Imports spaCy, which takes seconds."""

    def __init__(self, names: str, entities: Iterable[str], threshold: float) -> None:
        # Imported here: the router itself never needs them.
        from presidio_analyzer.nlp_engine import NerModelConfiguration  # noqa: PLC0415

        self._entities = frozenset(entities) & ENTITIES
        self._threshold = threshold
        kind, _, model = names.partition(":")
        quiet = NerModelConfiguration(labels_to_ignore=["O"], low_score_entity_names=[])
        self._engine = _spacy(model, quiet) if kind == "spacy" else _transformers(model, quiet)
        self._engine.load()

    def find(self, text: str) -> list[Span]:
        """All findings in ``text``."""
        told = self._engine.process_text(text, _LANGUAGE)
        return [
            Span(entity.start_char, entity.end_char, entity.label_, float(score))
            for entity, score in zip(told.entities, told.scores, strict=True)
            if entity.label_ in self._entities and score >= self._threshold
        ]


def _spacy(model: str, configuration: Any) -> Any:
    from presidio_analyzer.nlp_engine import SpacyNlpEngine  # noqa: PLC0415

    return SpacyNlpEngine([{"lang_code": _LANGUAGE, "model_name": model}], configuration)


def _transformers(model: str, configuration: Any) -> Any:
    """Words are told apart by spaCy's blank pipeline: no second model has to be installed."""
    import spacy  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import TransformersNlpEngine  # noqa: PLC0415

    blank = Path(tempfile.mkdtemp(prefix="router-spacy-")) / "blank"
    spacy.blank(_LANGUAGE).to_disk(blank)
    names = {"spacy": str(blank), "transformers": model}
    return TransformersNlpEngine([{"lang_code": _LANGUAGE, "model_name": names}], configuration)
