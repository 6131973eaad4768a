"""An address counts as its network."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.limits.addresses import address_key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "address:203.0.113.7"),
        ("0.0.0.0", "address:0.0.0.0"),
        ("::ffff:203.0.113.7", "address:203.0.113.7"),
        ("::FFFF:CB00:7107", "address:203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "address:2001:db8:1:3::/64"),
        ("::1", "address:::/64"),
        ("fe80::1%eth0", "address:fe80::/64"),
        ("", "address:unknown"),
        ("unix:", "address:unknown"),
        ("203.0.113.7:80", "address:unknown"),
        ("203.0.113.07", "address:unknown"),
        ("203.0.113.256", "address:unknown"),
        ("203.0.113", "address:unknown"),
        ("203.0.113.7.", "address:unknown"),
        ("203.0.113.7\n", "address:unknown"),
        ("٢٠٣.0.113.7", "address:unknown"),
        ("1" * 10000, "address:unknown"),
    ],
)
def test_the_key(address: str, key: str) -> None:
    assert address_key(address) == key


@settings(deadline=None, max_examples=100)
@given(st.ip_addresses(v=4))
def test_ipv4_is_whole(address: object) -> None:
    assert address_key(str(address)) == f"address:{address}"
    assert address_key(f"::ffff:{address}") == f"address:{address}"


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**128 - 1), st.integers(0, 2**64 - 1))
def test_a_whole_64_is_one(number: int, host: int) -> None:
    first = ip_address(number | 1 << 127)
    second = ip_address((int(first) >> 64 << 64) | host)
    assert address_key(str(first)) == address_key(str(second)) == address_key(second.exploded)
