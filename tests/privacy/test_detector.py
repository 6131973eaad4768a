from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.errors import DownstreamError, InternalError
from router.privacy.anchors import DEFAULT_ENTITIES
from router.privacy.crew import _environment
from router.privacy.detector import Detector
from tests.privacy.conftest import detecting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from router.privacy.spans import Span

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOUR = (
    "Mail alice@example.com or call +1 212 555 0143; the card is 4111 1111 1111 1111"
    " and the machine 10.11.12.13."
)
HOSTILE = "a." * 15_000
"""Presidio's pattern of links takes a minute over it."""


def entities(spans: list[Span]) -> list[str]:
    return [span.entity for span in spans]


async def test_findings_come_back_by_text_in_order(detector: Detector) -> None:
    spans = await detector.spans([FOUR, "nothing here", "bob@mail.corp.local"])
    assert entities(spans[0]) == ["EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IP_ADDRESS"]
    assert FOUR[spans[0][0].start : spans[0][0].end] == "alice@example.com"
    assert spans[1] == []
    assert entities(spans[2]) == ["EMAIL_ADDRESS"]


async def test_clean_text_asks_no_worker() -> None:
    never_started = Detector()
    texts = ["In 2024 we sold 3 items; the top 10 (see GPT-4), e.g. at 10:30.", "", "Zoë 😀"]
    assert await never_started.spans(texts) == [[], [], []]


async def test_a_text_seen_before_asks_no_worker(detector: Detector) -> None:
    began = time.perf_counter()
    first = await detector.spans([FOUR])
    fresh = time.perf_counter() - began
    best = fresh
    for _ in range(5):
        began = time.perf_counter()
        assert await detector.spans([FOUR]) == first
        best = min(best, time.perf_counter() - began)
    assert best < 0.002


async def test_a_service_may_want_less_and_what_it_does_not_want_hides_nothing(
    detector: Detector,
) -> None:
    text = "card 4111 1111 1111 1111, bob@example.com"
    wanted = frozenset({"EMAIL_ADDRESS"})
    assert entities((await detector.spans([text], entities=wanted))[0]) == ["EMAIL_ADDRESS"]
    assert (await detector.spans(["call 212 555 0143"], threshold=0.9))[0] == []


async def test_the_words_before_a_text_lend_it_context(detector: Detector) -> None:
    assert await detector.spans(["536904399"]) == [[]]
    spans = await detector.spans(["536904399"], contexts=["ssn"])
    assert [(s.start, s.end, s.entity) for s in spans[0]] == [(0, 9, "US_SSN")]


async def test_digits_of_other_scripts_and_lone_surrogates_keep_their_places(
    detector: Detector,
) -> None:
    text = "\ud800 4111\uff11\uff11\uff11\uff111111\uff11\uff11\uff11\uff11!"
    assert [(s.start, s.end) for s in (await detector.spans([text]))[0]] == [(2, 18)]


async def test_a_long_text_is_found_in_pieces_with_its_own_offsets(detector: Detector) -> None:
    text = "".join(f"some words that fill the line, user{n}@example.com\n" for n in range(700))
    (spans,) = await detector.spans([text])
    assert [text[s.start : s.end] for s in spans] == [f"user{n}@example.com" for n in range(700)]


async def test_more_text_than_is_inspected_is_413(detector: Detector) -> None:
    with pytest.raises(DownstreamError) as refusal:
        await detector.spans(["a" * (1 << 19), "b" * (1 << 19), "c"])
    assert refusal.value.status == 413


async def test_a_service_may_have_less_looked_through(detector: Detector) -> None:
    assert await detector.spans(["abc"], max_text=3) == [[]]
    with pytest.raises(DownstreamError) as refusal:
        await detector.spans(["abc", "d"], max_text=3)
    assert refusal.value.status == 413


async def test_the_loop_has_its_turn_among_very_many_short_texts() -> None:
    done = False

    async def turns() -> int:
        count = 0
        while not done:
            count += 1
            await asyncio.sleep(0)
        return count

    others = asyncio.create_task(turns())
    await Detector().spans(["a"] * 50_000)
    done = True
    assert await others > 40


async def test_columns_of_numbers_are_looked_through(detector: Detector) -> None:
    prices = " ".join(f"{number * 0.37:.2f}" for number in range(700))
    rows = "2024-01-05,68.50,15,35.5\n" * 500
    for text in (prices, rows, "1 " * 4000):
        assert len(await detector.spans([text])) == 1


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hasty() -> AsyncIterator[Detector]:
    """With a budget that a text of the allowed length can overrun on any machine."""
    entities = [*DEFAULT_ENTITIES, "URL"]
    async with detecting(entities=entities, children=2, budget=0.25, patience=10.0) as ready:
        yield ready


async def test_a_hostile_text_is_refused_at_its_deadline(hasty: Detector) -> None:
    with pytest.raises(InternalError) as refusal:
        await hasty.spans([HOSTILE])
    assert refusal.value.status == 503
    assert refusal.value.code == "privacy_unavailable"
    assert dict(refusal.value.fields)[b"retry-after"] == b"1"
    assert entities((await hasty.spans(["after: a@example.com"]))[0]) == ["EMAIL_ADDRESS"]


async def test_hostile_texts_hold_up_their_own_kind_only(hasty: Detector) -> None:
    hostile = [asyncio.create_task(hasty.spans([f"{HOSTILE}{n}"])) for n in range(3)]
    await asyncio.sleep(0)
    others = await asyncio.gather(*(hasty.spans([f"{n}@example.com"]) for n in range(20)))
    assert not all(task.done() for task in hostile)
    assert all(entities(spans[0]) == ["EMAIL_ADDRESS"] for spans in others)
    assert all(
        isinstance(outcome, InternalError)
        for outcome in await asyncio.gather(*hostile, return_exceptions=True)
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lonely() -> AsyncIterator[Detector]:
    """One child and a tiny budget: every text that waits shares frames with the others."""
    entities = [*DEFAULT_ENTITIES, "URL"]
    async with detecting(entities=entities, children=1, budget=0.05, patience=20.0) as ready:
        yield ready


async def test_a_neighbour_in_the_frame_of_a_hostile_text_is_answered(lonely: Detector) -> None:
    questions = [lonely.spans([f"{n}a@example.com"]) for n in range(8)]
    questions.insert(3, lonely.spans([HOSTILE]))
    outcomes = await asyncio.gather(*questions, return_exceptions=True)
    assert sum(isinstance(outcome, list) for outcome in outcomes) >= 8  # all but the hostile one


async def test_a_child_that_is_stopped_is_given_up_and_replaced(
    lonely: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    (child,) = lonely._crew._children
    with monkeypatch.context() as patience:
        patience.setattr(lonely._crew, "patience", 0.05)
        os.kill(child.pid, signal.SIGSTOP)
        with pytest.raises(InternalError) as refusal:
            await lonely.spans(["stopped@example.com"])
    assert refusal.value.code == "privacy_unavailable"
    assert entities((await lonely.spans(["d@example.com"]))[0]) == ["EMAIL_ADDRESS"]


async def test_the_worker_is_given_no_secret_of_the_router(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSO_JWT_SECRET", "generated")
    assert "SSO_JWT_SECRET" not in _environment()


async def test_children_and_nursery_that_are_killed_are_replaced(lonely: Detector) -> None:
    crew = lonely._crew
    (child,) = crew._children
    os.kill(child.pid, signal.SIGKILL)
    await _until(lambda: child not in crew._children)
    assert entities((await lonely.spans(["b@example.com"]))[0]) == ["EMAIL_ADDRESS"]

    nursery = crew._process
    assert nursery is not None
    nursery.kill()
    await nursery.wait()
    (child,) = crew._children
    os.kill(child.pid, signal.SIGKILL)
    await _until(lambda: child not in crew._children)
    assert entities((await lonely.spans(["c@example.com"]))[0]) == ["EMAIL_ADDRESS"]


async def test_without_a_worker_nothing_passes_unseen() -> None:
    detector = Detector(patience=0.05)
    with pytest.raises(InternalError) as refusal:
        await detector.spans(["a@example.com"])
    assert refusal.value.code == "privacy_unavailable"
    assert dict(refusal.value.fields)[b"retry-after"] == b"5"


async def test_a_caller_who_leaves_leaves_nothing_behind(detector: Detector) -> None:
    task = asyncio.create_task(detector.spans([f"{HOSTILE}gone", "x@example.com"]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert detector._crew._queued == 0
    assert entities((await detector.spans(["y@example.com"]))[0]) == ["EMAIL_ADDRESS"]


async def test_an_entity_without_a_recogniser_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="PERSON"):
        Detector([*DEFAULT_ENTITIES, "PERSON"])


async def test_memory_holds_offsets_only_and_is_bounded() -> None:
    memory = Detector()._memory
    for number in range(5000):
        memory.put(number.to_bytes(16), b"")
    memory.put(b"large", b"x" * 2000)
    assert len(memory._answers) == 4096
    assert memory.get(b"large") is None
    assert memory.get((0).to_bytes(16)) is None
    assert memory.get((4999).to_bytes(16)) == b""


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.sampled_from([FOUR, "a@example.com", "clean", "10.0.0.1", ""]), max_size=8))
async def test_together_or_apart_texts_have_the_same_findings(
    detector: Detector, texts: list[str]
) -> None:
    together = await detector.spans(texts)
    assert together == [(await detector.spans([text]))[0] for text in texts]


async def _until(condition) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)
