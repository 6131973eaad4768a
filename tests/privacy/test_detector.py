from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.errors import DownstreamError
from router.privacy import detector as detectors
from router.privacy.detector import Detector
from router.privacy.kinds import PRESIDIO
from router.privacy.unavailable import PrivacyUnavailableError
from tests.privacy.conftest import detecting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.privacy.find.finder import Finder
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


async def test_clean_text_is_cleared_before_the_finder_is_loaded() -> None:
    never_started = Detector(scope=PRESIDIO)
    texts = ["In 2024 we sold 3 items; the top 10 (see GPT-4), e.g. at 10:30.", "", "😀 so"]
    assert await never_started.spans(texts) == [[], [], []]


async def test_a_text_seen_before_is_answered_from_memory(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await detector.spans([FOUR])
    assert len(first[0]) == 4

    def never(text: str) -> Iterator[None]:
        raise AssertionError(text)

    monkeypatch.setattr(detector._finder, "steps", never)
    assert await detector.spans([FOUR]) == first
    with pytest.raises(PrivacyUnavailableError):
        await detector.spans([f"{FOUR} And more."])


async def test_a_service_may_want_less_and_what_it_does_not_want_hides_nothing(
    detector: Detector,
) -> None:
    text = "card 4111 1111 1111 1111, bob@example.com"
    wanted = frozenset({"EMAIL_ADDRESS"})
    assert entities((await detector.spans([text], entities=wanted))[0]) == ["EMAIL_ADDRESS"]
    assert (await detector.spans(["by 212 555 0143"], threshold=0.9))[0] == []


async def test_the_words_before_a_text_lend_it_context(detector: Detector) -> None:
    assert await detector.spans(["536904399"]) == [[]]
    spans = await detector.spans(["536904399"], contexts=["ssn"])
    assert [(s.start, s.end, s.entity) for s in spans[0]] == [(0, 9, "US_SSN")]


async def test_digits_of_other_scripts_and_lone_surrogates_keep_their_places(
    detector: Detector,
) -> None:
    text = "\ud800 4111\uff11\uff11\uff11\uff111111\uff11\uff11\uff11\uff11!"
    assert [(s.start, s.end) for s in (await detector.spans([text]))[0]] == [(2, 18)]


async def test_everything_in_a_long_text_is_found(detector: Detector) -> None:
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


async def test_a_hostile_text_is_refused_when_its_budget_is_spent() -> None:
    async with detecting(entities=["EMAIL_ADDRESS", "URL"]) as detector:
        with pytest.raises(PrivacyUnavailableError) as refusal:
            await detector.spans([HOSTILE])
        assert entities((await detector.spans(["after: a@example.com"]))[0]) == ["EMAIL_ADDRESS"]
    assert (refusal.value.status, refusal.value.reason) == (503, "overrun")
    assert refusal.value.code == "privacy_unavailable"
    assert dict(refusal.value.fields)[b"retry-after"] == b"1"


async def test_what_fails_refuses_the_text_and_logs_nothing_of_it(
    detector: Detector, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(text: str) -> Iterator[None]:
        raise ValueError(text)

    monkeypatch.setattr(detector._finder, "steps", fails)
    with pytest.raises(PrivacyUnavailableError) as refusal:
        await detector.spans(["fails@example.com"])
    assert refusal.value.reason == "error"
    assert "could not be looked for: ValueError at fails" in caplog.text
    assert "fails@example.com" not in caplog.text + str(refusal.value)


async def test_short_texts_are_answered_while_a_long_one_is_looked_through(
    detector: Detector,
) -> None:
    long = asyncio.create_task(detector.spans(["212 555 0143, " * 20_000]))
    for number in range(20):
        await asyncio.sleep(0)
        (spans,) = await detector.spans([f"{number}@example.com"])
        assert entities(spans) == ["EMAIL_ADDRESS"]
    assert not long.done()
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long


@pytest.mark.parametrize(
    "text",
    [
        *(unit * (200_000 // len(unit)) for unit in ("1 ", "a.", "é+", "Aa ", "_4", "jane doe ")),
        *(f"12{unit * 50_000}" for unit in (" ", "-", "a", "@", ".", ",")),
        " ".join(f"{FOUR} {number}" for number in range(400)),
    ],
    ids=lambda text: repr(text[:8]),
)
async def test_no_step_holds_the_loop_for_long(detector: Detector, text: str) -> None:
    longest = 0.0
    work = asyncio.create_task(detector.spans([text]))
    while not work.done():
        begun = time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - begun)
    work.exception()
    assert longest < 0.15  # a step of its own takes far less; what is quadratic takes seconds


async def test_findings_in_a_long_text_are_found_once_wherever_it_is_cut(
    detector: Detector,
) -> None:
    filler = "Nothing is to be found in these words, which go on for a while. "
    text = "".join(f"{filler * 50}user{number}@example.com " for number in range(60))
    (spans,) = await detector.spans([text])
    assert [text[one.start : one.end] for one in spans] == [
        f"user{number}@example.com" for number in range(60)
    ]


async def test_a_load_that_fails_is_told_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load, calls = detectors._loaded, 0

    def at_last(*arguments: Any) -> Finder:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise MemoryError
        return load(*arguments)

    monkeypatch.setattr(detectors, "_loaded", at_last)
    monkeypatch.setattr(detectors, "_AGAIN", 0.01)
    async with detecting() as detector:
        assert "did not load: MemoryError" in caplog.text
        assert entities((await detector.spans(["a@example.com"]))[0]) == ["EMAIL_ADDRESS"]


async def test_before_it_is_loaded_nothing_passes_unseen() -> None:
    with pytest.raises(PrivacyUnavailableError) as refusal:
        await Detector().spans(["a@example.com"])
    assert refusal.value.reason == "loading"
    assert dict(refusal.value.fields)[b"retry-after"] == b"5"


async def test_an_entity_without_a_recogniser_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="PERSON"):
        Detector([*PRESIDIO.usual, "PERSON"], scope=PRESIDIO)


async def test_memory_holds_offsets_only_and_is_bounded() -> None:
    memory = Detector()._memory
    for number in range(17_000):
        memory.put(number.to_bytes(16), b"")
    memory.put(b"large", b"x" * 2000)
    assert len(memory._answers) == 16384
    assert memory.get(b"large") is None
    assert memory.get((0).to_bytes(16)) is None
    assert memory.get((16_999).to_bytes(16)) == b""


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
