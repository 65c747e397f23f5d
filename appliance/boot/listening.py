"""What the address means on which the local door listens: who can reach it, and by which name."""

import ipaddress
import socket

from appliance.base.errors import SettingError
from appliance.base.web.doors import LOOPBACK_HOSTS


def refuse_unclaimed(host: str) -> None:
    """Do nothing, unless other devices could reach a box that has no owner yet.

    Args:
        host: As the setting says.

    Raises:
        SettingError: If they could: whoever came first could take the box.
    """
    if is_reached_from_outside(host):
        raise SettingError(
            f"host is {host}, which other devices can reach, and this Nodo has no owner yet",
            hint="Start it with 127.0.0.1 and set it up in the browser first, or name its owner "
            "with NODO_ADMIN_EMAIL and NODO_ADMIN_PASSWORD.",
            setting="host",
        )


def is_reached_from_outside(host: str) -> bool:
    """Return whether listening there lets other devices in; a name that is none does not."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False  # Listening there fails, and says why.
    # A link-local address has its interface after a percent sign.
    addresses = {str(address[0]).partition("%")[0] for *_, address in found}
    return not all(ipaddress.ip_address(address).is_loopback for address in addresses)


def host_in_address(host: str) -> str:
    """Return the host as a browser on this computer has to write it."""
    if host == "::":
        return "[::1]"
    if _is_everywhere(host):
        return "127.0.0.1"
    bare = host.partition("%")[0]
    return f"[{bare}]" if ":" in bare else bare


def answered_hosts(host: str) -> tuple[str, ...]:
    """Return the names in `Host` that the local door answers to."""
    if _is_everywhere(host):
        return LOOPBACK_HOSTS
    return (*LOOPBACK_HOSTS, host_in_address(host))


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
