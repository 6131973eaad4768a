from __future__ import annotations

import pytest

from router.errors import UpstreamError
from router.exchange import ResponseHead
from router.masking.editor import Masking
from router.masking.fields import FieldPolicy, edited_fields, private_fields, response_fields
from router.masking.location import Caller, Mapping, Site

UP = frozenset({b"10.0.0.5:9000", b"abcd.supabase.co"})
OTHER = frozenset({b"auth.upstream.example:8443"})
SITE = Site(
    Mapping(UP, b"/functions/v1/ai-chat", b"ai-chat"),
    (
        Mapping(UP, b"/functions/v1/translate", b"translate"),
        Mapping(OTHER, b"/auth", b"auth"),
        Mapping(OTHER, b"/api/keys", b"keys"),
    ),
)
BY_PATH = Caller(
    b"/lanonasis/api/ai-chat", b"/lanonasis/api/", b"http://router.example:8080", b"router.example"
)
BY_HOST = Caller(b"/api/ai-chat", b"/api/", b"https://api.lanonasis.com", b"api.lanonasis.com")
MASKED = FieldPolicy(SITE, Masking("onasis"), cookies=frozenset({b"lanonasis_session"}))
OPEN = FieldPolicy(SITE, None, cookies=frozenset({b"lanonasis_session"}))
P = b"/lanonasis/api/ai-chat"


def fields(
    *lines: tuple[bytes, bytes],
    policy: FieldPolicy = MASKED,
    caller: Caller = BY_PATH,
    status: int = 200,
) -> list[tuple[bytes, bytes]]:
    return response_fields(policy, ResponseHead(status, list(lines)), caller)


DROPPED = [
    b"server", b"via", b"x-powered-by", b"alt-svc", b"nel", b"report-to", b"cf-ray",
    b"cf-cache-status", b"openai-organization", b"openai-processing-ms", b"openai-version",
    b"x-request-id", b"x-ratelimit-limit-requests", b"x-ratelimit-remaining-tokens", b"sb-gateway",
    b"x-amzn-requestid", b"x-goog-trace", b"x-deno-ray", b"x-served-by",
    b"anthropic-organization-id",
    b"x-envoy-upstream-service-time", b"strict-transport-security", b"access-control-allow-origin",
    b"request-id", b"date",
]  # fmt: skip


@pytest.mark.parametrize("name", DROPPED)
def test_fields_that_tell_the_vendor_apart_are_dropped(name: bytes) -> None:
    assert fields((name, b"x")) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"etag", b'"openai-1"'),
        (b"vary", b"Origin"),
        (b"retry-after", b"3"),
        (b"mcp-session-id", b"openai-session"),
        (b"content-length", b"12"),
        (b"content-disposition", b'attachment; filename="a.mp3"'),
    ],
)
def test_fields_callers_rely_on_pass_as_they_are(name: bytes, value: bytes) -> None:
    assert fields((name, value)) == [(name, value)]


def test_values_that_pass_are_masked() -> None:
    csp = (b"content-security-policy", b"connect-src https://abc.supabase.co")
    assert fields(csp, (b"vary", b"X-OpenAI-Foo, Origin"), (b"content-type", b"x/openai+json")) == [
        (b"content-security-policy", b"connect-src https://abc.onasis.co"),
        (b"vary", b"X-Onasis-Foo, Origin"),
        (b"content-type", b"x/onasis+json"),
    ]


def test_a_service_may_add_fields() -> None:
    policy = FieldPolicy(SITE, Masking("onasis"), added=frozenset({b"x-total", b"x-by"}))
    line = (b"x-total", b"7")
    assert fields(line, (b"x-by", b"Express"), (b"x-else", b"1"), policy=policy) == [
        line,
        (b"x-by", b"Onasis"),
    ]


def test_unmasked_services_pass_everything_but_the_routers_own() -> None:
    lines = [(b"server", b"OpenAI"), (b"x-foo", b"openai"), (b"cf-ray", b"1")]
    own = [(b"x-request-id", b"1"), (b"alt-svc", b'h3=":443"'), (b"x-accel-redirect", b"/etc")]
    assert fields(*lines, *own, (b"set-cookie", b"other=1"), policy=OPEN) == lines


LOCATIONS = [
    (b"http://10.0.0.5:9000/functions/v1/ai-chat/x?y=1#z", P + b"/x?y=1#z"),
    (b"http://10.0.0.5:9000/functions/v1/ai-chat", P),
    (b"HTTP://user@10.0.0.5:9000/functions/v1/ai-chat/", P + b"/"),
    (b"//10.0.0.5:9000/functions/v1/ai-chat/x", P + b"/x"),
    (b"/functions/v1/ai-chat/x", P + b"/x"),
    (b"/functions/v1/translate/x", b"/lanonasis/api/translate/x"),
    (b"/functions/v1/ai-chatter", P + b"/functions/v1/ai-chatter"),
    (b"/x", P + b"/x"),
    (b"http://10.0.0.5:9000/x", P + b"/x"),
    (b"http://10.0.0.5:9001/x", P + b"/x"),
    (b"http://192.168.1.9/x", P + b"/x"),
    (b"http://fabric/x", P + b"/x"),
    (b"http://fabric.svc.cluster.local:80", P + b"/"),
    (b"http://[fd00::1]:9000/x", P + b"/x"),
    (b"https://abcd.supabase.co/functions/v1/ai-chat/1", P + b"/1"),
    (b"https://abcd.supabase.co:443/functions/v1/ai-chat/1", P + b"/1"),
    (b"https://abcd.supabase.co./functions/v1/ai-chat/1", P + b"/1"),
    (b"https://auth.upstream.example:8443/auth/login", b"/lanonasis/api/auth/login"),
    (b"https://auth.upstream.example:8443/api/keys/7", b"/lanonasis/api/keys/7"),
    (b"x", b"x"),
    (b"?page=2", b"?page=2"),
    (
        b"https://accounts.partner.example/authorize?x=1",
        b"https://accounts.partner.example/authorize?x=1",
    ),
    (b"myapp://callback?code=1", b"myapp://callback?code=1"),
]


@pytest.mark.parametrize(("said", "seen"), LOCATIONS)
@pytest.mark.parametrize("policy", [MASKED, OPEN])
def test_an_upstreams_url_becomes_the_callers(
    policy: FieldPolicy, said: bytes, seen: bytes
) -> None:
    assert fields((b"location", said), policy=policy, status=302) == [(b"location", seen)]


def test_a_platforms_host_has_the_short_form() -> None:
    lines = fields((b"location", b"/functions/v1/translate/x"), caller=BY_HOST, status=201)
    assert lines == [(b"location", b"/api/translate/x")]


@pytest.mark.parametrize(
    "said",
    [
        b"https://api.openai.com/v1",
        b"https://accounts.google.com/o",
        b"//x.supabase.co/",
        b"http:10.0.0.5/x",
        b"/\\host/x",
        b"\\\\host/x",
        b"https:\\\\host\\x",
        b"/functions/v1/ai-chat\\..\\x",
    ],
)
def test_a_redirect_to_a_vendor_is_an_upstream_fault(said: bytes) -> None:
    with pytest.raises(UpstreamError) as raised:
        fields((b"location", said), status=302)
    assert (raised.value.status, raised.value.proxy_error) == (502, "http_protocol_error")
    assert fields((b"location", said), status=201) == []
    assert fields((b"content-location", said)) == []


def test_an_unmasked_service_may_redirect_to_anyone_outside() -> None:
    line = (b"location", b"https://accounts.google.com/o/oauth2")
    assert fields(line, policy=OPEN, status=302) == [line]


def test_links_are_mapped_one_by_one() -> None:
    value = (
        b'</functions/v1/ai-chat?page=2>; rel="next", <https://api.openai.com/docs>; rel=help,'
        b' <https://else.example/a,b>; title="a, b"'
    )
    assert fields((b"link", value)) == [
        (b"link", b"<" + P + b'?page=2>; rel="next", <https://else.example/a,b>; title="a, b"')
    ]


@pytest.mark.parametrize("value", [b"nonsense", b'<a>; t="open', b"<https://api.openai.com>"])
def test_a_link_that_cannot_be_read_or_shown_is_dropped(value: bytes) -> None:
    assert fields((b"link", value)) == []


COOKIES = [
    (b"lanonasis_session=a=b; Path=/; HttpOnly", b"lanonasis_session=a=b; Path=/; HttpOnly"),
    (
        b"lanonasis_session=1; path=/functions/v1/ai-chat/x",
        b"lanonasis_session=1; Path=" + P + b"/x",
    ),
    (b"lanonasis_session=1; Path=/functions", b"lanonasis_session=1; Path=" + P),
    (b"lanonasis_session=1; Domain=.supabase.co; Secure", b"lanonasis_session=1; Secure"),
    (b"lanonasis_session=1;Domain=10.0.0.5", b"lanonasis_session=1"),
]


@pytest.mark.parametrize(("said", "seen"), COOKIES)
def test_the_services_cookies_become_the_callers(said: bytes, seen: bytes) -> None:
    assert fields((b"set-cookie", said)) == [(b"set-cookie", seen)]


@pytest.mark.parametrize(
    "said", [b"__cf_bm=1", b"LANONASIS_SESSION=1", b"=lanonasis_session", b"x"]
)
def test_other_cookies_stay_behind(said: bytes) -> None:
    assert fields((b"set-cookie", said)) == []


def test_a_domain_that_covers_the_caller_stays() -> None:
    line = (b"set-cookie", b"lanonasis_session=1; Domain=.lanonasis.com")
    assert fields(line, caller=BY_HOST) == [line]
    assert fields((b"set-cookie", b"lanonasis_session=1; Domain=nasis.com"), caller=BY_HOST) == [
        (b"set-cookie", b"lanonasis_session=1")
    ]


@pytest.mark.parametrize(
    ("caller", "said", "seen"),
    [
        (
            BY_HOST,
            b"http://10.0.0.5:9000/.well-known/oauth-protected-resource/functions/v1/ai-chat",
            b"https://api.lanonasis.com/.well-known/oauth-protected-resource/api/ai-chat",
        ),
        (
            BY_HOST,
            b"http://10.0.0.5:9000/.well-known/oauth-protected-resource",
            b"https://api.lanonasis.com/.well-known/oauth-protected-resource",
        ),
        (
            BY_PATH,
            b"http://10.0.0.5:9000/functions/v1/ai-chat/.well-known/oauth-protected-resource",
            b"http://router.example:8080" + P + b"/.well-known/oauth-protected-resource",
        ),
        (
            BY_PATH,
            b"https://else.example/.well-known/oauth-protected-resource",
            b"https://else.example/.well-known/oauth-protected-resource",
        ),
        (
            BY_HOST,
            b"https://api.openai.com/x",
            b"https://api.lanonasis.com/.well-known/oauth-protected-resource",
        ),
    ],
)
def test_a_challenge_points_to_the_caller_s_own(caller: Caller, said: bytes, seen: bytes) -> None:
    challenge = b'Bearer realm="OpenAI", resource_metadata="' + said + b'"'
    expected = b'Bearer realm="Onasis", resource_metadata="' + seen + b'"'
    assert fields((b"www-authenticate", challenge), caller=caller, status=401) == [
        (b"www-authenticate", expected)
    ]


def test_an_edited_body_has_no_length_digest_or_ranges() -> None:
    lines = [
        (b"content-length", b"1"), (b"digest", b"x"), (b"content-digest", b"x"),
        (b"repr-digest", b"x"), (b"content-md5", b"x"), (b"accept-ranges", b"bytes"),
        (b"content-encoding", b"gzip"), (b"etag", b'"a"'), (b"content-type", b"text/plain"),
    ]  # fmt: skip
    assert edited_fields(lines, restored=False) == [(b"etag", b'W/"a"'), lines[-1]]
    assert edited_fields([(b"etag", b'W/"a"')], restored=False) == [(b"etag", b'W/"a"')]
    assert edited_fields(lines, restored=True) == [lines[-1]]


def test_authenticated_answers_stay_out_of_shared_caches() -> None:
    assert private_fields([]) == [(b"cache-control", b"private, no-store")]
    said = [(b"cache-control", b"max-age=5")]
    assert private_fields(said) == said


@pytest.mark.parametrize("host", [b"127.0.0.1:7777", b"[::1]:7777", b"localhost:7777"])
def test_the_callers_own_machine_stays_what_it_is(host: bytes) -> None:
    """A native application waits there for its authorisation code (RFC 8252 §7.3)."""
    said = b"http://" + host + b"/back?code=1"
    assert fields((b"location", said), status=302) == [(b"location", said)]
