"""A server of ours that nobody may be led to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass
class Canary:
    """A server on this machine that notices everybody who connects."""

    port: int
    visits: int = 0

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator["Canary"]:
        """Listens on the loopback address."""

        async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.visits += 1
            await reader.readline()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
            writer.close()

        server = await asyncio.start_server(visit, "127.0.0.1", 0)
        found = cls(server.sockets[0].getsockname()[1])
        async with server:
            yield found
