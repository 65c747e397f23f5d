"""Client addresses: what counts as one client."""

import pytest

from appliance.base.web.addresses import address_key, is_loopback


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("::1", "::1"),
        ("not an address", "not an address"),
        (":odd:", ":odd:"),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(host: str, key: str) -> None:
    assert address_key(host) == key


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.7", False),
        ("2001:db8::1", False),
        ("", False),
    ],
)
def test_loopback_is_this_computer(host: str, *, is_own: bool) -> None:
    assert is_loopback(host) is is_own
