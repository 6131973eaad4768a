"""What may be said of privacy: lists, recognisers, places, modes."""

from __future__ import annotations

import pytest

from router.config.places import Any, steps
from tests.config.small import SMALL, ok, told, warned, with_service


def test_a_word_alone_is_short_for_its_map() -> None:
    said = with_service(
        'privacy: {allow: [x@y.io, {pattern: "a+", entity: PERSON}], deny: [Falcon]}'
    )
    privacy = ok(said).services["echo"].privacy
    assert [(one.word, one.pattern, one.entity) for one in privacy.allow] == [
        ("x@y.io", "", ""),
        ("", "a+", "PERSON"),
    ]
    assert [(one.word, one.entity) for one in privacy.deny] == [("Falcon", "DENIED")]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ('deny: [{pattern: "(?=x)y"}]', "RE2"),
        (r'deny: [{pattern: "(a)\\1"}]', "RE2"),
        ('allow: [{pattern: "a*"}]', "an empty text"),
        ("deny: [{word: a, pattern: b}]", "a word or a pattern, not both"),
        ("deny: [{entity: X}]", "a word or a pattern, not both"),
        ('deny: [" "]', "a word or a pattern, not both"),
        ("deny: [{word: a, entity: secret}]", "in capitals"),
        ("deny: [{word: a, entity: A__B}]", "in capitals"),
        ('deny: [{word: a, entity: ""}]', "in capitals"),
        ('modes: {"": block}', "in capitals"),
        ("modes: {US SSN: block}", "in capitals"),
        ("modes: {US_SSN: blok}", "did you mean 'block'?"),
        ("modes: {ssn: block}", "in capitals"),
        ("only: [messages]", "should be a place"),
        ("skip: [$.a..]", "should be a place"),
        ("numbers: some", "telling"),
        ("uninspectable: {media: pas}", "did you mean 'pass'?"),
        ("recognisers: []", "unknown key"),
    ],
)
def test_what_cannot_work_is_refused_with_its_reason(said: str, message: str) -> None:
    (problem,) = told(with_service(f"privacy: {{{said}}}"))
    assert message in problem


def test_a_recogniser_stands_at_the_top_alone_and_what_else_is_there_in_every_service() -> None:
    top = r"privacy: {deny: [Falcon], recognisers: [{entity: EMPLOYEE_ID, pattern: 'EMP-\d{5}'}]}"
    config = ok(f"{SMALL}{top}\n")
    assert config.privacy.recognisers[0].score == 0.6
    assert config.services["echo"].privacy.deny[0].word == "Falcon"


@pytest.mark.parametrize(
    "said",
    ["{entity: X}", "{pattern: x}", "{entity: x, pattern: x}", "{entity: X, pattern: x, score: 2}"],
)
def test_a_recogniser_needs_a_name_and_a_pattern(said: str) -> None:
    assert told(f"{SMALL}privacy: {{recognisers: [{said}]}}\n")


_RECOGNISER = "privacy: {recognisers: [{entity: EMPLOYEE_ID, pattern: x}]}\n"


@pytest.mark.parametrize(
    ("service", "idle"),
    [
        ("privacy: {entities: [EMAIL_ADDRESS]}", True),
        ("privacy: {entities: EMAIL_ADDRESS}", True),
        ("privacy: off", True),
        ("privacy: {entities: [EMPLOYEE_ID]}", False),
        ("privacy: {entities: [default]}", False),
        ("privacy: observe", False),
        ("methods: [GET]", False),
        ("privacy: off, on: {maas: {privacy: {mode: block}}}", False),
    ],
)
def test_a_recogniser_that_no_service_looks_for_is_a_warning(service: str, idle: bool) -> None:
    said = [one for one in warned(with_service(service) + _RECOGNISER) if "EMPLOYEE_ID" in one]
    message = "f:8:25: warning: no service looks for the recogniser's 'EMPLOYEE_ID'"
    assert said == ([message] if idle else [])


def test_one_word_says_both_of_what_cannot_be_looked_through() -> None:
    both = ok(with_service("privacy: {uninspectable: pass}")).services["echo"].privacy
    assert (both.uninspectable.media, both.uninspectable.other) == ("pass", "pass")
    media = ok(with_service("privacy: {uninspectable: {media: pass}}")).services["echo"].privacy
    assert (media.uninspectable.media, media.uninspectable.other) == ("pass", "block")


def test_a_platform_adds_to_the_modes_and_replaces_the_lists() -> None:
    config = ok(
        with_service(
            "privacy: {modes: {URL: off}, deny: [a]},"
            " on: {maas: {privacy: {modes: {US_SSN: block}, deny: [b], uninspectable: pass}}}"
        )
    )
    there = config.table["maas", "echo"].privacy
    assert there.modes == {"URL": "off", "US_SSN": "block"}
    assert [one.word for one in there.deny] == ["b"]
    assert there.uninspectable.other == "pass"
    assert config.table["plat", "echo"].privacy.modes == {"URL": "off"}


@pytest.mark.parametrize(
    ("mode", "reads"),
    [
        ("restore", True), ("observe", False), ("off", False),
        ("{mode: observe, modes: {US_SSN: restore}}", True),
        ("{mode: off, modes: {US_SSN: restore}, answers: replace}", False),
        ("{mode: observe, answers: observe}", True),
    ],
)  # fmt: skip
def test_answers_are_read_where_anything_is_to_be_done_to_them(mode: str, reads: bool) -> None:
    assert ok(with_service(f"privacy: {mode}")).services["echo"].privacy.edits_answers is reads


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("$", ("$",)),
        ("$.messages[*].content", ("$", "messages", Any.ONE, "content")),
        ("$..text", ("$", Any.DEEP, "text")),
        ("$['odd name'][0].*", ("$", "odd name", 0, Any.ONE)),
        ("$..[*]", ("$", Any.DEEP, Any.ONE)),
        ("query.e-mail", ("query", "e-mail")),
        ("header.x-note", ("header", "x-note")),
        ("path[1]", ("path", 1)),
    ],
)
def test_a_place_is_a_root_and_steps(place: str, expected: object) -> None:
    assert steps(place) == expected


@pytest.mark.parametrize(
    "place", ["", "$.", "$..", "$a", "$.a[", "$.a[x]", "$[?(@.a)]", "cookie.a"]
)
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="no"):
        steps(place)
