from __future__ import annotations

import secrets

import pytest

from tests.config.small import SMALL, changed, ok, told, warned, with_service


def test_a_variable_that_lacks_its_quotes_gets_a_hint() -> None:
    (problem,) = told(changed('"http://127.0.0.1:9"', "${X:-http://127.0.0.1:9}"))
    assert problem.endswith('; inside [] and {} a variable stands in quotes: "${VAR:-default}"')


def test_every_problem_is_told_at_once_in_the_order_of_the_file() -> None:
    problems = told(
        """\
brnad: x
server: {drain: 30, listen: nowhere}
upstreams:
  origin: {targets: [ftp://h], retires: 1}
platforms:
  plat: {hosts: [Plat.example:80]}
services:
  echo: {upstream: orgin, methods: [GET, FETCH], privacy: restor}
  echo: {}
  none: {methods: []}
"""
    )
    assert [one.split(" ")[0] for one in problems] == [
        "f:1:1:", "f:2:17:", "f:2:29:", "f:4:22:", "f:4:32:", "f:6:18:",
        "f:8:20:", "f:8:42:", "f:8:59:", "f:9:3:", "f:10:3:", "f:10:19:",
    ]  # fmt: skip
    assert problems[0] == "f:1:1: unknown key 'brnad'; did you mean 'brand'?"
    assert (
        problems[4] == "f:4:32: unknown key 'retires' in upstreams.origin; did you mean 'retries'?"
    )
    assert problems[6] == "f:8:20: there is no upstream 'orgin'; did you mean 'origin'?"
    assert problems[8] == "f:8:59: 'mode' can not be 'restor'; did you mean 'restore'?"


def test_what_defaults_say_wrongly_is_told_once_and_there() -> None:
    problems = told(
        SMALL + "defaults:\n  rate_limits: [fast]\n  masked: true\n  privacy: {mod: off}\n"
    )
    assert len(problems) == 3
    assert problems[0].startswith("f:9:17: 'rate_limits': should be a rate")
    assert problems[1] == "f:10:3: unknown key 'masked' in defaults; did you mean 'masking'?"
    assert problems[2].startswith("f:11:13: unknown key 'mod'")


def test_one_secret_in_a_wrong_place_never_shows() -> None:
    secret = "S3CRET" + secrets.token_hex(8)
    text = f"""\
server: {{drain: "${{X}}", trusted_proxies: ["${{X}}"], listen: "${{X}}"}}
auth:
  issuers: {{sso: {{secret: "${{X}}", algorithms: ["${{X}}"]}}}}
  cookie: {{issuers: ["${{X}}"]}}
upstreams: {{u: {{targets: ["${{X}}", "http://{secret}@h"], identity: "${{X}}"}}}}
stores: {{redis: "${{X}}", keys: "postgres://{secret}@h/d"}}
platforms: {{p: {{hosts: ["${{X}}/", "${{X}}", "${{X}}"]}}}}
privacy: {{entities: ["${{X}}"], threshold: "${{X}}"}}
services: {{s: {{upstream: "${{X}}", methods: ["${{X}}"], scopes: ["${{X}} 1"],
  platforms: ["${{X}}"], path: "${{X}}", max_body: "${{X}}", privacy: "${{X}}",
  auth: ["${{X}}"], aliases: ["${{X}}"]}}}}
plugins: [{{name: "${{X}}", services: ["${{X}}"]}}]
"""
    problems = told(text, {"X": secret})
    assert len(problems) >= 20
    assert not any(secret in one or secret.lower() in one for one in problems)
    assert secret not in repr(ok(SMALL + "server: {admin_token: '${X}'}\n", {"X": secret}))


def test_an_unset_variable_is_one_problem_not_two() -> None:
    assert told(changed("http://127.0.0.1:9", "${NOWHERE}")) == [
        "f:2:22: the variable NOWHERE is not set; ${VAR:-default} gives a default"
    ]


def secret_of(length: int) -> str:
    return secrets.token_hex(length)[:length]


ISSUER = "auth: {issuers: {sso: {secret: '${S:-}', algorithms: [%s]}}, bearer: {issuers: [sso]}}\n"


@pytest.mark.parametrize(("algorithm", "least"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_a_secret_is_as_long_as_its_hash(algorithm: str, least: int) -> None:
    text = SMALL + ISSUER % algorithm
    assert ok(text, {"S": secret_of(least)}).auth.issuers["sso"].secret
    problems = told(text, {"S": secret_of(least - 1)})
    assert problems == [
        f"f:8:32: 'secret': a secret for {algorithm} should have {least} bytes or more"
    ]
    assert "f:8:32: warning: no token of the issuer 'sso' passes: S is not set" in warned(text)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS512", "EdDSA", "none", "NonE"])
def test_other_algorithms_are_refused_with_what_there_is(algorithm: str) -> None:
    (problem,) = told(SMALL + ISSUER % algorithm)
    assert "HS256, HS384, HS512" in problem


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        ("stores: {redis: 'redis://h'}", "f:8:17: 'redis': this version has no Redis yet"),
        ("stores: {keys: 'postgres://h/d'}", "f:8:16: 'keys': this version has no PostgreSQL yet"),
        ("stores: {keys: 'postgresql://h/d'}", "f:8:16: 'keys': this version has no PostgreSQL"),
        ("stores: {users: k.db}", "f:8:17: 'users': should be empty, sqlite:///"),
        ("auth: {issuers: {p: {jwks: 'https://h'}}}", "f:8:22: unknown key 'jwks' in auth.issuers"),
        ("server: {ready_needs: [redis]}", "f:8:24: 'ready_needs' can not be 'redis'"),
        ("server: {admin: '127.0.0.1:8080'}", "f:8:17: server.admin is server.listen"),
        ("server: {trusted_proxies: [10.0.0.1/8]}", "f:8:28: 'trusted_proxies': the address"),
        ("privacy: {mode: off}", "f:8:11: unknown key 'mode' in privacy"),
        ("quota: 1", "f:8:1: unknown key 'quota'"),
        ("brand: '--'", "f:8:8: 'brand': a brand needs a letter or a digit"),
        ("brand:", "f:8:7: there is no value here"),
        ("masking: {vendors: {acme: ''}}", "f:8:27: 'acme': a brand needs a letter"),
        ("masking: {vendors: {a: own}}", "f:8:21: 'a' should be a word of two letters"),
        ('auth: {webhook: {secret: "a\\n"}}', "f:8:26: 'secret': holds what can not stand in"),
        ("auth: {cookie: {name: 'a b'}}", "f:8:23: 'name': should be the name of a cookie"),
        ("auth: {issuers: {a: {secret: '-----BEGIN PUBLIC KEY-----'}}}",
         "f:8:30: 'secret': should be a shared secret, not a public key"),
        ("auth: {cookie: {issuers: [so]}, issuers: {sso: {}}}", "f:8:27: there is no issuer 'so'"),
        ("auth: {issuers: {sso: {services: [ecko]}}}", "f:8:35: there is no service 'ecko'; did"),
        ("plugins: [{name: tags, services: [ecko]}]", "f:8:35: there is no service 'ecko'"),
    ],
)  # fmt: skip
def test_what_this_version_does_not_have_is_said(added: str, problem: str) -> None:
    assert any(one.startswith(problem) for one in told(SMALL + added + "\n"))


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("platforms: [plta]", "there is no platform 'plta'; did you mean 'plat'?"),
        ("subjects: ~", "there is no value here"),
        ("platforms: []", "'echo' stands on no platform"),
        ("on: {plta: {}}", "there is no platform 'plta'; did you mean 'plat'?"),
        ("on: {plat: {platforms: [plat]}}", "unknown key 'platforms' in services.echo.on.plat"),
        ("on: {plat: {upstream: orgin}}", "there is no upstream 'orgin'"),
        ("plugin: tags", "there is no entry under plugins for 'tags'"),
        ("methods: []", "'methods' should not be empty"),
        ("methods: [TRACE]", "'methods' can not be 'TRACE'"),
        ("methods: POST", "'methods' should be a list"),
        ("paths: {/a: []}", "'/a' should not be empty"),
        ("paths: {a: [GET]}", "a path should start with '/'"),
        ("paths: {/a/../b: [GET]}", "a path should be plain"),
        ("paths: {/*b: [GET]}", "a path should be plain"),
        ("methods: [GET], paths: {/a: [GET]}", "'methods' and 'paths' both say"),
        ("path: /a/..", "a path should be plain"),
        ("path: /a//b", "a path should be plain"),
        ("path: /a%2e", "a path should be plain"),
        ("auth: [cooky]", "'auth' can not be 'cooky'; did you mean 'cookie'?"),
        ("auth: [], scopes: [a]", "'scopes' on an open service"),
        ("auth: [], subjects: [a]", "'subjects' on an open service"),
        ("scopes: ['a b']", "one word"),
        ("stores: true", "'echo' only stores what it is sent: privacy has no answer to restore in"),
        ("stores: true, privacy: restore", "only stores"),
        ("request_fields: [X_User_Id]", "this field is the router's own"),
        ("request_fields: [Authorization]", "this field is the router's own"),
        ("response_fields: [Proxy-Status]", "this field is the router's own"),
        ("aliases: [/plat/x]", "the alias '/plat/x' is never reached"),
        ("aliases: [/services]", "the alias '/services' is the router's own page"),
        ("aliases: [/]", "the alias '/' is the router's own page"),
        ("aliases: [/api/echo/x]", "is inside the service 'echo'"),
        ("well_known: [api-catalog]", "is the router's own page"),
        ("well_known: [a/b]", "should be a name below /.well-known/"),
        ("cache: {}", "unknown key 'cache' in services.echo"),
        (
            "masking: {vendor: {}}",
            "unknown key 'vendor' in services.echo.masking; did you mean 'vendo",
        ),
        ("summary: 5", "'summary' should be text"),
        ("streaming: [ssee]", "'streaming' can not be 'ssee'; did you mean 'sse'?"),
    ],
)
def test_a_service_that_makes_no_sense_is_told(setting: str, problem: str) -> None:
    problems = told(with_service(setting))
    assert any(problem in one for one in problems), problems
    assert all(one.startswith("f:7:") for one in problems)


def test_a_service_with_nothing_to_answer_it_is_told() -> None:
    assert told(changed("upstream: origin, ", "")) == [
        "f:7:3: nothing answers 'echo': it has no upstream and no plugin"
    ]
    both = with_service("plugin: tags") + "plugins: [{name: tags}]\n"
    assert "f:7:36: 'echo' has an upstream and a plugin" in told(both)[0]
    alone = changed("upstream: origin,", "plugin: tags,") + "plugins: [{name: tags}]\n"
    assert ok(alone).table["plat", "echo"].plugin == "tags"


def test_a_store_only_service_may_replace() -> None:
    assert ok(with_service("stores: true, privacy: replace"))
    assert ok(with_service("stores: true, privacy: off"))


def test_two_platforms_can_not_have_one_host() -> None:
    assert told(changed("maas.example", "PLAT.example")) == [
        "f:5:18: the host 'plat.example' stands at 'maas' too: its platform is not clear"
    ]


def test_two_services_can_not_have_one_alias() -> None:
    text = with_service("aliases: [/a]") + "  other: {upstream: origin, aliases: [/b, /a]}\n"
    problems = told(text)
    assert [one for one in problems if "'/a' on 'plat' belongs to 'echo' already" in one]
    assert all(one.startswith("f:8:43:") for one in problems)


def test_a_platform_can_not_be_called_like_a_page_of_the_router() -> None:
    assert "f:4:3: a platform can not be called 'docs'" in told(changed("  maas:", "  docs:"))[0]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (SMALL.replace("platforms:\n", "  idle: {targets: ['http://h']}\nplatforms:\n"),
         "f:3:3: warning: no service uses the upstream 'idle'"),
        (with_service("platforms: [maas], on: {plat: {scopes: [a]}}"),
         "f:7:52: warning: 'echo' does not stand on 'plat': this has no effect"),
        (with_service("aliases: [/a]").replace("{hosts: [maas.example]}", "{}")
         .replace('{hosts: [plat.example, "*.plat.example"]}', "{}"),
         "f:7:38: warning: no platform of 'echo' has a host for the alias '/a'"),
        (SMALL + "server: {trusted_proxies: [0.0.0.0/0]}\n",
         "f:8:28: warning: server.trusted_proxies trusts everyone"),
        (with_service("auth: [webhook]"),
         "f:7:3: warning: no webhook can call 'echo': auth.webhook has no secret"),
    ],
)  # fmt: skip
def test_what_does_nothing_is_a_warning(text: str, warning: str) -> None:
    assert warning in warned(text)


@pytest.mark.parametrize("origin", ["*", "https://a.example/", "a.example", "https://a:b", "null"])
def test_an_origin_is_named_in_full(origin: str) -> None:
    problems = told(changed("{hosts: [maas.example]}", f"{{origins: ['{origin}']}}"))
    assert problems
    assert problems[0].startswith("f:4:20: 'origins':")


@pytest.mark.parametrize(
    "target",
    ["h:80", "ftp://h", "http://", "http://u:p@h", "http://h?x", "http://h#x", "http://h:0",
     "http://h:99999", "http://h/a/../b", "http://h:x", "http://[::1"],
)  # fmt: skip
def test_a_target_is_a_plain_url(target: str) -> None:
    assert told(changed("http://127.0.0.1:9", target))[0].startswith("f:2:22: 'targets'")
