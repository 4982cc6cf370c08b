"""Ways to write, or to hide, the address of something that is nobody's business."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address

from aiohttp.abc import AbstractResolver, ResolveResult

V4 = (
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.5", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "192.88.99.1", "0.0.0.0",  # noqa: S104
)  # fmt: skip
V6 = (
    "::1", "::", "0:0:0:0:0:0:0:1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254",
    "ff02::1", "ff0e::1", "100::1", "2001:db8::1", "2001::1", "2001:10::1", "2001:20::1", "2001:2::1",
    "3fff::1", "3ffe::1", "4000::1", "5f00::1", "8000::1", "c000::1", "e000::1", "64:ff9b::808:808",
    "64:ff9b:1::1", "2002:808:808::1", "2620:4f:8000::1",
)  # fmt: skip
ZONES = ("fe80::1%25lo", "fe80::1%251", "::1%251", "2606:4700::1%25lo", "fe80::1%lo")
NAMES = ("localhost", "LOCALHOST", "localhost.", "LocalHost..")
_FULLWIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_MATHEMATICAL = str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def spellings(address: str) -> Iterator[str]:
    """One IPv4 address as somebody would write it who hopes to get past."""
    number = int(IPv4Address(address))
    parts = [int(part) for part in address.split(".")]
    low, high = number & 0xFFFF, number >> 16
    yield address
    yield address + "."
    yield str(number)
    yield hex(number)
    yield f"0{number:o}"
    yield ".".join(hex(part) for part in parts)
    yield ".".join(f"0{part:o}" for part in parts)
    yield ".".join(f"{part:03d}" for part in parts)
    yield f"{parts[0]}.{number & 0xFFFFFF}"
    yield f"{parts[0]}.{parts[1]}.{low}"
    yield address.translate(_FULLWIDTH)
    yield address.translate(_CIRCLED)
    yield address.translate(_MATHEMATICAL)
    yield address.translate(_ARABIC)
    yield address.replace(".", "。")
    yield f"[::ffff:{address}]"
    yield f"[::ffff:{high:x}:{low:x}]"
    yield f"[0:0:0:0:0:FFFF:{high:04X}:{low:04X}]"
    yield f"[::{address}]"
    yield f"[64:ff9b::{address}]"
    yield f"[64:ff9b:1::{address}]"
    yield f"[2002:{high:x}:{low:x}::1]"
    yield f"[2001:0:808:808:0:0:{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}]"  # Teredo
    yield f"[fe80::5efe:{address}]"  # ISATAP


def hosts() -> list[str]:
    """All of them, as they stand in a URL."""
    written = [form for address in V4 for form in spellings(address)]
    written += [f"[{address}]" for address in V6]
    written += [f"[{IPv6Address(address).exploded.upper()}]" for address in V6]
    return list(dict.fromkeys([*written, *(f"[{zone}]" for zone in ZONES), *NAMES, *names()]))


def names() -> dict[str, list[str]]:
    """Names of a zone whose owner means harm, with the addresses they have."""
    return {f"h{number}.example": [address] for number, address in enumerate((*V4, *V6))}


class FakeResolver(AbstractResolver):
    """Knows the names it is given, each asked for in turn; numbers it reads as the system would."""

    def __init__(self, known: Mapping[str, Sequence[str]], *turns: Mapping[str, Sequence[str]]) -> None:
        self._turns = [known, *turns]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name."""
        known = self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]
        addresses = known.get(host)
        if addresses is None:
            numeric = 0 if host.lower().startswith("localhost") else socket.AI_NUMERICHOST
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=numeric)
            addresses = [str(info[4][0]) for info in found]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in addresses
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is kept."""
