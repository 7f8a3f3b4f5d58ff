"""IP addresses: how they are written, and which of them are of the public web."""

import contextlib
import ipaddress
import socket

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
"""All that was ever given out; old forms of IPv4 and of sites' own networks lie outside of it."""

_RELAYS = ipaddress.ip_network("192.88.99.0/24")


def read_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text is, None for a name; 127.1 and 2130706433 are some, too."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host)
    with contextlib.suppress(OSError, UnicodeError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return True unless an address is one of the public web, also inside of IPv6's wrappings."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_private(inner)
        return address not in _PUBLIC_V6 or not address.is_global
    return not address.is_global or address.is_multicast or address in _RELAYS
