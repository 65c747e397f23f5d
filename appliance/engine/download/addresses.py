"""Which addresses a download may go to: the hub that is set, and where that hub sends it."""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from appliance.engine.download.model import HubError

# Addresses that carry an IPv4 address at their end: of gateways (NAT64), and of old (compatible).
_WITH_IPV4_AT_END = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))

Lookup = Callable[[str], Sequence[str]]
"""Returns the addresses of a host name."""


def addresses_of(host: str) -> list[str]:
    """Return the addresses of a host name, as this computer sees them.

    Raises:
        OSError: If there are none.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return sorted({str(one[4][0]) for one in found})


@dataclass(frozen=True)
class Reach:
    """Where downloads may go.

    Attributes:
        hub_url: Base address of the hub, from the settings.
        lookup: How names become addresses.
    """

    hub_url: str
    lookup: Lookup = addresses_of

    def check(self, url: str) -> None:
        """Check an address that the hub sent us to.

        Raises:
            HubError: If it is not the hub's own and not an https address of the open internet
                (`hub_sent_away`); a hub on the owner's own network may send to that network.
        """
        target, hub = _parts(url), _parts(self.hub_url)
        if _origin(target) == _origin(hub):
            return
        hub_is_near = self._is_near(hub.hostname or "")
        if target.scheme != "https" and not (hub_is_near and target.scheme == "http"):
            raise _sent_away(target, "it is not https")
        if target.username or target.password:
            raise _sent_away(target, "it carries a name or a password")
        if self._is_near(target.hostname or "") and not hub_is_near:
            raise _sent_away(target, "it lies inside this network")

    def check_peer(self, address: str | None) -> None:
        """Check whom we are connected to: a name may mean another address than a moment before.

        Raises:
            HubError: If that is inside this network, and the hub is not.
        """
        hub = _parts(self.hub_url)
        if address and is_near(address) and not self._is_near(hub.hostname or ""):
            raise _sent_away(hub, "its name leads inside this network")

    def _is_near(self, host: str) -> bool:
        try:
            addresses = self.lookup(host)
        except OSError as error:
            raise HubError(
                f"The name {host[:100]!r} is not known to this network.",
                code="hub_unreachable",
                hint="Check the box's connection to the internet.",
            ) from error
        return any(map(is_near, addresses))


def is_near(address: str) -> bool:
    """Return whether an address belongs to this computer or its network, not to the internet."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local:
            return True
        ip = _ipv4_in(ip) or ip
    return not ip.is_global or ip.is_multicast


def _ipv4_in(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that this one stands for, by any of the ways to write one."""
    if any(ip in network for network in _WITH_IPV4_AT_END):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise HubError("The hub sent an address that is none.", code="hub_sent_away") from error
    if not parts.hostname:
        raise HubError("The hub sent an address without a host.", code="hub_sent_away")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _sent_away(target: SplitResult, why: str) -> HubError:
    return HubError(
        f"The hub sent the download to {str(target.hostname)[:100]!r}, where Nodo does not go: {why}.",
        code="hub_sent_away",
        hint="Check the setting hf_url, and who answers there.",
    )
