"""What a plugin can rely on, and what it cannot do."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from router.config.problems import ConfigProblems
from router.plugin import PluginError
from router.testing import Origin, answer, running
from tests.process import serve, served
from tests.talk import Stepwise, api, call, chunk, delta, request, said, sse
from tests.threats.wire import ask, calling, until
from tests.world import World, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parent.parent

CONFIG = """
brand: onasis
upstreams: {origin: {targets: ["${ORIGIN}"]}}
platforms: {lanonasis: {title: LanOnasis, hosts: [lanonasis.com]}}
masking: {vendors: {openai: onasis}}
defaults: {auth: [], privacy: off, masking: false}
services:
  open: {upstream: origin, path: /up, streaming: [sse]}
  masked: {upstream: origin, path: /masked, masking: true, streaming: [sse]}
  private: {upstream: origin, path: /private, privacy: restore}
  plain: {upstream: origin, path: /plain}
"""

PLUGIN = '''
from pathlib import Path
from typing import ClassVar

from router import Exchange, Plugin, PluginOptions, Response


class Marking:
    """Says its name before the body and after it, and names a vendor."""

    def __init__(self, name):
        self.name, self.begun = name, False

    def feed(self, data):
        first, self.begun = not self.begun, True
        return (b"(" + self.name.encode() if first else b"") + data

    def flush(self):
        return b" by OpenAI)"


class Options(PluginOptions):
    journal: str
    fails: bool = False


class Named(Plugin[Options]):
    name: ClassVar[str] = "NAME"
    Options = Options

    def note(self, what):
        with open(self.options.journal, "a") as journal:
            journal.write(f"{self.name} {what}\\n")

    async def startup(self, context):
        self.note("startup")
        if self.options.fails:
            raise RuntimeError("cannot start")

    async def shutdown(self):
        self.note("shutdown")

    async def on_request(self, exchange):
        self.note("on_request")
        if exchange.head.one(b"x-answer") == self.name.encode():
            return Response(418, b'{"by":"NAME"}', ((b"x-by", b"NAME"),))

    async def on_request_body(self, exchange, body):
        self.note("on_request_body")
        return body.replace(b"tell", b"mail jane.roe@example.com to")

    async def on_response(self, exchange, response):
        self.note("on_response")
        response.fields.append((b"link", b"</x>; title=openai"))

    def response_filter(self, exchange, response):
        self.note("response_filter")
        if response.one(b"content-type") == b"text/plain":
            return Marking(self.name)

    def on_complete(self, exchange):
        self.note(f"on_complete {exchange.outcome.status}")
'''


def install(folder: Path, *names: str, source: str = PLUGIN) -> Path:
    """Plugins of these names in ``folder``; gives the journal they write."""
    (folder / "plugins").mkdir(exist_ok=True)
    for name in names:
        (folder / "plugins" / f"{name}.py").write_text(source.replace("NAME", name))
    return folder / "journal"


def entries(journal: Path, *names: str, services: str = "[open, masked, private]") -> str:
    """The configuration's list of them."""
    return (
        CONFIG
        + "plugins:\n"
        + "".join(
            f"  - {{name: {name}, options: {{journal: {journal}}}, services: {services}}}\n"
            for name in names
        )
    )


class Journal:
    """What plugins noted since it was last looked at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0

    def news(self, at_least: int = 1) -> list[str]:
        until(lambda: len(self._lines()) >= self._seen + at_least)
        new = self._lines()[self._seen :]
        self._seen += len(new)
        return new

    def _lines(self) -> list[str]:
        return self._path.read_text().splitlines() if self._path.exists() else []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Journal]]:
    folder = tmp_path_factory.mktemp("plugins")
    path = install(folder, "one", "two")
    journal = Journal(path)
    with Origin() as origin:
        env = environment(origin, folder)
        with running(entries(path, "one", "two"), env, folder=folder) as router:
            assert journal.news(2) == ["one startup", "two startup"]
            yield World(router, origin, env), journal
    assert journal.news(2)[-2:] == ["two shutdown", "one shutdown"]


@pytest.fixture
def here(shared: tuple[World, Journal]) -> Iterator[World]:
    yield shared[0]
    shared[0].origin.handler = None
    shared[0].origin.reply = answer()


@pytest.fixture
def journal(here: World, shared: tuple[World, Journal]) -> Journal:
    return shared[1]


WHOLE = [
    "one on_request", "two on_request",
    "one on_request_body", "two on_request_body",
    "two on_response", "one on_response",
    "two response_filter", "one response_filter",
    "one on_complete 200", "two on_complete 200",
]  # fmt: skip


def test_inwards_in_order_and_outwards_in_reverse(here: World, journal: Journal) -> None:
    assert ask(here, call("open", {})).status == 200
    assert journal.news(10) == WHOLE


def test_a_service_that_a_plugin_is_not_for_runs_none_of_it(here: World, journal: Journal) -> None:
    assert ask(here, call("plain", {})).status == 200
    assert ask(here, call("open", {})).status == 200
    assert journal.news(10) == WHOLE


def test_a_plugin_may_answer_itself(here: World, journal: Journal) -> None:
    before = len(here.origin.requests)
    got = ask(here, call("open", {}, "X-Answer: one"))
    assert (got.status, json.loads(got.body), got.one("x-by")) == (418, {"by": "one"}, "one")
    assert got.one("x-request-id")
    assert len(here.origin.requests) == before
    assert journal.news(3) == ["one on_request", "one on_complete 418", "two on_complete 418"]


def test_redaction_comes_after_every_plugin(here: World, journal: Journal) -> None:
    """What a plugin puts into a body is looked at like what the caller did."""
    got = ask(here, call("private", {"content": "tell me"}))
    assert got.status == 200
    assert b"jane.roe" not in here.origin.requests[-1].body
    assert b"EMAIL_ADDRESS" in here.origin.requests[-1].body
    journal.news(10)


def test_masking_comes_after_every_filter_and_every_field(here: World, journal: Journal) -> None:
    here.origin.reply = answer(b"hello", media_type="text/plain")
    got = ask(here, call("masked", {}))
    assert got.body == b"(one(twohello by Onasis) by Onasis)"
    assert "openai" not in str(got.fields).lower()
    assert "title=onasis" in str(got.fields)
    assert ask(here, call("open", {})).body == b"(one(twohello by OpenAI) by OpenAI)"
    journal.news(20)


def test_a_filter_works_on_the_decoded_body(here: World, journal: Journal) -> None:
    here.origin.reply = answer(
        gzip.compress(b"hi"), "200 OK", "text/plain", "Content-Encoding: gzip\r\n"
    )
    got = ask(here, call("open", {}))
    assert (got.body, got.one("content-encoding")) == (b"(one(twohi by OpenAI) by OpenAI)", None)
    journal.news(10)


def test_on_complete_runs_once_for_a_refusal(here: World, journal: Journal) -> None:
    assert ask(here, request(api("private"), body=b"{")).status == 400
    assert journal.news(6) == [
        *WHOLE[:4],
        "one on_complete 400",
        "two on_complete 400",
    ]


def test_on_complete_runs_once_for_an_answer_that_broke_off(here: World, journal: Journal) -> None:
    here.origin.handler = Stepwise([sse(delta("a. "))], end=False)
    here.origin.handler.go()
    got = ask(here, call("open", {}))
    assert b"event: error" in got.body
    assert ask(here, call("plain", {}, "X-Answer: one")).status == 200
    assert journal.news(10) == WHOLE


def test_on_complete_runs_once_for_a_caller_who_left(here: World, journal: Journal) -> None:
    here.origin.handler = steps = Stepwise([sse(delta("a. ")), b""])
    steps.go()
    with calling(here, call("open", {})) as caller:
        caller._until(b"\n\n")
    assert journal.news(10) == WHOLE
    steps.go()


def test_a_stream_passes_through_filters_event_by_event(here: World, journal: Journal) -> None:
    here.origin.handler = steps = Stepwise([sse(delta("OpenAI. ")), sse("[DONE]")])
    with calling(here, call("masked", {})) as caller:
        caller._head()
        steps.go()
        assert said(caller._until(b"\n\n").partition(b"\r\n")[2]) == "Onasis. "
        steps.go()
    journal.news(10)


def test_a_service_without_an_upstream_is_answered_by_its_plugin(
    tmp_path: Path, origin: Origin
) -> None:
    path = install(tmp_path, "one")
    config = entries(path, "one", services="[]")
    config = config.replace("  plain: {upstream: origin, path: /plain}", "  plain: {plugin: one}")
    env = environment(origin, tmp_path)
    with running(config, env, folder=tmp_path) as router:
        here = World(router, origin, env)
        got = ask(here, call("plain", {}, "X-Answer: one"))
        assert (got.status, got.one("x-by")) == (418, "one")
        assert ask(here, call("plain", {})).status == 404
        listed = httpx.get(f"{router.url}/services").json()["services"]
        assert {one["status"] for one in listed} == {"up"}
    assert origin.requests == []


# What a plugin may read, and what it may not change


READING = """
from router import Plugin, Response


class Reading(Plugin):
    name = "NAME"

    async def on_request(self, exchange):
        body = await exchange.read_body()
        assert await exchange.read_body() is body
        exchange.values[self.name] = len(body)
        if exchange.head.one(b"x-answer") is not None:
            return Response(202, b"got " + body, media_type=b"text/plain")

    async def on_response(self, exchange, response):
        try:
            await exchange.read_body()
        except RuntimeError:
            response.fields.append((b"x-late", b"refused"))
"""


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("reading")
    install(folder, "one", source=READING)
    config = CONFIG.replace("open: {", "open: {max_body: 100kB, ") + "plugins: [{name: one}]\n"
    config = config.replace("  private:", "  hook: {plugin: one}\n  private:")
    config = "server: {body_memory: 200kB}\n" + config
    with Origin() as origin:
        env = environment(origin, folder)
        with running(config, env, folder=folder) as router:
            yield World(router, origin, env)


def framed(body: bytes, *lines: str, chunked: bool, service: str = "open") -> bytes:
    if not chunked:
        return request(api(service), *lines, body=body)
    head = request(api(service), "Transfer-Encoding: chunked", *lines, body=b"")
    return head + chunk(body) + chunk(b"")


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("service", ["hook", "open"])
def test_a_plugin_that_answers_reads_what_was_sent(
    reading: World, service: str, chunked: bool
) -> None:
    before = len(reading.origin.requests)
    got = ask(reading, framed(b"hello", "X-Answer: 1", chunked=chunked, service=service))
    assert (got.status, got.body) == (202, b"got hello")
    assert len(reading.origin.requests) == before


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("service", ["open", "private"])
def test_what_a_plugin_has_read_still_goes_on(reading: World, service: str, chunked: bool) -> None:
    got = ask(reading, framed(b'{"a":1}', chunked=chunked, service=service))
    assert (got.status, got.one("x-late")) == (200, "refused")
    assert reading.origin.requests[-1].body == b'{"a":1}'
    assert ask(reading, request(api("open"))).status == 200


def test_a_packed_body_is_read_and_goes_on_unpacked(reading: World) -> None:
    raw = framed(gzip.compress(b"hello"), "Content-Encoding: gzip", chunked=False)
    assert ask(reading, raw).status == 200
    got = reading.origin.requests[-1]
    assert (got.body, got.one("content-encoding")) == (b"hello", None)


@pytest.mark.parametrize("chunked", [False, True])
def test_what_a_plugin_reads_is_bounded(reading: World, chunked: bool) -> None:
    assert ask(reading, framed(bytes(100_000), chunked=chunked)).status == 200
    assert ask(reading, framed(bytes(100_001), chunked=chunked)).status == 413
    got = ask(reading, framed(bytes(200_001), chunked=chunked, service="plain"))
    assert (got.status, json.loads(got.body)["code"]) == (503, "overloaded")


RELABELLING = """
from router import Plugin


class Relabelling(Plugin):
    name = "NAME"

    async def on_response(self, exchange, response):
        response.status = 201
        response.replace(b"content-type", b"image/png")
        response.replace(b"content-encoding", b"br")

    def response_filter(self, exchange, response):
        response.replace(b"content-type", b"image/gif")
        response.replace(b"content-encoding", b"identity")
"""


@pytest.mark.parametrize("packed", [False, True])
def test_a_plugin_cannot_switch_masking_off(tmp_path: Path, packed: bool) -> None:
    install(tmp_path, "one", source=RELABELLING)
    with Origin() as origin:
        env = environment(origin, tmp_path)
        with running(CONFIG + "plugins: [{name: one}]\n", env, folder=tmp_path) as router:
            body, extra = b'{"by":"openai"}', ""
            if packed:
                body, extra = gzip.compress(body), "Content-Encoding: gzip\r\n"
            origin.reply = answer(body, extra=extra)
            got = ask(World(router, origin, env), call("masked", {}))
            assert (got.status, got.body) == (201, b'{"by":"onasis"}')
            assert (got.one("content-type"), got.one("content-encoding")) == ("image/gif", None)


# The start


def test_a_start_that_fails_shuts_down_what_was_started(tmp_path: Path, origin: Origin) -> None:
    path = install(tmp_path, "one", "two", "three")
    config = entries(path, "one", "two", "three").replace(
        f"name: two, options: {{journal: {path}}}",
        f"name: two, options: {{journal: {path}, fails: true}}",
    )
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "routes.yaml").write_text(config)
    out = tmp_path / "log"
    process = serve(tmp_path / "config" / "routes.yaml", environment(origin, tmp_path), out)
    assert process.wait(20) == 1
    assert path.exists(), out.with_suffix(".err").read_text()
    assert path.read_text().splitlines() == [
        "one startup", "two startup", "two shutdown", "one shutdown",
    ]  # fmt: skip
    assert b"start failed" in out.read_bytes()


def test_the_command_names_the_place_of_a_wrong_option(tmp_path: Path, origin: Origin) -> None:
    path = install(tmp_path, "one")
    config = entries(path, "one").replace("journal:", "jornal:")
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "routes.yaml"
    file.write_text(config)
    out = tmp_path / "log"
    assert serve(file, environment(origin, tmp_path), out).wait(20) == 1
    told = out.with_suffix(".err").read_text()
    line = next(n for n, text in enumerate(config.splitlines(), 1) if "jornal" in text)
    assert f"{file}:{line}:" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            PLUGIN.replace("async def on_request(", "async def on_reqest("),
            "did you mean on_request",
        ),
        (PLUGIN.replace("async def on_response(", "def on_response("), "must be an async function"),
        (PLUGIN.replace('"NAME"', '"other"'), "no plugin 'one'"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
    ],
)
def test_a_plugin_that_cannot_work_stops_the_start(
    tmp_path: Path, origin: Origin, source: str, said: str
) -> None:
    path = install(tmp_path, "one", source=source)
    config, env = entries(path, "one"), environment(origin, tmp_path)
    with (
        pytest.raises((ConfigProblems, PluginError)) as caught,
        running(config, env, folder=tmp_path),
    ):
        raise AssertionError("it started")
    problems = getattr(caught.value, "problems", [caught.value])
    assert said in " ".join(map(str, problems))


def test_an_option_of_the_wrong_kind_is_told_with_its_place(tmp_path: Path, origin: Origin) -> None:
    path = install(tmp_path, "one")
    config = entries(path, "one").replace(f"journal: {path}", f"journal: {path}, fails: perhaps")
    env = environment(origin, tmp_path)
    with pytest.raises(ConfigProblems) as caught, running(config, env, folder=tmp_path):
        raise AssertionError("it started")
    line = next(n for n, text in enumerate(config.splitlines(), 1) if "perhaps" in text)
    column = config.splitlines()[line - 1].index("perhaps") + 1
    assert f":{line}:{column}: " in str(caught.value.problems[0])


# plugins/request_tags.py


def test_request_tags(tmp_path: Path) -> None:
    config = CONFIG + (
        "plugins: [{name: request_tags, options: {allowed: [nightly]}, services: [open, masked]}]\n"
    )
    with Origin() as origin:
        env = environment(origin, tmp_path)
        with running(config, env, folder=REPOSITORY) as router:
            here = World(router, origin, env)

            def tagged(service: str, tag: str) -> str | None:
                got = httpx.post(here.path(service), headers={"x-request-tag": tag})
                told: str | None = got.headers.get("x-request-tag")
                return told

            assert tagged("open", "nightly") == "nightly"
            assert tagged("masked", "nightly") == "nightly"
            assert tagged("open", "other") is None
            assert tagged("open", "NIGHTLY!") is None
            assert tagged("plain", "nightly") is None
            assert origin.requests[-1].one("x-request-tag") is None

            def tags() -> list[object]:
                told = [json.loads(one) for one in router.log.getvalue().splitlines()]
                return [one["plugins"] for one in told if one["event"] == "request"]

            until(lambda: len(tags()) == 5)
            assert tags() == [{"request_tags": "nightly"}] * 2 + [None] * 3


def test_the_plugins_folder_of_a_configuration_is_beside_its_own(
    tmp_path: Path, origin: Origin
) -> None:
    path = install(tmp_path, "one")
    with served(tmp_path, entries(path, "one"), environment(origin, tmp_path)) as router:
        url = f"http://127.0.0.1:{router.ports[0]}/lanonasis/api/open"
        assert httpx.post(url, headers={"x-answer": "one"}).status_code == 418
        router.terminate()
        assert router.process.wait(10) == 0
    assert path.read_text().splitlines()[-1] == "one shutdown"
