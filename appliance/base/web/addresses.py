"""Who a client is, as far as its network address tells."""

import ipaddress

_IPV6_NETWORK_BITS = 64


def address_key(host: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 network of an IPv6 one.

    Whoever has one IPv6 address has its whole /64, and could use a new one for every request.
    """
    if ":" not in host:
        return host
    try:
        address = ipaddress.IPv6Address(host.split("%", 1)[0])
    except ValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if address.is_loopback:
        return host
    network = ipaddress.IPv6Network((address, _IPV6_NETWORK_BITS), strict=False)
    return str(network)


def is_loopback(host: str) -> bool:
    """Return whether the address is this computer's own."""
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
