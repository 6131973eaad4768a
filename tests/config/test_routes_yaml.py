"""The shipped table against the facts of the system."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from router.cli import check as check_verb
from router.cli import routes as routes_verb
from router.config.load import load
from router.config.schema import schema
from router.config.values import Rate

if TYPE_CHECKING:
    from router.config.models import Config

FILE = Path(__file__).parents[2] / "config" / "routes.yaml"

PLATFORMS = {
    "seftec-saas": ("saas.seftec.tech",),
    "seftechub": ("seftechub.com",),
    "vortexcore": ("vortexcore.app",),
    "lanonasis": ("lanonasis.com", "*.lanonasis.com"),
    "maas": ("maas.onasis.io",),
}

EDGE = {
    "ai-chat": "ai-chat", "text-to-speech": "elevenlabs-tts", "speech-to-text": "elevenlabs-stt",
    "transcribe": "whisper-transcribe", "extract-tags": "extract-tags",
    "generate-summary": "generate-summary", "generate-embedding": "generate-embedding",
    "mcp-handler": "mcp-handler", "gateway": "gateway", "embeddings": "embeddings",
    "translate": "translate", "inference": "inference",
}  # fmt: skip
ONE_PLATFORM = {
    "gateway": "seftechub", "embeddings": "vortexcore", "translate": "lanonasis",
    "inference": "maas",
}  # fmt: skip
OTHERS = {
    "chat-stream": ("CHAT_SERVICE_URL", "/api/chat-stream"),
    "sessions": ("CHAT_SERVICE_URL", "/api/sessions"),
    "auth": ("AUTH_GATEWAY_URL", "/auth"),
    "oauth": ("AUTH_GATEWAY_URL", "/oauth"),
    "keys": ("AUTH_GATEWAY_URL", "/api/keys"),
    "login-sessions": ("AUTH_GATEWAY_URL", "/sessions"),
    "fabric": ("FABRIC_URL", "/"),
    "batch-sync-users": ("MAIN_FUNCTIONS_URL", "/functions/v1/batch-sync-users"),
    "receive-user-sync": ("AUTH_GATEWAY_FUNCTIONS_URL", "/functions/v1/receive-user-sync"),
    "batch-sync-to-neon": ("AUTH_GATEWAY_FUNCTIONS_URL", "/functions/v1/batch-sync-to-neon"),
}
FORWARDED = {"auth", "oauth", "keys", "login-sessions"}
SYNC = {"batch-sync-users", "receive-user-sync", "batch-sync-to-neon"}
UNMASKED = FORWARDED | SYNC
NOT_PRIVATE = UNMASKED | {"sessions"}

VARIABLES = [
    "SSO_JWT_SECRET", "SSO_JWT_ISS", "SSO_JWT_AUD", "ORION_SHARED_JWT_SECRET",
    "ORION_SHARED_JWT_ISS", "ORION_SHARED_JWT_AUD", "AUTHORIZED_USER_EMAIL", "EDGE_FUNCTIONS_URL",
    "EDGE_FUNCTIONS_KEY", "MAIN_FUNCTIONS_URL", "MAIN_FUNCTIONS_KEY",
    "AUTH_GATEWAY_FUNCTIONS_URL", "AUTH_GATEWAY_FUNCTIONS_KEY", "AUTH_GATEWAY_URL",
    "CHAT_SERVICE_URL", "FABRIC_URL", "WEBHOOK_SECRET", "REDIS_URL", "NEON_DATABASE_URL",
    "MAIN_DATABASE_URL", "AUTH_GATEWAY_DATABASE_URL", "ROUTER_ADMIN_TOKEN", "ROUTER_DATA_DIR",
]  # fmt: skip


@pytest.fixture(scope="module")
def config() -> Config:
    return load(FILE, {})


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    full = {
        name: secrets.token_hex(32)
        for name in VARIABLES
        if name.endswith(("SECRET", "KEY", "TOKEN"))
    }
    for port, name in enumerate((name for name in VARIABLES if name.endswith("_URL")), 9100):
        full[name] = f"http://127.0.0.1:{port}"
    for name in (
        "REDIS_URL",
        "NEON_DATABASE_URL",
        "MAIN_DATABASE_URL",
        "AUTH_GATEWAY_DATABASE_URL",
    ):
        full[name] = ""
    return {**full, "AUTHORIZED_USER_EMAIL": "owner@example.test"}


def test_all_five_platforms_have_their_hosts(config: Config) -> None:
    assert {name: one.hosts for name, one in config.platforms.items()} == PLATFORMS


def test_exactly_the_services_of_the_system_stand_where_they_should(config: Config) -> None:
    assert set(config.services) == {*EDGE, *OTHERS}
    for name in config.services:
        stands = {platform for platform, service in config.table if service == name}
        assert stands == ({ONE_PLATFORM[name]} if name in ONE_PLATFORM else set(PLATFORMS)), name


def test_edge_functions_have_their_paths(config: Config) -> None:
    for name, function in EDGE.items():
        assert config.services[name].path == f"/functions/v1/{function}"
        assert config.services[name].upstream == "edge-functions"


def test_each_upstream_is_the_one_its_variable_names(environment: dict[str, str]) -> None:
    config = load(FILE, environment)
    for name, (variable, path) in OTHERS.items():
        service = config.services[name]
        assert service.path == path
        assert config.upstreams[service.upstream].targets == (environment[variable],), name


def test_functions_fall_back_to_the_edge_functions() -> None:
    config = load(FILE, {"EDGE_FUNCTIONS_URL": "http://edge.test", "EDGE_FUNCTIONS_KEY": "k"})
    for name in ("main-functions", "auth-gateway-functions"):
        assert config.upstreams[name].targets == ("http://edge.test",)
        assert config.upstreams[name].credentials.bearer.get_secret_value() == "k"


def test_who_is_masked_private_open_and_forwarded(config: Config) -> None:
    for (_, name), service in config.table.items():
        assert service.masking.enabled == (name not in UNMASKED), name
        assert service.privacy.mode == ("off" if name in NOT_PRIVATE else "restore"), name
        assert service.forward_credentials == (name in FORWARDED), name
        expected = () if name in {"auth", "oauth"} else ("cookie", "bearer", "api_key")
        assert service.auth == (("webhook",) if name in SYNC else expected), name
        assert service.rate_limits, name


def test_methods_are_those_of_the_system(config: Config) -> None:
    services = config.services
    post_only = [*EDGE.keys() - {"mcp-handler"}, "fabric", *SYNC]
    assert all(services[name].methods == ("POST",) for name in post_only)
    assert set(services["mcp-handler"].methods) == {"GET", "POST", "DELETE"}
    assert services["chat-stream"].methods == ("GET",)
    assert services["keys"].methods == ("GET", "POST")
    assert services["sessions"].paths == {
        "/list": ("GET",), "/messages": ("GET",), "/create": ("POST",), "/save-message": ("POST",),
    }  # fmt: skip
    assert services["auth"].paths == dict.fromkeys(("/login", "/register", "/refresh"), ("POST",))
    assert services["oauth"].paths == {
        "/authorize": ("GET",), "/token": ("POST",), "/device/code": ("POST",),
    }  # fmt: skip
    assert services["login-sessions"].paths == {"/": ("GET",), "/*": ("DELETE",)}


def test_the_chat_is_its_owners_only(environment: dict[str, str]) -> None:
    config = load(FILE, environment)
    for name in ("chat-stream", "sessions"):
        assert config.services[name].subjects == ("owner@example.test",)
        assert config.services[name].rate_limits == (Rate(200, 900),)
        assert load(FILE, {}).services[name].subjects == ()
    assert config.services["chat-stream"].writes
    mint = config.upstreams["chat-backend"].credentials.mint
    assert mint is not None
    assert (mint.subject, mint.lifetime, mint.audience) == ("email", 300, "orion-core")
    orion = config.auth.issuers["orion"]
    assert orion.claims.model_dump() == {"sub": "sub", "email": "sub"}
    assert orion.services == ("chat-stream", "sessions")


def test_log_in_is_limited_by_address_and_may_set_both_cookies(config: Config) -> None:
    assert config.services["auth"].limit_by == "address"
    assert config.services["auth"].cookies == ("lanonasis_session", "lanonasis_user")


def test_the_old_paths_stay(config: Config) -> None:
    aliases = {name: one.aliases for name, one in config.services.items() if one.aliases}
    assert aliases == {"auth": ("/auth",), "oauth": ("/oauth",), "login-sessions": ("/sessions",)}
    assert config.services["oauth"].well_known == ("oauth-*",)


def test_nothing_is_wrong_with_a_full_environment(environment: dict[str, str]) -> None:
    assert load(FILE, environment).warnings == ()


def test_the_file_reads_the_documented_variables_and_no_others() -> None:
    text = "\n".join(line.split("#")[0] for line in FILE.read_text().splitlines())
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) == set(VARIABLES)


def test_every_key_of_the_models_is_explained_in_the_file() -> None:
    text = FILE.read_text()
    missing = []
    for name, definition in schema()["$defs"].items():
        missing += [
            (name, key)
            for key in definition["properties"]
            if f"{key}:" not in text and f"`{key}" not in text
        ]
    assert missing == []


def test_check_says_ok_and_names_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert check_verb.check(FILE) == 0
    out = capsys.readouterr().out
    assert "SSO_JWT_SECRET is not set" in out
    assert "ok, 22 services on 5 platforms" in out
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert check_verb.check(FILE) == 0
    assert routes_verb.routes(FILE, as_json=True) == 0
    out = capsys.readouterr().out
    assert not any(value in out for value in environment.values() if value)


def test_check_tells_problems_with_their_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = tmp_path / "routes.yaml"
    broken.write_text("services:\n  a: {upsteam: b}\n")
    assert check_verb.check(broken) == 1
    assert f"{broken}:2:7: unknown key 'upsteam' in services.a; did you mean 'upstream'?" in (
        capsys.readouterr().out
    )
    assert routes_verb.routes(broken) == 1
    assert capsys.readouterr().out == ""
    assert check_verb.check(tmp_path / "none.yaml") == 2
    assert check_verb.check(broken, schema=True) == 0
    assert '"$schema"' in capsys.readouterr().out


def test_routes_prints_the_resolved_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert "SSO_JWT_SECRET" not in os.environ
    assert routes_verb.routes(FILE) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 18 * 5 + 4
    (chat,) = [
        line.split() for line in lines if line.startswith("vortexcore") and " ai-chat " in line
    ]
    assert chat == [
        "vortexcore", "ai-chat", "POST", "/vortexcore/api/ai-chat",
        "edge-functions/functions/v1/ai-chat", "cookie,bearer,api_key", "300/1m", "restore", "on",
    ]  # fmt: skip
