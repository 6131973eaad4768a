"""A tiny spaCy pipeline, trained here on made-up sentences: nothing is downloaded."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
import spacy
from spacy.training import Example

from router.privacy.engine.engine import Engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_PEOPLE = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Chinua Achebe", "Mary Shelley", "Bob"]
_PLACES = ["London", "Lagos", "Paris", "Berlin"]
_SENTENCES = ["{} wrote to us from {}.", "Please ask {} about {}.", "We met {} in {} last week."]


def _examples(language: Any) -> list[Example]:
    examples = []
    for sentence in _SENTENCES:
        for person in _PEOPLE:
            for place in _PLACES:
                text = sentence.format(person, place)
                at = text.index(person)
                where = text.index(place, at + len(person))
                spans = [(at, at + len(person), "PERSON"), (where, where + len(place), "GPE")]
                examples.append(Example.from_dict(language.make_doc(text), {"entities": spans}))
    return examples


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a pipeline that knows names and places in sentences of three kinds."""
    language = spacy.blank("en")
    language.add_pipe("ner")
    examples = _examples(language)
    chance = random.Random(1)
    optimizer = language.initialize(lambda: examples)
    for _ in range(8):
        chance.shuffle(examples)
        for at in range(0, len(examples), 16):
            language.update(examples[at : at + 16], sgd=optimizer)
    folder = tmp_path_factory.mktemp("pipeline") / "tiny"
    language.to_disk(folder)
    return folder


@asynccontextmanager
async def running(pipeline: Path, **options: Any) -> AsyncIterator[Engine]:
    """An engine whose first worker is loaded."""
    engine = Engine(f"spacy:{pipeline}", ["LOCATION", "PERSON"], 0.35, **options)
    engine.crew.start()
    try:
        await engine.until_ready()
        yield engine
    finally:
        await engine.crew.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine(pipeline: Path) -> AsyncIterator[Engine]:
    async with running(pipeline) as ready:
        yield ready
