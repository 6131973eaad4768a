"""One mode for all findings, others for some."""

from __future__ import annotations

import pytest

from router.privacy.modes import NOTHING, Modes


def test_entities_are_told_apart_by_what_becomes_of_them() -> None:
    modes = Modes(
        "restore",
        {"US_SSN": "block", "IP_ADDRESS": "observe", "URL": "off"},
        ["EMAIL_ADDRESS", "US_SSN", "IP_ADDRESS", "URL"],
    )
    assert modes.acting == frozenset({"EMAIL_ADDRESS", "US_SSN"})
    assert modes.observed == frozenset({"IP_ADDRESS"})
    assert (modes.of("US_SSN"), modes.of("PERSON")) == ("block", "restore")


def test_one_mode_holds_for_whatever_can_be_found() -> None:
    assert (Modes("restore").acting, Modes("restore").observed) == (None, NOTHING)
    assert (Modes("observe").acting, Modes("observe").observed) == (NOTHING, None)
    with pytest.raises(ValueError, match="named"):
        Modes("restore", {"US_SSN": "off"})


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"PERSON": 2, "EMAIL_ADDRESS": 1}, b"restore; EMAIL_ADDRESS=1, PERSON=2"),
        ({"IP_ADDRESS": 1}, b"observe; IP_ADDRESS=1"),
        (
            {"PERSON": 2, "IP_ADDRESS": 1, "EMAIL_ADDRESS": 1, "US_SSN": 3},
            b"restore; EMAIL_ADDRESS=1, PERSON=2, observe; IP_ADDRESS=1, replace; US_SSN=3",
        ),
        ({}, b""),
    ],
)
def test_the_summary_tells_each_mode_and_its_own_first(counts: dict[str, int], told: bytes) -> None:
    modes = Modes("restore", {"IP_ADDRESS": "observe", "US_SSN": "replace"}, ["PERSON"])
    assert modes.summary(counts) == told


def test_what_is_blocked_among_others_is_looked_for_apart() -> None:
    assert Modes("restore", {"US_SSN": "block"}, ["US_SSN", "PERSON"]).blocked == {"US_SSN"}
    assert Modes("block", {"PERSON": "off"}, ["US_SSN", "PERSON"]).blocked == NOTHING
    assert Modes("block", {"PERSON": "observe"}, ["US_SSN", "PERSON"]).blocked == NOTHING
    assert Modes("block").blocked == Modes("restore").blocked == NOTHING
