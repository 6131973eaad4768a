"""What people say stays found, and what programs write is left, by what stands around it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.privacy.anchors import plain_digits
from router.privacy.find.edges import opening, plain_signs
from router.privacy.find.finder import Finder
from router.privacy.find.judge.judge import Judge
from router.privacy.kinds import PRESIDIO
from router.privacy.spans import Span, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    Find = Callable[[str], list[Span]]


_ENTITIES = sorted(PRESIDIO.usual)


@pytest.fixture(scope="module")
def find() -> Find:
    finder, judge = Finder(PRESIDIO.usual, 0.35, PRESIDIO), Judge(PRESIDIO.usual)

    def found(text: str) -> list[Span]:
        text = opened(plain_signs(plain_digits(text)))
        judged = (judge.judged(span, text) for span in finder.find(text))
        return resolve(span for span in judged if span is not None)

    return found


def opened(text: str) -> str:
    turns = opening(text)
    while True:
        try:
            next(turns)
        except StopIteration as end:
            return str(end.value)


@pytest.mark.parametrize(
    "text",
    [
        # times, sizes, counts and identifiers, as programs write them
        '{"epoch": 1776168364, "version": "2.6.23"}',
        '{"epoch_ms": 1690249681867, "dur_ms": 346.005}',
        '{"ratio": 0.6694124758731596, "order_id": 7514993017}',
        '{"trace_id": "c751d11bb5aa90348ece2780941d30a0"}',
        "created=1795376192&size=4345298944",
        "started 1730345392 pid 1671234567",
        "checkpoint saved 4155550134 bytes",
        "ticket 4155550134, order number 4155550134",
        "IllegalStateException: 7718614679 != 1966039669",
        "-rw-r--r-- 1 root root 4155550134 Nov 23 10:30 a.tar",
        "ts,value,count\n1730345392,0.1,4155550134\n1730345393,0.2,4155550135\n",
        "| bench | total |\n|---|---|\n| sort | 4155550134 |",
        'requests_total{code="200"} 4155550134 1730345392',
        "INSERT INTO t VALUES (9434765919, 'a', 4155550134, 0.4444111122223333);",
        "26e0ca5f-4155550134-4d42",
        "https://git.example.org/issues/12#issuecomment-1302557034",
        # dates, versions, prices, ranges
        "Date: Thu Jul 18 00:36:28 2013 -0700",
        "3.37 - 2010-10-08 - maintenance",
        "from 2024-01-02 10:30 to 2024-02-03 11:45",
        "kernel 3.10.0-862.el7.x86_64 and 16.4.2",
        "49.821.437 people at 1.234.567,89 EUR",
        "ids in the range 60000-64999, pages 123-4567",
        "Boston, MA 02111-1307",
        "chr3:47896159-51909500",
        # checksums that hold by chance
        "commit fb2195558abca0652bd",
        "nonce d3ea0954051d2cfe",
        "EAN 4006381333931",
        # software, not people
        "license: MIT, driver 749507, closes #749507",
        "application/x-x509-ca-ra-cert in public v2",
        "checksum 123456789012, status 912803456",
        # addresses of nobody, versions, code
        "http://127.0.0.1:8000 and '0.0.0.0', `::1`",
        "netmask: '255.255.255.0'",
        "use std::vec; a::b; A::D, list[1::2]",
        "version 1.2.3.4, pycowsay==0.0.0.2, v10.1.2.3, section 2.3.2.4",
        "Chrome/120.0.0.0 Safari/537.36",
        "bump x from 1.2.3.4 to 1.2.3.5",
        "serial cb:2d:80:99:5a:69:52:5b",
        "sha1 aa:bb:cc:dd:ee:ff:00:11:22:33",
        "[.2b81.0020.0002][.fff1.0000.0000]",
        "brd ff:ff:ff:ff:ff:ff",
        "uvx ruff@0.17.6, getty@tty1.service, logo@2x.png",
        "git clone git@github.com:a/b.git",
    ],
)
def test_nothing_is_found_in(find: Find, text: str) -> None:
    assert [(text[span.start : span.end], span.entity) for span in find(text)] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Call (212) 555-0143 now", "(212) 555-0143"),
        ("a 212-555-0143 b", "212-555-0143"),
        ("a 212.555.0143, b", "212.555.0143"),
        ("+1-212-555-0143", "+1-212-555-0143"),
        ("Fax: +41 (0)44 668 18 00", "+41 (0)44 668 18 00"),
        ("ring 020 7946 0958", "020 7946 0958"),
        ("ich bin unter 030 123456 da", "030 123456"),
        ("unter 069/1234567", "069/1234567"),
        ("98765 43210", "98765 43210"),
        ("my mobile is 07700900123", "07700900123"),
        ("2125550143", "2125550143"),
        ("ask for Bob at 2125550143.", "2125550143"),
        ("2125550143 is my mobile", "2125550143"),
        ("Mein Handy: 030123456", "030123456"),
        ("Zadzwoń pod 2125550143", "2125550143"),
        ('{"user_phone": "2125550143", "id": 7}', "2125550143"),
        ('{"contact": {"value": "2125550143"}}', "2125550143"),
        ("id,phone\n1001,2125550143\n1002,\n", "2125550143"),
        ("Ann Lee,2125550143,ann@example.org", "2125550143"),
        ("https://wa.me/12125550143", "12125550143"),
        ("Best,\nAnn\n2125550143\nLeeds", "2125550143"),
    ],
)
def test_telephones_stay(find: Find, text: str, value: str) -> None:
    assert ("PHONE_NUMBER", value) in {
        (span.entity, text[span.start : span.end]) for span in find(text)
    }


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("pay with 4111111111111111 please", "CREDIT_CARD"),
        ('{"value": "4111 1111 1111 1111"}', "CREDIT_CARD"),
        ("bank account 123456789012", "US_BANK_NUMBER"),
        ('{"passport": {"number": "912803456"}}', "US_PASSPORT"),
        ("my driver's license number is 6940579", "US_DRIVER_LICENSE"),
        ("DEA number AB1234563", "MEDICAL_LICENSE"),
        ("prescriber ab1234563", "MEDICAL_LICENSE"),
        ("NHS 943 476 5919", "UK_NHS"),
        ("patient 9434765919 was seen", "UK_NHS"),
        ("ssn: 536904399", "US_SSN"),
        ("536-90-4399", "US_SSN"),
        ("taxpayer 912-70-1234", "US_ITIN"),
        ("X-Forwarded-For=203.0.113.7", "IP_ADDRESS"),
        ("10.1.2.3-10.1.2.9", "IP_ADDRESS"),
        ("203.0.113.7 - - [10/Oct/2026:13:55:36] GET /", "IP_ADDRESS"),
        ("logged in from 8.8.4.4", "IP_ADDRESS"),
        ("[2001:db8::8a2e:370:7334]:443", "IP_ADDRESS"),
        ("ether 00:1b:44:11:3a:b7 txqueuelen", "MAC_ADDRESS"),
        ("bob.lee@mail.corp.local", "EMAIL_ADDRESS"),
    ],
)
def test_values_stay(find: Find, text: str, entity: str) -> None:
    assert entity in {span.entity for span in find(text)}


def test_a_telephone_that_passes_for_a_health_number_is_a_telephone(find: Find) -> None:
    assert [span.entity for span in find("call 943 476 5919 now")] == ["PHONE_NUMBER"]
    assert [span.entity for span in find("+1-555-777-8888")] == ["PHONE_NUMBER"]
    assert [span.entity for span in find("nhs number 943 476 5919")] == ["UK_NHS"]


def test_only_what_is_asked_for_is_named() -> None:
    nhs = Span(0, 12, "UK_NHS", 1.0)
    kept = Judge(["UK_NHS"]).judged(nhs, "943 476 5919")
    assert kept is not None
    assert kept.entity == "UK_NHS"


def test_entities_that_it_knows_nothing_of_pass() -> None:
    other = Span(0, 4, "SOMETHING", 0.5)
    assert Judge([]).judged(other, "text") == other


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("user_4111111111111111", "4111111111111111"),
        ("4111111111111111_old", "4111111111111111"),
        ("card4111111111111111", "4111111111111111"),
        ("卡4111111111111111号", "4111111111111111"),
        ("4111\u00a01111\u00a01111\u00a01111", "4111\u00a01111\u00a01111\u00a01111"),
        ("4111\t1111\t1111\t1111", "4111\t1111\t1111\t1111"),
        ("4111.1111.1111.1111", "4111.1111.1111.1111"),
        ("536\u201390\u20134399", "536\u201390\u20134399"),
        ("ssn_536-90-4399", "536-90-4399"),
        ("passport_912803456", "912803456"),
        ("license_A1234567", "A1234567"),
        ("IPは10.1.2.3です", "10.1.2.3"),
        ("ip_10.1.2.3", "10.1.2.3"),
        ("host 2001:db8::1: no route", "2001:db8::1"),
        ("ip:2001:db8::1", "2001:db8::1"),
        ("mac_00:1b:44:11:3a:b7", "00:1b:44:11:3a:b7"),
        ("bob\uff20example.org", "bob\uff20example.org"),
        ("bob_1990123456@example.org", "bob_1990123456@example.org"),
    ],
)
def test_values_are_found_at_edges_that_the_recognisers_refuse(
    find: Find, text: str, value: str
) -> None:
    assert [text[span.start : span.end] for span in find(text)] == [value]


@given(st.text("ab_卡1234567890.:-@ \t\u00a0\u2013", max_size=80))
def test_making_room_keeps_every_character_but_signs_at_its_place(text: str) -> None:
    room = opened(plain_signs(text))
    assert len(room) == len(text)
    kept = [(a, b) for a, b in zip(text, room, strict=True) if a != b]
    assert all(b in " -" and not a.isdigit() for a, b in kept)


@settings(deadline=None)
@given(st.text("12345 -.:/,_@\"'={}\nabcphone", max_size=60), st.sampled_from(_ENTITIES))
def test_nothing_grows_where_it_is_judged(text: str, entity: str) -> None:
    judge = Judge(_ENTITIES)
    for at in range(len(text) - 10):
        span = Span(at, at + 10, entity, 0.4)
        kept = judge.judged(span, text)
        assert kept is None or kept[:2] == span[:2]


def test_a_value_over_the_edge_of_a_slice_is_seen_whole() -> None:
    for lead in range(16 << 10, (16 << 10) - 24, -1):
        text = "." * (lead - 1) + "_4111111111111111_ "
        assert opened(text) == "." * (lead - 1) + " 4111111111111111  "


@pytest.mark.parametrize("piece", ["1234567890,", "_1", "::", "a:", "1.", "\n", "1:", "卡1", "1\t"])
def test_hostile_texts_take_a_bounded_time(piece: str) -> None:
    text = (piece * 8192)[:8192]
    found = [Span(at, at + 10, "PHONE_NUMBER", 0.4) for at in range(0, 8000, 8)]
    begun = time.thread_time()
    opened(plain_signs(text))
    for span in found:
        Judge(["PHONE_NUMBER"]).judged(span, text)
    assert time.thread_time() - begun < 0.1  # some 15 ms


@pytest.mark.parametrize(
    "text",
    [
        "account 67174997-acd7-456d-b9de-1f0e2d3c4b5a",
        "account acd7b9de-67174997",
        "account_id = 323853508",
        '{"account_id": 323853508}',
        '{"accountId": "323853508"}',
        "bank account id 323853508",
    ],
)
def test_what_programs_call_an_account_by_is_no_bank_number(find: Find, text: str) -> None:
    assert [span.entity for span in find(text)] == []


@pytest.mark.parametrize(
    "word",
    ["batch", "record", "Vertrag Nr.", "zamówienie nr", "encomenda", "paquete", "Contract nr"],
)
def test_numbers_of_goods_and_contracts_are_no_telephones(find: Find, word: str) -> None:
    assert find(f"{word} 2125550143") == []
    assert [span.entity for span in find("Telefon Nr. 2125550143")] == ["PHONE_NUMBER"]
