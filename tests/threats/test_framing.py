"""Cases 1-9, 11, 13-19 and 29 of the hostile inputs: messages that two readers end differently.

Each is refused once and the connection closed; what stands behind it is nobody's request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.threats.wire import (
    CHUNKED,
    END,
    GET,
    POST,
    ROUTES,
    SMUGGLED,
    arrivals,
    assert_problem,
    calling,
    refuse,
    until,
)

if TYPE_CHECKING:
    from tests.threats.conftest import Fill
    from tests.world import World

TE = b"Transfer-Encoding: chunked\r\n"
FIVE = b"Content-Length: 5\r\n"
NONE = b"\r\n0\r\n\r\n"

EMPTY = b"Content-Length: 0\r\n\r\n"

LENGTHS = (
    b"+5", b"-5", b"1_0", b"0x5", b"5, 5", b"5,5", b"5 5", b"5;5", b"5.0", b"5e0", b"five",
    b"%35", b'"5"', b"\xd9\xa5", b"\xb2", b"9" * 19, b"9" * 400, b"5\t5", b",5", b"5,",
)  # fmt: skip
CODINGS = (
    b"xchunked", b"chunked, identity", b"identity, chunked", b"identity", b"\x0bchunked",
    b"\x0cchunked", b"chunked\x0b", b"chunked;q=1", b"chunked ;", b",chunked", b"chunked,",
    b"chunked chunked", b'"chunked"', b"'chunked'", b"chunk", b"chunkedx", b"%63hunked",
    b"gzip", b"gzip, chunked", b"x-chunked", b"\xa0chunked", b"chunked\x00",
    b"CHUNKED, Gzip", b"", b",", b"chun\xc2\xadked",
)  # fmt: skip
NAMES = (
    b"A(", b"A B", b"A/B", b"A@B", b'"A"', b"A,B", b"A;B", b"A=B", b"A{}", b"[A]", b"A\\",
    b"\xc3\xa9", b"X-User-\xc4\xb1d", b"A\x00", b"A\x7f", b"\xe2\x80\x8bHost", b"", b"\x00",
    b"X-User-Id\x0b", b"\tA",
)  # fmt: skip

STATUSES = {"5": (400, 501), "18": (400, 505), "29": (400, 414, 501)}
"""By the number of a case; 400 for all others."""

HEADS = {
    # 1: a length and chunks
    "1 length then chunks": POST + b"Content-Length: 6\r\n" + TE + NONE,
    "1 chunks then length": POST + TE + b"Content-Length: 6\r\n" + NONE,
    "1 other letter case": POST + b"content-LENGTH: 6\r\nTRANSFER-encoding: CHUNKED\r\n" + NONE,
    "1 length of zero": POST + b"Content-Length: 0\r\n" + TE + NONE,
    "1 chunks named in Connection": POST
    + b"Connection: Transfer-Encoding\r\nContent-Length: 6\r\n"
    + TE
    + NONE,
    "1 length named in Connection": POST
    + b"Connection: content-length\r\nContent-Length: 6\r\n"
    + TE
    + NONE,
    "1 smuggled as the chunked rest": POST
    + b"Content-Length: 4\r\n"
    + TE
    + b"\r\n5c\r\n"
    + SMUGGLED
    + END,
    "1 on a GET": GET + b"Content-Length: 6\r\n" + TE + NONE,
    "1 length and an unknown coding": POST + FIVE + b"Transfer-Encoding: gzip\r\n\r\nhello",
    # 2: two lengths
    "2 two differing": POST + b"Content-Length: 6\r\nContent-Length: 5\r\n\r\nabcdef",
    "2 in two letter cases": POST + b"Content-Length: 5\r\ncontent-length: 0\r\n\r\nhello",
    "2 the same twice": POST + FIVE + b"A: b\r\n" + FIVE + b"\r\nhello",
    "2 three": POST + FIVE * 3 + b"\r\nhello",
    "2 empty and good": POST + b"Content-Length:\r\n" + FIVE + b"\r\nhello",
    "2 on a GET": GET + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
    # 3: a length that is no number
    **{
        f"3 {value!r}"[:40]: POST + b"Content-Length: " + value + b"\r\n\r\nabcdefghij"
        for value in LENGTHS
    },
    # 4: an empty length
    "4 empty": POST + b"Content-Length:\r\n\r\n",
    "4 blanks": POST + b"Content-Length: \t \r\n\r\n",
    "4 empty, letter case": POST + b"CONTENT-LENGTH:\r\n\r\n",
    "4 empty on a GET": GET + b"Content-Length: \r\n\r\n",
    "4 empty beside chunks": POST + b"Content-Length:\r\n" + TE + NONE,
    # 5: transfer codings that some read as chunked
    **{f"5 {value!r}": POST + b"Transfer-Encoding: " + value + b"\r\n" + NONE for value in CODINGS},
    # 6: chunked twice
    "6 two lines": POST + TE + TE + NONE,
    "6 two letter cases": POST + TE + b"TRANSFER-ENCODING: Chunked\r\n" + NONE,
    "6 a list": POST + b"Transfer-Encoding: chunked, chunked\r\n" + NONE,
    "6 identity first": POST + b"Transfer-Encoding: identity\r\n" + TE + NONE,
    "6 empty second": POST + TE + b"Transfer-Encoding:\r\n" + NONE,
    "6 on a GET": GET + TE + TE + NONE,
    # 7: chunks in HTTP/1.0
    "7 chunks": b"POST <P> HTTP/1.0\r\n<H>" + TE + NONE,
    "7 kept alive": b"POST <P> HTTP/1.0\r\n<H>Connection: keep-alive\r\n" + TE + NONE,
    "7 with a length": b"POST <P> HTTP/1.0\r\n<H>Content-Length: 5\r\n" + TE + NONE,
    "7 letter case": b"POST <P> HTTP/1.0\r\n<H>transfer-encoding: Chunked\r\n" + NONE,
    "7 named": b"POST <P> HTTP/1.0\r\n<H>Connection: keep-alive, transfer-encoding\r\n" + TE + NONE,
    "7 identity": b"POST <P> HTTP/1.0\r\n<H>Transfer-Encoding: identity\r\n\r\n",
    # 13: folded lines
    "13 folded value": GET + b"A: b\r\n c\r\n\r\n",
    "13 folded by a tab": GET + b"A: b\r\n\tc\r\n\r\n",
    "13 folded length": POST + b"Content-Length:\r\n 5\r\n\r\nhello",
    "13 folded coding": POST + b"Transfer-Encoding:\r\n\tchunked\r\n" + NONE,
    "13 folded first line": b"GET <P> HTTP/1.1\r\n Host: router\r\n\r\n",
    "13 a fold that looks like a field": GET + b"A: b\r\n Content-Length: 5\r\n\r\nhello",
    "13 empty fold": GET + b"A: b\r\n \r\n\r\n",
    # 14: a blank before the colon
    "14 length": POST + b"Content-Length : 5\r\n\r\nhello",
    "14 length by a tab": POST + b"Content-Length\t: 5\r\n\r\nhello",
    "14 coding": POST + b"Transfer-Encoding : chunked\r\n" + NONE,
    "14 host": b"GET <P> HTTP/1.1\r\nHost : router\r\n\r\n",
    "14 beside a good length": POST + FIVE + b"Content-Length : 50\r\n\r\nhello",
    "14 before the name": POST + b" Content-Length: 5\r\n\r\nhello",
    # 15: what ends or cuts a value elsewhere
    **{
        f"15 {byte!r} in {name.decode()}": POST + name + b": a" + byte + b"b\r\n" + EMPTY
        for byte in (b"\x00", b"\r", b"\n", b"\x0b", b"\x0c", b"\x1b", b"\x7f", b"\x01")
        for name in (b"A", b"X-User-Id", b"Content-Type")
    },
    "15 LF hides a field": POST + b"A: b\nX-User-Id: root\r\nContent-Length: 0\r\n\r\n",
    "15 CR hides a field": POST + b"A: b\rX-User-Id: root\r\nContent-Length: 0\r\n\r\n",
    "15 LF hides a length": POST + b"A: b\nContent-Length: 5\r\n\r\nhello",
    "15 LF LF hides a request": POST + b"A: b\n\n" + SMUGGLED,
    "15 NUL in Host": b"POST <P> HTTP/1.1\r\nHost: router\x00.evil\r\n\r\n",
    "15 NUL ends a length": POST + b"Content-Length: 5\x000\r\n\r\nhello",
    # 16: names that are no token
    **{f"16 {name!r}": POST + name + b": b\r\nContent-Length: 0\r\n\r\n" for name in NAMES},
    "16 no colon": POST + b"nonsense\r\nContent-Length: 0\r\n\r\n",
    # 17: a bare CR as line end; a bare LF is no better
    "17 CR for every end": b"GET <P> HTTP/1.1\rHost: router\r\r",
    "17 CR behind the line": b"GET <P> HTTP/1.1\rHost: router\r\n\r\n",
    "17 CR behind a field": GET + b"A: b\rB: c\r\n\r\n",
    "17 CR for the empty line": GET + b"\r\r\n\r\n",
    "17 CR CR LF": GET + b"A: b\r\r\n\r\n",
    "17 CR before the line": b"\r" + GET + b"\r\n",
    "17 LF for every end": b"GET <P> HTTP/1.1\nHost: router\n\n",
    "17 LF for the empty line": GET + b"A: b\r\n\n",
    "17 LF before the line": b"\n" + GET + b"\r\n",
    # 18: other protocols
    "18 HTTP/0.9 line": b"GET <P>\r\n",
    "18 HTTP/0.9 named": b"GET <P> HTTP/0.9\r\n<H>\r\n",
    "18 HTTP/1.32": b"GET <P> HTTP/1.32\r\n<H>\r\n",
    "18 HTTP/1.2": b"GET <P> HTTP/1.2\r\n<H>\r\n",
    "18 HTTP/2.0": b"GET <P> HTTP/2.0\r\n<H>\r\n",
    "18 HTTP/3.0": b"GET <P> HTTP/3.0\r\n<H>\r\n",
    "18 HTTP/1": b"GET <P> HTTP/1\r\n<H>\r\n",
    "18 HTTP/01.1": b"GET <P> HTTP/01.1\r\n<H>\r\n",
    "18 HTTP/1,1": b"GET <P> HTTP/1,1\r\n<H>\r\n",
    "18 lower case": b"GET <P> http/1.1\r\n<H>\r\n",
    "18 another protocol": b"GET <P> RTSP/1.0\r\n<H>\r\n",
    "18 blank behind it": b"GET <P> HTTP/1.1 \r\n<H>\r\n",
    "18 H2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "18 TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    # 29: methods that are none
    "29 100 KB": b"A" * 102400 + b" <P> HTTP/1.1\r\n<H>\r\n",
    "29 100 KB without end": b"A" * 102400,
    "29 separators": b'G=":<> <P> HTTP/1.1\r\n<H>\r\n',
    "29 lower bytes": b"G\x01T <P> HTTP/1.1\r\n<H>\r\n",
    "29 not ASCII": b"G\xc3\x89T <P> HTTP/1.1\r\n<H>\r\n",
    "29 empty": b" <P> HTTP/1.1\r\n<H>\r\n",
    "29 a tab behind": b"GET\t<P> HTTP/1.1\r\n<H>\r\n",
    "29 33 letters": b"A" * 33 + b" <P> HTTP/1.1\r\n<H>\r\n",
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("case", HEADS)
def test_an_ambiguous_head_is_refused_and_closed(
    here: World, fill: Fill, case: str, route: str
) -> None:
    statuses = STATUSES.get(case.split(" ", maxsplit=1)[0], (400,))
    refuse(here, fill(HEADS[case], route), *statuses)


SPELLINGS = (
    "Content_Length",
    "content_length",
    "Content%2DLength",
    "Content.Length",
    "X-Content-Length",
)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", SPELLINGS)
def test_1_another_spelling_frames_nothing_and_goes_no_further(
    here: World, fill: Fill, name: str, route: str
) -> None:
    """Neither here nor at an upstream that takes ``_`` for ``-``."""
    other = name.replace("ontent", "ransfer").replace("ength", "ncoding")
    pairs = ((f"{name}: 2\r\n".encode() + TE, b"\r\n5\r\nhello" + END),
             (f"{other}: chunked\r\n".encode() + FIVE, b"\r\nhello"))  # fmt: skip
    for fields, body in pairs:
        with arrivals(here) as reached, calling(here, fill(POST + fields, route) + body) as caller:
            assert caller.answer().status == 200
        assert [(one.body, one.complete) for one in reached] == [(b"hello", True)]
        framing = {"content-length", "transfer-encoding"}
        told = [one.lower().replace("_", "-") for one, _ in reached[0].fields]
        assert len([one for one in told if one in framing or "%" in one or "." in one]) == 1


CHUNKS: dict[str, bytes] = {
    # 8: a bare LF or CR ends the size
    "8 LF behind the size": b"5\nhello" + END,
    "8 CR behind the size": b"5\rhello" + END,
    "8 LF behind an extension": b"5;a=b\nhello" + END,
    "8 LF behind the data": b"5\r\nhello\n0\r\n\r\n",
    "8 CR behind the data": b"5\r\nhello\r0\r\n\r\n",
    "8 LF behind the last size": b"5\r\nhello\r\n0\n\r\n",
    "8 LF behind the trailers": b"5\r\nhello\r\n0\r\n\n",
    "8 LF LF": b"5\n\nhello" + END,
    # 9: line ends within an extension
    "9 LF": b"5;a\nb\r\nhello" + END,
    "9 CR": b"5;a\rb\r\nhello" + END,
    "9 LF in quotes": b'5;a="\n"\r\nhello' + END,
    "9 CR at the end": b"5;a\r\r\nhello" + END,
    "9 LF at the end": b"5;a\n\r\nhello" + END,
    "9 NUL": b"5;a\x00\r\nhello" + END,
    "9 a request behind LF": b"5c;\n" + SMUGGLED + END,
    # 11: sizes that are none
    "11 too large": b"FFFFFFFFFFFFFFFFF\r\n",
    "11 wraps to five": b"10000000000000005\r\nhello" + END,
    "11 negative": b"-1\r\n",
    "11 positive": b"+5\r\nhello" + END,
    "11 underscore": b"0_2e\r\n",
    "11 blank behind": b"5 \r\nhello" + END,
    "11 tab behind": b"5\t\r\nhello" + END,
    "11 blank before": b" 5\r\nhello" + END,
    "11 blank before an extension": b"5 ;a\r\nhello" + END,
    "11 hexadecimal prefix": b"0x5\r\nhello" + END,
    "11 suffix": b"5h\r\nhello" + END,
    "11 empty": b"\r\nhello" + END,
    "11 only an extension": b";a\r\nhello" + END,
    "11 other digits": b"\xef\xbc\x95\r\nhello" + END,
    "11 encoded": b"%35\r\nhello" + END,
    "11 decimal": b"5.0\r\nhello" + END,
    "11 data longer": b"4\r\nhello" + END,
    "11 data shorter": b"6\r\nhello" + END,
    "11 NUL": b"5\x00\r\nhello" + END,
    # 13-16 once more: trailers are fields too
    "13 folded trailer": b"5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n",
    "14 blank in a trailer": b"5\r\nhello\r\n0\r\nA : b\r\n\r\n",
    "15 NUL in a trailer": b"5\r\nhello\r\n0\r\nA: b\x00\r\n\r\n",
    "15 LF in a trailer": b"5\r\nhello\r\n0\r\nA: b\nC: d\r\n\r\n",
    "16 no trailer": b"5\r\nhello\r\n0\r\nnonsense\r\n\r\n",
}


@pytest.mark.parametrize("route", [*ROUTES, "private"])
@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_malformed_chunks_are_refused_and_closed(
    here: World, fill: Fill, chunks: bytes, route: str
) -> None:
    refuse(here, fill(CHUNKED + chunks, route), 400)


@pytest.mark.parametrize("route", [*ROUTES, "private"])
@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_malformed_chunks_behind_good_ones_leave_a_body_cut_short(
    here: World, fill: Fill, chunks: bytes, route: str
) -> None:
    """The upstream already has the good ones: it must see that more was to come."""
    before = len(here.origin.requests)
    with arrivals(here) as reached, calling(here, fill(CHUNKED + b"3\r\nabc\r\n", route)) as caller:
        if route != "private":
            until(lambda: len(here.origin.requests) > before)
        caller.send(chunks + SMUGGLED)
        told = caller.answer()
        assert_problem(told, 400)
        assert told.closes
        assert caller.ended()
    assert len(reached) == (route != "private")
    assert not [one for one in reached if one.complete]


@pytest.mark.parametrize("route", ROUTES)
def test_19_what_comes_later_on_an_ambiguous_connection_is_never_forwarded(
    here: World, fill: Fill, route: str
) -> None:
    raw = fill(POST + b"Content-Length: 6\r\n" + TE + NONE, route)
    with arrivals(here) as reached, calling(here, raw) as caller:
        assert_problem(caller.answer(), 400)
        caller.send(SMUGGLED)
        assert caller.ended()
    assert reached == []


@pytest.mark.parametrize("route", ROUTES)
def test_19_a_good_request_before_an_ambiguous_one_is_served_and_nothing_else(
    here: World, fill: Fill, route: str
) -> None:
    good = fill(POST + b"Content-Length: 2\r\n\r\nhi", route, "/good")
    bad = fill(POST + b"Content-Length: 6\r\n" + TE + NONE, route, "/bad")
    with arrivals(here) as reached, calling(here, good + bad + SMUGGLED) as caller:
        assert caller.answer().status == 200
        assert_problem(caller.answer(), 400)
        assert caller.ended()
    assert [(one.target[-5:], one.body, one.complete) for one in reached] == [
        ("/good", b"hi", True)
    ]
