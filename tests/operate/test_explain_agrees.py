"""What is explained is what happens: held against a router that serves."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from router.cli.explain import OwnPages, explain
from router.config.load import load
from router.operate.explain import Explainer
from router.operate.explain_request import asked
from router.testing import Origin, running
from tests.operate.asking import FILE
from tests.world import World, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JSON = {"Content-Type": "application/json", "Accept-Language": "en"}
BODY = json.dumps({"a": "jane@example.com, 4111 1111 1111 1111", "b": ["ssn 536-90-4399"]})


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("explained")
    with Origin() as origin:
        env = environment(origin, folder / "data")
        with running(FILE, env, folder=folder) as router:
            yield World(router, origin, env)


@pytest.fixture
def file(here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in here.env.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "config" / "routes.yaml"
    path.parent.mkdir()
    path.write_text(FILE)
    return path


@pytest.mark.parametrize(
    "service", ["private", "replaced", "observed", "remembering", "both", "open", "login"]
)
def test_the_request_that_leaves(
    here: World, file: Path, capsys: pytest.CaptureFixture[str], service: str
) -> None:
    url = f"{here.path(service, '/a')}?to=jane@example.com"
    httpx.post(url, content=BODY, headers=JSON)
    sent = here.origin.requests[-1]
    before = len(here.origin.requests)
    headers = [f"{name}: {value}" for name, value in JSON.items()]
    headers.append("Accept: */*")
    assert (
        explain(file, "POST", url, headers=headers, data=BODY, as_json=True, show_values=True) == 0
    )
    upstream = json.loads(capsys.readouterr().out)["upstream"]
    assert upstream["start"] == f"POST {sent.target} HTTP/1.1"
    assert upstream["body"]["text"].encode() == sent.body
    hidden = ("x-request-id", "authorization", "accept-encoding")
    assert {n: v for n, v in upstream["fields"] if n not in hidden} == {
        n.lower(): v for n, v in sent.fields if n.lower() not in hidden
    }
    assert len(here.origin.requests) == before


def test_limits_of_a_serving_router_are_looked_at_and_not_used_up(here: World) -> None:
    url = here.path("by-address")
    assert [told(here, url)["outcome"] for _ in range(5)] == ["forwarded"] * 5
    assert [httpx.get(url).status_code for _ in range(3)] == [200] * 3
    refused = told(here, url)["refusal"]
    assert (refused["step"], refused["status"]) == ("limits by address", 429)
    assert refused["code"] == "rate_limited"
    assert httpx.get(url).status_code == 429


def test_an_explanation_leaves_no_number_behind(here: World) -> None:
    metrics = here.router.router.metrics
    url = f"{here.path('private')}?to=jane@example.com"
    before = metrics.exposition("")
    told(here, url)
    told(here, here.path("signed-in"), "Authorization: Bearer wrong")
    told(here, here.path("nowhere"))
    assert metrics.exposition("") == before


def test_refused_credentials_are_looked_at_and_not_counted(here: World) -> None:
    url, wrong = here.path("signed-in"), "Authorization: Bearer wrong"
    assert {told(here, url, wrong)["refusal"]["status"] for _ in range(25)} == {401}
    headers = dict([wrong.split(": ")])
    assert [httpx.get(url, headers=headers).status_code for _ in range(20)] == [401] * 20
    refused = told(here, url, wrong)["refusal"]
    assert (refused["step"], refused["status"]) == ("limits by address", 429)


def told(here: World, url: str, *headers: str) -> dict[str, Any]:
    """The explanation of the parts of the router that serves."""
    router = here.router.router

    async def ask() -> dict[str, Any]:
        explainer = Explainer(
            load(FILE.encode(), here.env, name="f"),
            router.gateway.admission,
            router.gateway.inbound,
            OwnPages(router.pages),
            router.settled,
        )
        return await explainer.explain(
            asked("GET", url, headers, None, client="127.0.0.1", host="x")
        )

    return asyncio.run_coroutine_threadsafe(ask(), here.router.loop).result(10)
