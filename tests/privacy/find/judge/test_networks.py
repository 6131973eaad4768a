"""Addresses of mailboxes that are joined to something else."""

from __future__ import annotations

import pytest

from router.privacy.find.edges import plain_signs
from router.privacy.find.finder import Finder
from router.privacy.kinds import Scope

SCOPE = Scope(names="off")
FINDER = Finder(["EMAIL_ADDRESS"], 0.35, SCOPE)


@pytest.mark.parametrize(
    "text",
    [
        "cv-jane.roe@example.com.txt",
        "Write to jane@example.com\u2014thanks",
        "a jane.roe@example.com-based company",
        "_jane@example.com_",
        "jane@example.com_old",
    ],
)
def test_an_address_is_one_whatever_it_is_joined_to(text: str) -> None:
    assert FINDER.find(plain_signs(text))


@pytest.mark.parametrize("text", ["logo@2x.png", "getty@tty1.service", "pkg@1.2.3"])
def test_files_units_and_versions_are_no_mailboxes(text: str) -> None:
    assert not FINDER.find(text)


NUMBERS = Finder(["CREDIT_CARD", "PHONE_NUMBER"], 0.35, SCOPE)


def test_a_second_number_or_an_expiry_behind_a_slash_hides_none() -> None:
    phones = NUMBERS.find("tel 415-555-0134/415-555-0199")
    assert {(one.start, one.end) for one in phones} >= {(4, 16), (17, 29)}
    cards = NUMBERS.find("4111111111111111/12/27")
    assert [(one.entity, one.start, one.end) for one in cards] == [("CREDIT_CARD", 0, 16)]


def test_a_kernels_clock_is_no_telephone() -> None:
    assert not NUMBERS.find("[    0.266455] foo registered\n[ 1234.567890] Call Trace: x")
