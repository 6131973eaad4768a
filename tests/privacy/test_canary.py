"""A canary through every door: it is heard by its upstream and caller at most, nowhere else."""

from __future__ import annotations

import contextlib
import json
import logging
import random
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import httpx
import pytest

from router.telemetry.logs import capture_standard_logging
from router.testing import Received, answer, read_body
from tests.talk import CHUNKS, api, chunk, delta, request, sse
from tests.threats.wire import ask, calling
from tests.world import CONFIG, World, world

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

MODES = ("restore", "replace", "block", "observe")
SERVICES = """
  told: {upstream: origin, path: /told, auth: [], privacy: MODE, request_fields: [x-note],
         streaming: [sse]}
  kept: {upstream: origin, path: /kept, auth: [], privacy: {mode: MODE, max_text: 1kB}}
  lost: {upstream: dead, path: /lost, auth: [], privacy: MODE}
"""
REFUSED = {
    "too large": 413,
    "too long": 413,
    "sealed": 415,
    "broken": 400,
    "part with a field": 400,
    "condition": 422,
    "lost": 502,
    "lost again": 503,
}
_PAGES = ("/metrics", "/dashboard", "/dashboard/data", "/ready")
_OPEN_PAGES = ("/services", "/lanonasis/services", "/whoami", "/health")


def _luhn(digits: str) -> str:
    total = sum(
        sum(divmod(int(digit) * (1 + at % 2), 10)) for at, digit in enumerate(reversed(digits), 1)
    )
    return digits + str(-total % 10)


@dataclass(frozen=True)
class Canary:
    """Values that stand nowhere else, and marks by which each is known in any spelling."""

    name: str = field(default_factory=lambda: "c" + secrets.token_hex(8))
    phone: str = field(
        default_factory=lambda: f"+1 415-{random.randrange(230, 299)}-{random.randrange(10**4):04d}"
    )
    card: str = field(default_factory=lambda: _luhn(f"4{random.randrange(10**14):014d}"))
    secret: str = field(default_factory=lambda: "ghp_" + secrets.token_hex(18))

    @property
    def mail(self) -> str:
        return f"{self.name}@example.org"

    @property
    def text(self) -> str:
        """All of them."""
        return f"Mail {self.mail}, call {self.phone}, pay with {self.card}, key {self.secret} ok"

    def found(self, told: str) -> list[str]:
        """Those of the values that ``told`` tells."""
        plain = unquote(told).lower()
        digits = re.sub(r"[ +().-]", "", plain)
        marks = {self.name: plain, self.secret[4:]: plain, self.card: digits}
        marks[re.sub(r"[ +-]", "", self.phone)] = digits
        return [mark for mark, within in marks.items() if mark in within]


def doors(canary: Canary) -> Iterator[tuple[str, bytes]]:
    """Every way for a value into the router, and every way for it to be refused."""
    text, mail = canary.text, canary.mail
    told = json.dumps({"content": text}).encode()

    def posted(
        body: bytes, media_type: str = "application/json", *lines: str, rest: str = ""
    ) -> bytes:
        return request(api("told", rest), *lines, body=body, media_type=media_type)

    yield "string", posted(told)
    yield "escaped", posted(b'"' + b"".join(b"\\u%04x" % ord(sign) for sign in mail) + b'"')
    yield "key", posted(json.dumps({mail: 1, f"to {canary.phone}": 2}).encode())
    yield "number", posted(b'{"card_number": %b}' % canary.card.encode())
    yield "nested", posted(json.dumps({"arguments": json.dumps({"to": text})}).encode())
    yield "query", request(api("told", f"?q={quote(text)}&{quote(mail)}=1"))
    yield "path", request(api("told", f"/users/{quote(mail)}/{quote(canary.phone)}/{canary.card}"))
    for name in ("X-Note", "Accept-Language", "Last-Event-ID", "Idempotency-Key", "If-None-Match"):
        yield name, request(api("told"), f"{name}: {text}")
    yield "type", posted(b"hi", f"text/plain; charset=utf-8; for={mail}")
    yield "form", posted(f"a={quote(text)}&{quote(mail)}=1".encode(), FORM)
    yield "multipart", posted(_multipart(text, mail), MULTIPART)
    yield "lines", posted(told + b"\n" + told + b"\n", "application/x-ndjson")
    yield "text", posted(text.encode(), "text/plain")
    yield "markup", posted(f"<to at='{mail}'>{text}</to>".encode(), "application/xml")
    for rest in ("/events", "/dies", "/fails", "/breaks"):
        yield rest, posted(told, rest=rest)
    yield "too large", posted(told + b" " * 70_000)
    yield "too long", request(api("kept"), body=json.dumps({"a": text * 30}).encode())
    yield "sealed", posted(text.encode(), "application/x-protobuf")
    yield "broken", posted(told[:-1])
    part = _multipart(text, mail).replace(b"\r\n\r\n", b"\r\nX-Note: 1\r\n\r\n", 1)
    yield "part with a field", posted(part, MULTIPART)
    yield "condition", posted(b"{}", "application/json", f'If-Match: "{mail}"')
    for number in range(4):
        yield "lost again" if number == 3 else "lost", request(api("lost"), body=told)
    yield "nowhere", request(api("nowhere", f"/{quote(mail)}"), body=told)
    yield "not HTTP", request(api("told"), body=told).replace(b"Host: router", b"Host : " + told)
    yield "signed", posted(told, "application/json", f"Authorization: Bearer {canary.secret}")


FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


def _multipart(text: str, name: str) -> bytes:
    head = 'Content-Disposition: form-data; name="note'
    return (
        f'--x\r\n{head}"\r\n\r\n{text}\r\n--x\r\n{head} of {name}"; filename="to {name} 1.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\n{text}\r\n--x--\r\n"
    ).encode()


async def echo(got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says back what it was told: whole, in events, in an error, or until it dies."""
    body = await read_body(got, reader)
    said = body.decode("utf-8", "replace")
    way = got.target.partition("?")[0].rpartition("/")[2]
    media_type = (got.one("content-type") or "text/plain").encode()
    events = [sse(delta(said[at : at + 5])) for at in range(0, len(said), 5)]
    if way == "fails":
        reply = answer(body, "500 Internal Server Error", extra=f"X-Said: {got.target}\r\n")
    elif way == "breaks":
        reply = b"HTTP/1.1 200 " + body + b"\r\nX y z\r\n\r\n"
    elif way in ("events", "dies"):
        reply = CHUNKS % b"text/event-stream" + b"".join(map(chunk, events))
        reply += chunk(b"") if way == "events" else b"zz\r\n"
    else:
        reply = answer(body, media_type=media_type.decode())
    writer.write(reply)
    await writer.drain()
    if way in ("dies", "breaks"):
        writer.close()


@dataclass
class Told:
    """What was told to whom."""

    statuses: dict[str, int] = field(default_factory=dict)
    upstream: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    log: str = ""
    files: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def _all_is_logged(here: World) -> Iterator[None]:
    names = ("", "uvicorn", "uvicorn.error", "uvicorn.access", "asyncio")
    loggers = [logging.getLogger(name) for name in names]
    before = [(one.handlers[:], one.level, one.propagate) for one in loggers]
    capture_standard_logging(here.router.router.writer, logging.DEBUG)
    for one in loggers:
        one.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
            one.handlers[:], one.propagate = handlers, propagate
            one.setLevel(level)


def _asked(here: World, raw: bytes, told: Told) -> int:
    """The status; what the router itself says is kept."""
    with calling(here, raw) as caller:
        try:
            got = caller.answer()
        except AssertionError:  # the answer was cut, as that of an upstream that died has to be
            return 0
    if got.one("content-type") == "application/problem+json":
        told.refusals.append(f"{got.fields} {got.body!r}")
    return got.status


def _page(url: str, fields: dict[str, str]) -> str:
    got = httpx.get(url, headers=fields)
    assert got.status_code in (200, 401), url
    return f"{got.headers} {got.text}"


def _sent(canary: Canary, mode: str, folder: Path) -> Told:
    told = Told()
    with world(folder, CONFIG.rstrip() + SERVICES.replace("MODE", mode)) as here:
        here.origin.handler = echo
        token = {"authorization": f"Bearer {here.env['ROUTER_ADMIN_TOKEN']}"}
        with _all_is_logged(here):
            for name, raw in doors(canary):
                told.statuses[name] = _asked(here, raw, told)
                for rest in ("/events", "/fails", ""):
                    other = ask(here, request(api("told", rest), body=b'{"a": "<PHONE_NUMBER_1>"}'))
                    told.others.append(f"{other.fields} {other.body!r}")
            got = [httpx.get(here.url + page, headers=token) for page in _PAGES]
        assert {one.status_code for one in got} == {200}
        told.pages = [f"{one.headers} {one.text}" for one in got]
        for one in here.origin.requests:
            told.upstream.append(f"{one.target} {one.fields} {one.body.decode('latin-1')}")
    told.log = here.router.log.getvalue().decode()
    files = [path for path in folder.rglob("*") if path.is_file()]
    told.files = {str(path): path.read_bytes().decode("latin-1") for path in files}
    return told


@pytest.fixture(scope="module", params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def canary() -> Canary:
    return Canary()


@pytest.fixture(scope="module")
def told(mode: str, canary: Canary, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return _sent(canary, mode, tmp_path_factory.mktemp("data"))


def test_the_canary_can_be_heard(canary: Canary) -> None:
    for text in (
        canary.text,
        quote(canary.text),
        canary.text.upper(),
        canary.text.replace(" ", ""),
    ):
        assert len(canary.found(text)) == 4
    assert canary.found("Mail c0ffee@example.org") == []


def test_every_door_was_tried(told: Told, mode: str) -> None:
    if mode in ("restore", "replace"):
        assert {name: told.statuses[name] for name in REFUSED} == REFUSED
        assert told.statuses["string"] == told.statuses["multipart"] == 200
        assert len(told.upstream) > 100
    if mode == "block":
        assert told.statuses["string"] == told.statuses["multipart"] == 422
    assert told.log.count("\n") > 100
    assert told.files


def test_no_upstream_hears_it(told: Told, mode: str, canary: Canary) -> None:
    heard = [one for one in told.upstream if canary.found(one)]
    if mode == "observe":
        assert heard, "it is passed by design"
    else:
        assert heard == []


@pytest.mark.parametrize("where", ["refusals", "others", "pages"])
def test_nobody_else_hears_it(told: Told, where: str, canary: Canary) -> None:
    said = getattr(told, where)
    assert said
    assert [one for one in said if canary.found(one)] == []


def test_it_is_written_nowhere(told: Told, canary: Canary) -> None:
    assert [line for line in told.log.splitlines() if canary.found(line)] == []
    assert [path for path, text in told.files.items() if canary.found(text)] == []
