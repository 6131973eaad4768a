"""The operator's own lists and recognisers, and modes by entity, on whole requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from router.errors import DownstreamError
from router.privacy.find.custom import Listed, Recogniser
from router.privacy.kinds import PRESIDIO
from router.privacy.lists import Listing
from router.privacy.redact import Redactor
from router.privacy.report import PersonalDataError

if TYPE_CHECKING:
    from router.privacy.detector import Detector

pytestmark = pytest.mark.asyncio(loop_scope="session")

JSON = b"application/json"
EMPLOYEE = Recogniser("EMPLOYEE_ID", r"\bEMP-\d{5}\b", 0.3, ("badge",))
FALCON = Listed("Project Falcon", entity="DENIED")


async def sent(redactor: Redactor, value: object) -> Any:
    return json.loads((await redactor.redact(json.dumps(value).encode(), JSON)).body)


async def test_a_denied_word_is_found_wherever_it_stands(detector: Detector) -> None:
    redactor = Redactor(Listing(detector, deny=[FALCON]))
    redaction = await redactor.redact(
        b'{"a": "PROJECT FALCON", "project falcon": 1, "b": "project\\u0020falcon",'
        b' "c": "projects falcon"}',
        JSON,
        query=b"q=project+falcon",
        rest=b"/Project%20Falcon",
        fields=[(b"x-note", b"on project falcon")],
    )
    assert redaction.counts == {"DENIED": 6}
    assert b"falcon" not in redaction.query.lower() + redaction.rest.lower()
    assert redaction.fields == [(b"x-note", b"on <DENIED_2>")]
    assert json.loads(redaction.body)["c"] == "projects falcon"
    assert redaction.values["<DENIED_1>"] == "Project Falcon"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"E\sF", "E\tF"),
        (r"E\sF", "E\nF"),
        ('"E"', 'an "E"'),
        ("^EMP$", "EMP"),
        (r"\AEMP", "EMP 1"),
    ],
)
async def test_a_pattern_speaks_of_the_text_and_not_of_its_escapes(
    detector: Detector, pattern: str, text: str
) -> None:
    redactor = Redactor(Listing(detector, deny=[Listed(pattern=pattern, entity="X")]))
    assert "<X_1>" in (await sent(redactor, {"a": text}))["a"]


async def test_a_recogniser_of_the_operators_own_counts_by_its_score(detector: Detector) -> None:
    redactor = Redactor(Listing(detector, recognisers=[EMPLOYEE]))
    assert await sent(redactor, {"a": "EMP-12345", "b": "badge EMP-54321"}) == {
        "a": "EMP-12345",
        "b": "badge <EMPLOYEE_ID_1>",
    }
    unasked = Redactor(Listing(detector, recognisers=[EMPLOYEE]), entities=["EMAIL_ADDRESS"])
    assert await sent(unasked, {"b": "badge EMP-54321"}) == {"b": "badge EMP-54321"}


async def test_what_is_allowed_is_no_finding_and_denied_goes_before_allowed(
    detector: Detector,
) -> None:
    listing = Listing(
        detector,
        allow=[Listed("Support@Onasis.example"), Listed(pattern=r"[\w.]+@public\.example")],
        deny=[Listed("info@public.example", entity="DENIED")],
    )
    text = "support@onasis.example, a.b@public.example, info@public.example, bob@x.io"
    assert await sent(Redactor(listing), text) == (
        "support@onasis.example, a.b@public.example, <DENIED_1>, <EMAIL_ADDRESS_1>"
    )


async def test_a_denied_word_brings_no_kind_of_finding_with_it(detector: Detector) -> None:
    listing = Listing(
        detector,
        deny=[Listed("ext. 5", entity="PHONE_NUMBER")],
        only_denied=frozenset({"PHONE_NUMBER"}),
    )
    redactor = Redactor(listing, entities=["EMAIL_ADDRESS", "PHONE_NUMBER"])
    assert await sent(redactor, "+1 212 555 0143, ext. 5") == "+1 212 555 0143, <PHONE_NUMBER_1>"


async def test_what_matches_nearly_everywhere_is_refused(detector: Detector) -> None:
    redactor = Redactor(Listing(detector, deny=[Listed(pattern="a", entity="X")]))
    with pytest.raises(DownstreamError) as refusal:
        await redactor.redact(b'"' + b"a " * 20_000 + b'"', JSON)
    assert refusal.value.status == 413


async def test_lists_hold_for_long_texts_too(detector: Detector) -> None:
    redactor = Redactor(Listing(detector, deny=[FALCON]))
    text = "some words, " * 10_000
    assert await sent(redactor, [f"{text}project falcon"]) == [f"{text}<DENIED_1>"]


def mixed(detector: Detector, **modes: Any) -> Redactor:
    return Redactor(detector, modes=modes, entities=PRESIDIO.usual)


async def test_each_entity_has_its_own_mode(detector: Detector) -> None:
    redactor = mixed(detector, IP_ADDRESS="observe", EMAIL_ADDRESS="replace", US_BANK_NUMBER="off")
    text = "from 10.20.30.40 by bob@x.io, card 4111 1111 1111 1111"
    redaction = await redactor.redact(json.dumps(text).encode(), JSON)
    assert json.loads(redaction.body) == (
        "from 10.20.30.40 by <EMAIL_ADDRESS_1>, card <CREDIT_CARD_1>"
    )
    assert redaction.values == {"<CREDIT_CARD_1>": "4111 1111 1111 1111"}
    assert redaction.shapes == {"IP_ADDRESS": ("00.00.00.00",)}
    assert redaction.summary("restore") == (
        b"restore; CREDIT_CARD=1, observe; IP_ADDRESS=1, replace; EMAIL_ADDRESS=1"
    )


async def test_one_entity_may_end_a_request_that_others_do_not(detector: Detector) -> None:
    redactor = mixed(detector, US_SSN="block")
    body = {"a": "bob@x.io", "b": "ssn 536-90-4399"}
    with pytest.raises(PersonalDataError) as refusal:
        await redactor.redact(json.dumps(body).encode(), JSON)
    assert refusal.value.members == {"entities": [{"type": "US_SSN", "path": "$.b"}]}
    assert refusal.value.counts == {"EMAIL_ADDRESS": 1, "US_SSN": 1}
    assert await sent(redactor, {"a": "bob@x.io"}) == {"a": "<EMAIL_ADDRESS_1>"}


async def test_what_is_only_observed_leaves_every_byte(detector: Detector) -> None:
    redactor = mixed(detector, EMAIL_ADDRESS="observe")
    body = b'{ "a" : "bob\\u0040x.io" }'
    redaction = await redactor.redact(body, JSON)
    assert (redaction.body, redaction.counts) == (body, {"EMAIL_ADDRESS": 1})
    assert redaction.shapes == {"EMAIL_ADDRESS": ("aaa@a.aa",)}


async def test_what_is_observed_hides_nothing_that_is_not(detector: Detector) -> None:
    """A phone number in the place of which something surer is only observed."""
    listing = Listing(detector, deny=[Listed(pattern=r"x?\d{3}-\d{3}-\d{4}", entity="OWN")])
    redactor = Redactor(listing, modes={"OWN": "observe"}, entities=[*PRESIDIO.usual, "OWN"])
    redaction = await redactor.redact(b'"call 212-555-0143 now"', JSON)
    assert redaction.body == b'"call <PHONE_NUMBER_1> now"'
    assert redaction.counts == {"PHONE_NUMBER": 1}


async def test_where_something_is_acted_on_a_failure_is_none_of_observing(
    detector: Detector,
) -> None:
    everything = dict.fromkeys(PRESIDIO.usual, "observe")
    assert (await mixed(detector, **everything).redact(b"{", JSON)).body == b"{"
    with pytest.raises(DownstreamError):
        await mixed(detector, **{**everything, "US_SSN": "replace"}).redact(b"{", JSON)


async def test_what_is_blocked_is_not_hidden_by_what_scores_more(detector: Detector) -> None:
    body = b'{"text": "call me at 536-90-4399, bob@x.io"}'
    asked = ("PHONE_NUMBER", "US_SSN", "EMAIL_ADDRESS")
    plain = await Redactor(detector, entities=asked).redact(body, JSON)
    assert plain.counts == {"PHONE_NUMBER": 1, "EMAIL_ADDRESS": 1}  # it is hidden indeed
    with pytest.raises(PersonalDataError) as refusal:
        await Redactor(detector, entities=asked, modes={"US_SSN": "block"}).redact(body, JSON)
    assert refusal.value.counts == {"US_SSN": 1, "EMAIL_ADDRESS": 1}
    assert refusal.value.members["entities"] == [{"type": "US_SSN", "path": "$.text"}]


async def test_words_are_refused_where_they_stand_too_often(detector: Detector) -> None:
    redactor = Redactor(Listing(detector, deny=[Listed("ab", entity="DENIED")]))
    with pytest.raises(DownstreamError) as refusal:
        await redactor.redact(b"ab " * 10_001, b"text/plain")
    assert refusal.value.status == 413
