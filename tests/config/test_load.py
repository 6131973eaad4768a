from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config.load import load
from router.config.models import Config
from router.config.problems import ConfigProblems
from router.config.schema import schema
from router.config.values import Rate
from tests.config.small import SMALL, changed, ok, warned, with_service


def test_a_small_file_has_closed_defaults() -> None:
    echo = ok(SMALL).table["plat", "echo"]
    assert echo.auth == ("cookie", "bearer", "api_key")
    assert echo.privacy.mode == "restore"
    assert echo.privacy.uninspectable.model_dump() == {"media": "block", "other": "block"}
    assert echo.masking.enabled
    assert not echo.forward_credentials
    assert not echo.cookies


def test_every_service_stands_on_every_platform_unless_it_says() -> None:
    assert set(ok(SMALL).table) == {("maas", "echo"), ("plat", "echo")}
    assert set(ok(with_service("platforms: [maas]")).table) == {("maas", "echo")}


def test_defaults_lie_under_services_and_on_lies_over_them() -> None:
    config = ok(
        SMALL.replace("echo: {upstream: origin, methods: [GET, POST]}", "echo: {upstream: origin, "
        "scopes: [a], masking: {vendors: {other: own}}, "
        "on: {maas: {rate_limits: [9/1s], scopes: [b], privacy: {threshold: 0.9}}}}")
        + """\
masking: {vendors: {acme: own}, models_policy: hide}
privacy: {entities: [EMAIL_ADDRESS], max_text: 1kB}
defaults: {rate_limits: [1/1m, 2/1h], privacy: {mode: block, uninspectable: pass}, masking: false}
"""
    )  # fmt: skip
    plat, maas = config.table["plat", "echo"], config.table["maas", "echo"]
    assert plat.rate_limits == (Rate(1, 60), Rate(2, 3600))
    assert maas.rate_limits == (Rate(9, 1),)
    assert (plat.scopes, maas.scopes) == (("a",), ("b",))
    assert maas.privacy.model_dump(exclude_defaults=True) == {
        "mode": "block", "uninspectable": {"media": "pass", "other": "pass"}, "threshold": 0.9,
        "entities": ("EMAIL_ADDRESS",), "max_text": 1000,
    }  # fmt: skip
    assert plat.privacy.threshold == 0.35
    assert plat.masking.vendors == {"acme": "own", "other": "own"}
    assert plat.masking.models_policy == "hide"
    assert plat.masking.enabled  # a map of its own says that it masks
    assert config.services["echo"].rate_limits == plat.rate_limits


@pytest.mark.parametrize("mode", ["restore", "replace", "block", "observe", "off"])
def test_a_privacy_mode_alone_is_enough(mode: str) -> None:
    config = ok(with_service(f"privacy: {mode}") + "defaults: {privacy: {uninspectable: pass}}\n")
    privacy = config.table["plat", "echo"].privacy
    assert (privacy.mode, privacy.uninspectable.other) == (mode, "pass")


def test_masking_is_switched_by_one_word() -> None:
    assert not ok(with_service("masking: false")).table["plat", "echo"].masking.enabled
    assert not ok(SMALL + "defaults: {masking: off}\n").table["plat", "echo"].masking.enabled


def test_an_open_service_counts_addresses() -> None:
    assert ok(with_service("auth: []")).table["plat", "echo"].counts_addresses
    assert not ok(SMALL).table["plat", "echo"].counts_addresses
    assert ok(with_service("limit_by: address")).table["plat", "echo"].counts_addresses


def test_empty_subjects_are_nobody_and_no_subjects_are_anybody() -> None:
    asked = with_service('subjects: ["${WHO:-}"]')
    assert ok(asked, {"WHO": "a@b.example"}).table["plat", "echo"].subjects == ("a@b.example",)
    assert ok(asked).table["plat", "echo"].subjects == ()
    assert ok(with_service('subjects: [""]')).table["plat", "echo"].subjects == ()
    assert ok(SMALL).table["plat", "echo"].subjects is None
    assert any("nobody may call 'echo': WHO is not set" in one for one in warned(asked))


def test_variables_fill_numbers_and_switches_too() -> None:
    text = changed('9"]}', '9"], retries: "${R:-3}", breaker: {failures: \'${F}\'}}')
    upstream = ok(text, {"F": "7"}).upstreams["origin"]
    assert (upstream.retries, upstream.breaker.failures) == (3, 7)


def test_operators_token_and_data_dir_come_from_the_environment() -> None:
    token = secrets.token_hex()
    config = ok(SMALL, {"ROUTER_ADMIN_TOKEN": token, "ROUTER_DATA_DIR": "/srv/x"})
    assert config.server.admin_token.get_secret_value() == token
    assert config.stores.file("keys") == Path("/srv/x/router.db")
    assert ok(SMALL + "server: {admin_token: ''}\n", {"ROUTER_ADMIN_TOKEN": token}).server
    stores = ok(SMALL + "stores: {keys: 'sqlite:///a/k.db', users: 'sqlite:////k.db'}\n").stores
    assert (stores.file("keys"), stores.file("users")) == (Path("a/k.db"), Path("/k.db"))
    assert stores.file("oauth") == Path("data/router.db")


def test_plugins_can_point_at_their_own_options() -> None:
    config = ok(SMALL + "plugins:\n  - name: tags\n    options:\n      tagg: 1\n")
    problem = config.problem("unknown option 'tagg'", "plugins", 0, "options", "tagg")
    assert str(problem) == "f:11:13: unknown option 'tagg'"


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblems, match="can not be read"):
        load(tmp_path / "none.yaml", {})


def test_the_file_is_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("x: 1\n")
    with pytest.raises(ConfigProblems) as caught:
        load(path, {})
    assert str(caught.value.problems[0]).startswith(f"{path}:1:1: unknown key 'x'")


@settings(deadline=None, max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text("ab:/-${}", max_size=5),
        lambda inner: st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["auth", "privacy", "masking", "on", "platforms", "hosts", "services", "upstream",
                 "upstreams", "issuers", "secret", "aliases", "paths", "defaults", "plat"]
            ),
            inner,
            max_size=4,
        ),
        max_leaves=15,
    ).filter(lambda one: isinstance(one, dict))
)  # fmt: skip
def test_any_shape_is_loaded_or_told(document: object) -> None:
    severities = ["error"]
    try:
        load(json.dumps(document).encode(), {})
    except ConfigProblems as error:
        severities = [one.severity for one in error.problems]
    assert "error" in severities


def test_the_schema_knows_every_key_and_takes_variables() -> None:
    made = schema()
    assert set(made["properties"]) == set(Config.model_fields)
    service = made["$defs"]["Service"]["properties"]
    assert {"type": "boolean"} in service["masking"]["anyOf"][1]["anyOf"]
    retries = made["$defs"]["Upstream"]["properties"]["retries"]
    assert retries["anyOf"][1]["pattern"]
    for name, definition in made["$defs"].items():
        for key, said in definition["properties"].items():
            assert "description" in said or "$ref" in said, (name, key)
