"""Which addresses may be called for somebody, as tables."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from delivery.networks import may_call, may_connect
from tests.delivery.hostile import V4, V6


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450::1"]
)
def test_the_public_internet_is_open(address: str) -> None:
    assert may_call(ip_address(address), private=False)


@pytest.mark.parametrize("address", [*V4, *V6])
def test_development_opens_private_networks_only(address: str) -> None:
    where = ip_address(address)
    assert not may_call(where, private=False)
    private = {"127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1",
               "100.64.0.1", "::1", "0:0:0:0:0:0:0:1", "fc00::1"}  # fmt: skip
    assert may_call(where, private=True) == (address in private)


@pytest.mark.parametrize(
    ("family", "sockaddr"),
    [
        (socket.AF_INET, ("example.org", 443)),  # it would be resolved once more
        (socket.AF_INET, ("", 443)),
        (socket.AF_INET6, ("8.8.8.8", 443, 0, 0)),
        (socket.AF_INET, ("2606:4700::1", 443)),
        (socket.AF_UNIX, ("8.8.8.8",)),
        (socket.AF_INET6, ("2606:4700::1", 443, 0, 3)),  # through an interface of this machine
        (socket.AF_INET6, ("2606:4700::1%3", 443, 0, 0)),
    ],
)
def test_what_is_no_plain_address_is_not_connected_to(family: int, sockaddr: tuple[Any, ...]) -> None:
    assert not may_connect(family, sockaddr, private=True)
