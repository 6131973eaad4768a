"""Street addresses, as several countries write them."""

from __future__ import annotations

import pytest

from tests.privacy.find.extended.texts import found

WHOLE = [
    *("221B Baker Street", "1600 Pennsylvania Avenue NW, Washington, DC 20500", "P.O. Box 1234"),
    *("123 N. Main St., Apt 4B, Springfield, IL 62704", "12 Baker Street, London NW1 6XE"),
    *("742 Evergreen Terrace\nSpringfield, IL 62704-1234", "15 Allen Avenue"),
    *("Hauptstraße 12, 10115 Berlin", "Goethestr. 5", "12 rue de la Paix, 75002 Paris"),
    *("Calle Mayor 15, 28013 Madrid", "Via Roma 10", "ul. Długa 5", "Rua Augusta 1200"),
    *("819 Johnson Course, East William, AK 74064", "56341 Shannon Mills Suite 123"),
    *("123 Maple Ave, Toronto, ON M5V 2T6", "4 Rahu Põik 12\nApt. 405"),
    *("Kalverstraat 92", "PSC 4355, Box 4187", "FPO AE 12345"),
]


@pytest.mark.parametrize("address", WHOLE)
@pytest.mark.parametrize("text", ["{}", "it is {}.", "<a>{}</a>", '"{}"', "x\n{}\ny"])
def test_an_address_is_found_whole(address: str, text: str) -> None:
    assert found(text.format(address)) == [(address, "STREET_ADDRESS")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("he lives at {}.", "10 Elmwood"),
        ("ship to {}", "45 Long Acre"),
        ("Address: {}", "5 The Green"),
        ("unsere Adresse: {}", "5 Am Markt"),
        ("her office is at {}", "77 Canary"),
    ],
)
def test_a_word_tells_what_could_be_anything(text: str, address: str) -> None:
    assert [entity for _, entity in found(text.format(address))] == ["STREET_ADDRESS"]
    assert found(address) == []


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 Apple Park opened",
        "see section 12 Part 3",
        "iPhone 12 Pro and Windows 10 Drive",
        "12 Angry Men",
        "2 streets away, 3 roads",
        "copyright (C) 1991-2020, Thomas Lane",
        "et al. Smith 2019",
        "via Zoom 2 hours",
        "Norway 5 and Katie 7",
        "C/C++ 17",
        "version 1.12 Main Street",
        "$12 Main Street",
        "box 12 of 40",
        "apt-get install 3 packages",
    ],
)
def test_other_numbers_and_names_are_none(text: str) -> None:
    assert found(text) == []
