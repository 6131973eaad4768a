from __future__ import annotations

import secrets

from router.privacy.placeholders import Placeholders


def test_numbers_count_by_first_appearance_and_entity() -> None:
    placeholders = Placeholders()
    issued = [
        placeholders.issue("EMAIL_ADDRESS", "a@x.io"),
        placeholders.issue("PERSON", "Ann"),
        placeholders.issue("EMAIL_ADDRESS", "b@x.io"),
        placeholders.issue("EMAIL_ADDRESS", "a@x.io"),
    ]
    assert issued == [
        "<EMAIL_ADDRESS_1>",
        "<PERSON_1>",
        "<EMAIL_ADDRESS_2>",
        "<EMAIL_ADDRESS_1>",
    ]
    assert dict(placeholders.values) == {
        "<EMAIL_ADDRESS_1>": "a@x.io",
        "<PERSON_1>": "Ann",
        "<EMAIL_ADDRESS_2>": "b@x.io",
    }


def test_lookalikes_in_any_spelling_reserve_their_number() -> None:
    placeholders = Placeholders()
    placeholders.reserve(
        ["see <email_address_1>", r"and \u003cEMAIL_ADDRESS_2\u003e", "&lt;A_1&gt;"]
    )
    assert placeholders.issue("EMAIL_ADDRESS", "a@x.io") == "<EMAIL_ADDRESS_3>"
    assert "<EMAIL_ADDRESS_1>" not in placeholders.values


def test_with_a_secret_one_value_has_one_number_in_every_request_of_a_tenant() -> None:
    secret = secrets.token_bytes(32)
    first = Placeholders(secret=secret, tenant="user:1")
    first.issue("EMAIL_ADDRESS", "other@x.io")
    second = Placeholders(secret=secret, tenant="user:1")
    number = first.issue("EMAIL_ADDRESS", "a@x.io")
    assert number == second.issue("EMAIL_ADDRESS", "a@x.io")
    assert len(number) == len("<EMAIL_ADDRESS_>") + 9
    assert number != Placeholders(secret=secret, tenant="user:2").issue("EMAIL_ADDRESS", "a@x.io")
    assert number != Placeholders(secret=b"x" * 32).issue("EMAIL_ADDRESS", "a@x.io")


def test_with_a_secret_a_number_that_is_taken_is_not_issued_again() -> None:
    secret = secrets.token_bytes(32)
    number = Placeholders(secret=secret).issue("EMAIL_ADDRESS", "a@x.io")
    placeholders = Placeholders(secret=secret)
    placeholders.reserve([number])
    assert placeholders.issue("EMAIL_ADDRESS", "a@x.io") != number
    assert number not in placeholders.values
