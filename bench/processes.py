"""Starting servers for a measurement, and reading what the operating system knows of them."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_START = 120.0  # seconds a server may take to say that it is ready


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, process id, and what it said besides "ready"."""

    port: int
    pid: int
    words: list[str]

    def cpu(self) -> float:
        """CPU seconds of all its threads so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def memory(self) -> float:
        """Memory in use now, in MiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def server(module: str, *arguments: str, name: str | None = None) -> AsyncIterator[Server]:
    """Run `python -m module [name] PORT arguments…` until the block ends."""
    port = free_port()
    words = [name] if name else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, str(port), *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START):
            line = (await process.stdout.readline()).decode().split()
        if line[:1] != ["ready"]:
            raise RuntimeError(f"{module} {name or ''} did not start: {' '.join(line)}")
        yield Server(port, process.pid, line[1:])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
