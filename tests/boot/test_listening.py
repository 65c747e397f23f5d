import pytest

from appliance.base.errors import SettingError
from appliance.base.web.doors import LOOPBACK_HOSTS
from appliance.base.web.hosts import canonical_hosts
from appliance.boot.listening import (
    answered_hosts,
    host_in_address,
    is_reached_from_outside,
    refuse_unclaimed,
)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "fe80::1", "8.8.8.8"])
def test_an_address_that_others_can_reach_is_refused_while_there_is_no_owner(host: str) -> None:
    assert is_reached_from_outside(host)
    with pytest.raises(SettingError, match="no owner yet") as refused:
        refuse_unclaimed(host)

    assert host in refused.value.message
    assert "NODO_ADMIN_EMAIL" in refused.value.hint


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "nosuch.invalid"])
def test_this_computers_own_addresses_need_no_owner(host: str) -> None:
    refuse_unclaimed(host)


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("::1", "[::1]"),
        ("192.168.1.5", "192.168.1.5"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("fe80::1%eth0", "[fe80::1]"),
    ],
)
def test_the_address_that_is_shown_is_one_that_the_door_answers_to(host: str, written: str) -> None:
    assert host_in_address(host) == written
    assert canonical_hosts([written]) <= canonical_hosts(answered_hosts(host))


def test_listening_everywhere_makes_no_new_name_known() -> None:
    assert answered_hosts("0.0.0.0") == LOOPBACK_HOSTS
