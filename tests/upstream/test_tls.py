"""TLS towards upstreams is verified, and a truncation attack is noticed."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from router.errors import UpstreamError
from router.upstream.bounds import Timeouts
from router.upstream.target import Target
from router.upstream.tls import tls_context
from router.upstream.upstream import Upstream
from tests.upstream.conftest import OriginFactory, UpstreamFactory, get, post, whole
from tests.upstream.origin import OK, Peer, forever
from tests.upstream.test_request_body import Pieces

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> ssl.SSLContext:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tls_context(ca=str(tmp_path / "ca.pem"))


def server(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("localhost",))).configure_cert(context)
    return context


async def test_a_verified_exchange(
    origin: OriginFactory,
    upstream: UpstreamFactory,
    authority: trustme.CA,
    trusted: ssl.SSLContext,
) -> None:
    names: list[str | None] = []
    context = server(authority)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    served = await origin(forever, ssl=context)
    up = await upstream(served, tls=trusted)
    assert await whole(await get(up)) == b"hi"
    assert await whole(await post(up, b"y" * 300_000)) == b"hi"
    assert await whole(await post(up, Pieces([b"x"] * 3))) == b"hi"
    assert names == ["localhost"]
    assert len(served.peers) == 1


async def test_an_authority_nobody_trusts(
    origin: OriginFactory, upstream: UpstreamFactory, trusted: ssl.SSLContext
) -> None:
    up = await upstream(await origin(forever, ssl=server(trustme.CA())), tls=trusted)
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert (caught.value.status, caught.value.proxy_error) == (502, "tls_certificate_error")
    assert "localhost" not in caught.value.detail


async def test_a_certificate_of_another_name(
    origin: OriginFactory,
    upstream: UpstreamFactory,
    authority: trustme.CA,
    trusted: ssl.SSLContext,
) -> None:
    up = await upstream(await origin(forever, ssl=server(authority, "elsewhere.test")), tls=trusted)
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert caught.value.proxy_error == "tls_certificate_error"


async def test_a_server_that_speaks_no_tls(
    origin: OriginFactory, upstream: UpstreamFactory, trusted: ssl.SSLContext
) -> None:
    async def play(peer: Peer) -> None:
        await peer.reader.read(1)
        await peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    served = await origin(play)
    up = await upstream(served.url.replace("http", "https"), tls=trusted)
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert (caught.value.status, caught.value.proxy_error) == (502, "tls_protocol_error")


async def test_a_handshake_that_hangs_or_is_cancelled_leaves_nothing(
    origin: OriginFactory, upstream: UpstreamFactory, trusted: ssl.SSLContext
) -> None:
    async def play(peer: Peer) -> None:
        await peer.left()

    served = await origin(play)
    up = await upstream(
        served.url.replace("http", "https"), tls=trusted, timeouts=Timeouts(connect=0.1)
    )
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(get(up), 1)
    assert (caught.value.status, caught.value.proxy_error) == (504, "connection_timeout")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(get(up), 0.03)
    for peer in served.peers:
        await asyncio.wait_for(peer.gone.wait(), 0.5)
    assert len(served.peers) == 2
    assert up.targets[0].busy == 0


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n\r\nsome",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsome",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nsome\r\n",
    ],
)
async def test_an_end_without_close_notify_is_a_truncation(
    origin: OriginFactory,
    upstream: UpstreamFactory,
    authority: trustme.CA,
    trusted: ssl.SSLContext,
    said: bytes,
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.say(said)
        await taken.wait()
        peer.writer.transport.abort()  # TCP's FIN, without TLS's close_notify

    taken = asyncio.Event()
    up = await upstream(await origin(play, ssl=server(authority)), tls=trusted)
    response = await get(up)
    assert await response.read() == b"some"
    taken.set()
    with pytest.raises(UpstreamError) as caught:
        await response.read()
    assert caught.value.proxy_error == "http_response_incomplete"
    response.release()


async def test_an_end_with_close_notify_ends_the_body(
    origin: OriginFactory,
    upstream: UpstreamFactory,
    authority: trustme.CA,
    trusted: ssl.SSLContext,
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\n\r\nsome")

    up = await upstream(await origin(play, ssl=server(authority)), tls=trusted)
    assert await whole(await get(up)) == b"some"


@pytest.mark.parametrize("announced", [True, False])
async def test_an_end_behind_a_slow_reader_loses_nothing(
    origin: OriginFactory,
    upstream: UpstreamFactory,
    authority: trustme.CA,
    trusted: ssl.SSLContext,
    *,
    announced: bool,
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        framing = b"" if announced else b"content-length: %d\r\n" % size
        peer.writer.write(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n" + b"x" * size)
        if not announced:
            async with asyncio.timeout(1):
                while peer.writer.transport.get_write_buffer_size():
                    await asyncio.sleep(0.001)
            peer.writer.transport.abort()

    size = 300_000
    served = await origin(play, ssl=server(authority))
    up = await upstream(served, tls=trusted)
    response = await get(up)
    await asyncio.wait_for(served.peers[0].gone.wait(), 1)
    await asyncio.sleep(0.05)
    got = 0
    while piece := await response.read():
        got += len(piece)
        await asyncio.sleep(0.01)
    response.release()
    assert got == size


async def test_our_own_certificate_is_shown(
    origin: OriginFactory, upstream: UpstreamFactory, authority: trustme.CA, tmp_path: Path
) -> None:
    async def play(peer: Peer) -> None:
        subjects.append(peer.writer.get_extra_info("peercert")["subjectAltName"])
        await peer.request()
        await peer.say(OK)

    subjects: list[object] = []
    context = server(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ours = authority.issue_cert("router.test")
    ours.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "ours.pem"))
    tls = tls_context(str(tmp_path / "ca.pem"), str(tmp_path / "ours.pem"))
    up = await upstream(await origin(play, ssl=context), tls=tls)
    assert await whole(await get(up)) == b"hi"
    assert subjects == [(("DNS", "router.test"),)]


def test_verification_cannot_be_switched_off() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    with pytest.raises(ValueError, match="verified"):
        Upstream("x", [Target.parse("https://localhost")], tls=context)
