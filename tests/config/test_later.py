"""Keys of the interface that this version does not act on are told, not ignored."""

from __future__ import annotations

import pytest

from router.config.load import load


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("auth: {bearer: {opaque: oauth}}", "no opaque token passes"),
        ("stores: {on_failure: {redis: closed}}", "there is no Redis yet"),
    ],
)
def test_a_key_without_effect_is_a_warning(said: str, told: str) -> None:
    warnings = [one.message for one in load(said.encode(), {}).warnings]
    assert any(told in one for one in warnings)
