"""Host names: what a door answers to, and which tricks it refuses."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from appliance.base.web.hosts import HostLayer, canonical_hosts, host_name

_ALLOWED = ("127.0.0.1", "localhost", "[::1]", "nodo.local")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b"127.0.0.1", "127.0.0.1"),
        (b"127.0.0.1:8001", "127.0.0.1"),
        (b"LocalHost:8001", "localhost"),
        (b"localhost.", "localhost"),
        (b"localhost.:8001", "localhost"),
        (b"[::1]:8001", "[::1]"),
        (b"[0:0:0:0:0:0:0:1]", "[::1]"),
        (b"evil.example", "evil.example"),
    ],
)
def test_a_host_is_a_name_in_lower_case_without_port_and_dot(header: bytes, name: str) -> None:
    assert host_name([header]) == name


@pytest.mark.parametrize(
    "values",
    [
        [],
        [b""],
        [b"localhost", b"localhost"],
        [b"localhost, evil.example"],
        [b"evil@localhost"],
        [b"localhost@evil.example"],
        [b"localhost:80:80"],
        [b"localhost:"],
        [b"localhost:0"],
        [b"localhost:99999"],
        [b"localhost:8a"],
        [b"localhost/dashboard/?"],
        [b"localhost#"],
        [b"localhost\\evil"],
        [b" localhost"],
        [b"local host"],
        [b"localhost\x00"],
        [b"localhost\r\nX-Evil: 1"],
        [b"localhost.."],
        [b"%6cocalhost"],
        [b"[::1"],
        [b"::1"],
        [b"[::1%25eth0]"],
        [b"[::zz]"],
        ["localhost\u0131".encode()],
        [b"a" * 300],
    ],
)
def test_a_malformed_or_ambiguous_host_has_no_name_on_the_list(values: list[bytes]) -> None:
    assert host_name(values) not in canonical_hosts(_ALLOWED)


@given(st.lists(st.binary(max_size=40), max_size=3))
def test_whatever_comes_is_either_a_plain_name_or_refused(values: list[bytes]) -> None:
    name = host_name(values)

    assert name is None or not set(name) & set("/@\\#?, \t\r\n\x00%")


@given(st.sampled_from(["127.0.0.1", "localhost", "[::1]"]), st.integers(1, 65535))
def test_every_port_of_an_allowed_name_is_allowed(name: str, port: int) -> None:
    assert host_name([f"{name}:{port}".encode()]) in canonical_hosts(_ALLOWED)


@pytest.mark.parametrize("name", ["http://localhost", "localhost:80", "", "a b", "::zz"])
def test_a_malformed_name_on_the_list_is_refused_at_start(name: str) -> None:
    with pytest.raises(ValueError, match="not a host name"):
        canonical_hosts([name])


def test_addresses_may_be_listed_with_or_without_brackets() -> None:
    assert canonical_hosts(["::1", "[FE80::1]", "NODO.local"]) == {
        "[::1]",
        "[fe80::1]",
        "nodo.local",
    }


async def test_a_request_under_a_foreign_name_is_misdirected() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("the application was reached")

    transport = httpx.ASGITransport(app=HostLayer(app, _ALLOWED))
    async with httpx.AsyncClient(transport=transport, base_url="http://evil.example") as client:
        answer = await client.get("/health")

    assert (answer.status_code, answer.json()["code"]) == (421, "host_refused")
