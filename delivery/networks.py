"""Which networks may be called for somebody: explicit tables, because `ipaddress.is_global` is no guard.

Python 3.11's `is_global` lets NAT64, 6to4 and multicast pass. Everything IANA lists as special-purpose
(RFC 6890 and its registries) is here, and with it what clouds keep for themselves.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address


def _networks(*texts: str) -> tuple[Any, ...]:
    return tuple(ip_network(text) for text in texts)


# Where clouds tell a machine its secrets. Nobody may call these, in development neither.
METADATA = _networks(
    "100.100.100.200/32",  # Alibaba Cloud
    "168.63.129.16/32",  # Azure's platform, at an address that looks public
    "169.254.0.0/16",  # link-local: most clouds
    "192.0.0.192/32",  # Oracle Cloud
    "fd00:ec2::/32",  # AWS
    "fd20:ce::/32",  # Google Cloud
)

# Development may call these; nobody else may.
PRIVATE = _networks(
    "10.0.0.0/8",
    "100.64.0.0/10",  # shared address space of carriers (RFC 6598)
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",  # unique local
)

NEVER = _networks(
    "0.0.0.0/8",  # "this network"; Linux takes 0.0.0.0 for itself
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # relays of 6to4
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
    # Of IPv6 only 2000::/3 is handed out; these five are the rest of it. In them are the unspecified address,
    # IPv4-compatible and -mapped ones (::/96, ::ffff:0:0/96), NAT64 (64:ff9b::/96, 64:ff9b:1::/48), the
    # discard prefix (100::/64), segment routing (5f00::/16), link-local (fe80::/10), the old site-local
    # (fec0::/10) and multicast (ff00::/8).
    "::/3",
    "4000::/2",
    "8000::/2",
    "c000::/3",
    "e000::/3",
    "2001::/23",  # protocol assignments: Teredo (2001::/32), ORCHID, benchmarks, AMT
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4: an IPv4 address in disguise
    "2620:4f:8000::/48",  # AS112
    "3ffe::/16",  # the former 6bone
    "3fff::/20",  # documentation
)


def may_call(address: Address, *, private: bool) -> bool:
    """Whether an address may be called. `private` opens the networks of development."""
    if any(address in network for network in METADATA):
        return False
    if any(address in network for network in PRIVATE):
        return private
    return not any(address in network for network in NEVER)


def may_connect(family: int, sockaddr: Sequence[Any], *, private: bool) -> bool:
    """Whether a socket address, just before it is connected to, may be called.

    What cannot be read as an address may not: somebody below would resolve it once more.
    """
    try:
        address = ip_address(sockaddr[0])
    except ValueError:
        return False
    if family != (socket.AF_INET if address.version == 4 else socket.AF_INET6):
        return False
    if isinstance(address, IPv6Address) and (address.scope_id is not None or any(sockaddr[2:])):
        return False  # it names an interface of this machine
    return may_call(address, private=private)
