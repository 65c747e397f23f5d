import pytest

from appliance.base.errors import ApplianceError
from appliance.engine.download.addresses import Reach, is_near

HUB = "https://huggingface.co"
NAMES = {
    "huggingface.co": ["18.164.174.55"],
    "cdn.example": ["1.1.1.1", "2606:4700::1111"],
    "inside.example": ["1.1.1.1", "10.0.0.7"],
    "mirror.lan": ["192.168.1.20"],
}


def reach(hub_url: str = HUB) -> Reach:
    return Reach(hub_url, lambda host: NAMES.get(host, [host]))


@pytest.mark.parametrize("url", ["https://cdn.example/x?sig=1", "https://huggingface.co/x"])
def test_the_hub_may_send_to_https_addresses_of_the_internet(url: str):
    reach().check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example/x", "https://inside.example/", "https://127.0.0.1/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
        "http://huggingface.co/x", "https://10.1.2.3:443/", "gopher://cdn.example/", "https://100.64.0.1/",
        "https://user:word@cdn.example/", "https://[fe80::1]/", "https://:99999/", "https://cdn.example:x/", "//",
    ],
)  # fmt: skip
def test_the_hub_may_not_send_anywhere_else(url: str):
    with pytest.raises(ApplianceError) as refusal:
        reach().check(url)

    assert refusal.value.code == "hub_sent_away"


@pytest.mark.parametrize("url", ["http://192.168.1.21:9000/x", "http://mirror.lan/y"])
def test_a_mirror_in_this_network_may_send_to_this_network(url: str):
    reach("http://mirror.lan").check(url)


def test_a_name_that_means_another_address_a_moment_later_is_noticed():
    with pytest.raises(ApplianceError):
        reach().check_peer("127.0.0.1")
    reach().check_peer("18.164.174.55")
    reach("http://mirror.lan").check_peer("192.168.1.20")


@pytest.mark.parametrize(
    ("address", "near"),
    [("8.8.8.8", False), ("fe80::1%eth0", True), ("224.0.0.1", True), ("::1", True), ("::", True),
     ("64:ff9b::808:808", False), ("64:ff9b::a00:1", True), ("2002:c0a8:1::", True),
     ("::127.0.0.1", True), ("::ffff:10.0.0.1", True), ("fec0::1", True),
     ("2606:4700::1111", False)],
)  # fmt: skip
def test_addresses_of_this_network_are_known(address: str, *, near: bool):
    assert is_near(address) is near
