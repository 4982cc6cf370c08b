"""The smallest HTTP/1.1 server and client that can carry a benchmark, so that they cost next to nothing."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from typing import cast

Answer = Callable[[bytes, bytes, bytes], tuple[int, bytes]]
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class _Protocol(asyncio.Protocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            found = _LENGTH.search(head)
            total = end + 4 + (int(found[1]) if found else 0)
            if found is None and b"chunked" in head.lower():
                finish = self._buffer.find(b"\r\n0\r\n\r\n", end)
                if finish < 0:
                    return
                total = finish + 7
            if len(self._buffer) < total:
                return
            body, self._buffer = self._buffer[end + 4 : total], self._buffer[total:]
            method, path, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
            status, content = self._answer(method, path, body)
            self._transport.write(
                b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (status, len(content), content)
            )


async def serve_http(port: int, answer: Answer) -> asyncio.Server:
    """Answer every request on a loopback port."""
    return await asyncio.get_running_loop().create_server(lambda: _Protocol(answer), "127.0.0.1", port)


class Load:
    """Sends requests over some kept-alive connections and notes how long each answer took (in ms)."""

    def __init__(self, port: int, path: str, headers: dict[str, str], connections: int) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n{lines}"
        ).encode()
        self._port, self._connections = port, connections
        self.latencies: list[float] = []
        self.refused = 0
        self.sent: Callable[[bytes, float], None] | None = None  # told of each body, and when it went out

    async def run(self, bodies: Iterator[bytes]) -> float:
        """Send every body; returns the seconds it took."""
        began = time.perf_counter()
        await asyncio.gather(*(self._one(bodies) for _ in range(self._connections)))
        return time.perf_counter() - began

    async def _one(self, bodies: Iterator[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            for body in bodies:
                began = time.perf_counter()
                if self.sent is not None:
                    self.sent(body, began)
                writer.write(b"%sContent-Length: %d\r\n\r\n%s" % (self._head, len(body), body))
                head = await reader.readuntil(b"\r\n\r\n")
                found = _LENGTH.search(head)
                if found and int(found[1]):
                    await reader.readexactly(int(found[1]))
                self.latencies.append((time.perf_counter() - began) * 1000)
                if not head.startswith(b"HTTP/1.1 200"):
                    self.refused += 1
        finally:
            writer.close()
