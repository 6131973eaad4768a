from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from router.privacy.spans import Span, resolve


def test_the_best_score_names_the_entity_and_grows_over_the_loser() -> None:
    phone, card = Span(0, 12, "PHONE_NUMBER", 0.4), Span(3, 19, "CREDIT_CARD", 1.0)
    assert resolve([phone, card]) == [Span(0, 19, "CREDIT_CARD", 1.0)]


def test_spans_that_touch_stay_apart() -> None:
    spans = [Span(0, 3, "A", 0.5), Span(3, 5, "B", 0.5)]
    assert resolve(spans) == spans


_SPANS = st.lists(
    st.builds(
        lambda start, length, entity, score: Span(start, start + length, entity, score),
        st.integers(0, 30),
        st.integers(1, 12),
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from([0.4, 0.5, 1.0]),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=200)
@given(_SPANS, st.randoms())
def test_all_that_was_found_is_covered_once_in_any_order(spans: list[Span], random) -> None:  # type: ignore[no-untyped-def]
    resolved = resolve(spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(resolved))
    covered = {i for span in spans for i in range(span.start, span.end)}
    assert covered == {i for span in resolved for i in range(span.start, span.end)}
    shuffled = list(spans)
    random.shuffle(shuffled)
    assert resolve(shuffled) == resolved
