"""What is counted and logged of a request: once, whatever happened, and nobody's address."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from router.testing import Origin, answer, running
from tests.talk import CHUNKS, api, bearer, call, chunk, metric, request, sse
from tests.test_plugins import CONFIG as PLUGGED
from tests.test_plugins import install
from tests.threats.wire import ask, calling, until
from tests.world import World, environment, world

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Iterator
    from pathlib import Path

    from router.testing import Received

ADDRESS = "jane.roe@example.com"

PLUGIN = """
from router import Plugin


class Unwritable(Plugin):
    name = "NAME"

    async def on_request(self, exchange):
        if exchange.head.one(b"x-value") is not None:
            exchange.values[self.name] = {("a", "tuple"): 1 << 70}
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data")) as running_:
        yield running_


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()


def lines(here: World, event: str = "request") -> list[dict[str, object]]:
    told = [json.loads(one) for one in here.router.log.getvalue().splitlines()]
    return [one for one in told if one["event"] == event]


# A body that is refused by the server itself


def test_a_refused_body_is_counted_once_and_no_disconnect(here: World) -> None:
    all_before, left = metric(here, "requests"), metric(here, "disconnects")
    with calling(here) as caller:
        caller.send(request(api("masked"), "Transfer-Encoding: chunked", body=b"") + chunk(b"{"))
        until(lambda: metric(here, "in_flight", "lanonasis", "masked"))
        caller.send(b"no chunk\r\n")
        assert caller.answer().status == 400
    until(lambda: metric(here, "requests") > all_before)
    until(lambda: lines(here) and lines(here)[-1]["status"] == 400)
    assert metric(here, "requests") == all_before + 1
    assert metric(here, "requests", "lanonasis", "masked", "POST", "400") == 1
    assert metric(here, "disconnects") == left
    assert lines(here, "rejected") == []
    told = lines(here)[-1]
    assert (told["code"], told["outcome"]) == ("bad_request", "refused")


def test_one_that_never_reached_the_gateway_is_counted_too(here: World) -> None:
    before = metric(here, "requests")
    raw = request(api("masked"), "Transfer-Encoding: chunked", body=b"no chunk\r\n")
    told = ask(here, raw)
    assert told.status == 400
    assert metric(here, "requests") == before + 1
    until(lambda: len(lines(here, "rejected")) == 1)
    line = lines(here, "rejected")[0]
    assert line["request_id"] == told.one("x-request-id")
    assert (line["client"], line["detail"]) == ("127.0.0.1", json.loads(told.body)["detail"])


def test_a_body_refused_after_its_answer_has_begun_cuts_the_answer(here: World) -> None:
    async def early(_: Received, reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(CHUNKS % b"text/event-stream" + chunk(sse("first")))
        await reader.read()

    here.origin.handler = early
    before = metric(here, "disconnects")
    with calling(here) as caller:
        caller.send(request(api("open"), "Transfer-Encoding: chunked", body=b"") + chunk(b"{"))
        caller._until(b"first")
        caller.send(b"no chunk\r\n")
        caller.rest()
    until(lambda: lines(here) and lines(here)[-1]["service"] == "open")
    told = lines(here)[-1]
    assert (told["status"], told["outcome"]) == (200, "aborted")
    assert metric(here, "disconnects") == before


# Lines


def test_a_value_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    install(tmp_path, "one", source=PLUGIN)
    with Origin() as origin:
        env = environment(origin, tmp_path)
        config = PLUGGED + "plugins: [{name: one}]\n"
        with running(config, env, folder=tmp_path) as router:
            here = World(router, origin, env)
            asked = ["X-Value: 1", "X-Other: 1", "X-Value: 1", "X-Other: 1"]
            ids = [ask(here, call("open", {}, said)).one("x-request-id") for said in asked]
            until(lambda: len(lines(here)) == 4)
            assert [one["request_id"] for one in lines(here)] == ids
            assert {one["plugins"] for one in lines(here)} == {None}


def test_lines_that_are_lost_are_counted(here: World) -> None:
    router = here.router.router
    router.writer.dropped += 3
    router.gateway.accounting.dropped += 2
    text, _ = router.metrics.exposition("")
    router.writer.dropped = router.gateway.accounting.dropped = 0
    assert b'router_log_lines_dropped_total{queue="any"} 3.0' in text
    assert b'router_log_lines_dropped_total{queue="request"} 2.0' in text


# Addresses


def test_a_caller_named_by_an_address_is_told_by_a_digest(here: World) -> None:
    ids = []
    for sub in (ADDRESS, ADDRESS, "john.doe@example.com"):
        ask(here, call("signed-in", {}, bearer(here, sub=sub)))
        ids.append(here.origin.requests[-1].one("x-user-id") or "")
    assert all(re.fullmatch("~[0-9a-f]{16}", one) for one in ids)
    assert ids[0] == ids[1] != ids[2]
    until(lambda: len([one for one in lines(here) if one["service"] == "signed-in"]) == 3)
    told = [one["principal"] for one in lines(here) if one["service"] == "signed-in"]
    assert told == [f"user:{one}" for one in ids]
    assert ADDRESS not in here.router.log.getvalue().decode()


def test_an_upstream_that_may_know_all_is_told_the_address(here: World) -> None:
    ask(here, call("owned", {}, bearer(here, sub=ADDRESS)))
    assert here.origin.requests[-1].one("x-user-id") == ADDRESS


def test_any_other_id_stays_as_it_is(here: World) -> None:
    ask(here, call("signed-in", {}, bearer(here, sub="u-7")))
    assert here.origin.requests[-1].one("x-user-id") == "u-7"
    until(lambda: [line["principal"] for line in lines(here)[-1:]] == ["user:u-7"])
