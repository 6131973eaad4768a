"""Names by a spaCy pipeline, in processes that are ended when a text costs too much."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from router.privacy.engine.crew import Crew, _environment
from router.privacy.engine.models import missing
from router.privacy.unavailable import PrivacyUnavailableError
from tests.privacy.engine.conftest import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from router.privacy.engine.engine import Engine

pytestmark = pytest.mark.asyncio(loop_scope="session")

SENTENCE = "We met Ada Lovelace in London last week. "
COSTLY = "ab c d e " * 1000
"""Two pieces of thousands of words each: tens of milliseconds."""


async def test_names_and_places_come_back_by_text_in_order(engine: Engine) -> None:
    found = await engine.find(["Please ask Grace Hopper about Lagos.", "", "12 + 3", SENTENCE])
    assert [[(span.start, span.end, span.entity) for span in spans] for spans in found] == [
        [(11, 23, "PERSON"), (30, 35, "LOCATION")],
        [],
        [],
        [(7, 19, "PERSON"), (23, 29, "LOCATION")],
    ]


async def test_a_long_text_is_looked_at_in_pieces_and_each_name_found_once(engine: Engine) -> None:
    text = SENTENCE * 400
    (spans,) = await engine.find([text])
    names = [text[span.start : span.end] for span in spans if span.entity == "PERSON"]
    assert names == ["Ada Lovelace"] * 400


async def test_a_caller_who_leaves_leaves_nothing_behind(engine: Engine) -> None:
    task = asyncio.create_task(engine.find([SENTENCE * 300, SENTENCE]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert engine.crew._queued == 0
    assert (await engine.find([SENTENCE]))[0]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lonely(pipeline: Path) -> AsyncIterator[Engine]:
    """One child and a tiny budget: all texts that wait share frames with the others."""
    async with running(pipeline, children=1, budget=0.025, patience=20.0) as ready:
        yield ready


async def test_a_costly_text_is_refused_and_its_neighbours_are_answered(lonely: Engine) -> None:
    questions = [lonely.find([f"Please ask Bob about Lagos, {n}."]) for n in range(8)]
    questions.insert(3, lonely.find([COSTLY]))
    outcomes = await asyncio.gather(*questions, return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, PrivacyUnavailableError)]
    assert [error.reason for error in refused] == ["overrun"]
    assert sum(isinstance(outcome, list) for outcome in outcomes) == 8


async def test_a_child_that_is_stopped_is_given_up_and_replaced(
    lonely: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (child,) = lonely.crew._children
    with monkeypatch.context() as patience:
        patience.setattr(lonely.crew, "patience", 0.05)
        os.kill(child.pid, signal.SIGSTOP)
        with pytest.raises(PrivacyUnavailableError):
            await lonely.find([SENTENCE])
    assert (await lonely.find([SENTENCE]))[0]


async def test_children_and_nursery_that_are_killed_are_replaced(lonely: Engine) -> None:
    crew = lonely.crew
    (child,) = crew._children
    os.kill(child.pid, signal.SIGKILL)
    await _until(lambda: child not in crew._children)
    assert (await lonely.find([SENTENCE]))[0]

    nursery = crew._process
    assert nursery is not None
    nursery.kill()
    await nursery.wait()
    (child,) = crew._children
    os.kill(child.pid, signal.SIGKILL)
    await _until(lambda: child not in crew._children)
    assert (await lonely.find([SENTENCE]))[0]


async def test_a_nursery_that_cannot_be_started_is_tried_again(
    pipeline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = Crew._launch
    failed = False

    async def at_last(crew: Crew) -> None:
        nonlocal failed
        if not failed:
            failed = True
            raise OSError(24, "no file left")
        await launch(crew)

    monkeypatch.setattr(Crew, "_launch", at_last)
    async with running(pipeline) as engine:
        assert failed
        assert (await engine.find([SENTENCE]))[0]


async def test_the_worker_is_given_no_secret_of_the_router(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSO_JWT_SECRET", "generated")
    assert "SSO_JWT_SECRET" not in _environment()


async def test_what_is_not_installed_is_told_and_never_downloaded(pipeline: Path) -> None:
    assert "neither installed nor a folder" in missing("spacy:en_no_such_model")
    assert "spacy-huggingface-pipelines" in missing("transformers:some/model")
    assert missing(f"spacy:{pipeline}") == ""


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)
