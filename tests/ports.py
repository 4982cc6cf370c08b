"""Ports to listen on that are nobody else's.

A port the kernel names (bind to 0, close, use it later) may be taken in between: by another worker, or by any
connection that goes out. These lie below the ports of outgoing connections, and each test process has a block
of its own for as long as it lives.
"""

import fcntl
import itertools
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FIRST, BLOCK, BLOCKS = 20_000, 100, 100  # up to 29 999; Linux gives 32 768 and more to connections going out


@contextmanager
def reserved_ports() -> Iterator[Iterator[int]]:
    """Free ports of a block that is ours until the end.

    Raises `RuntimeError` when all blocks are taken, which a hundred test processes would do.
    """
    folder = Path(tempfile.gettempdir()) / "gatehouse-test-ports"
    folder.mkdir(exist_ok=True)
    for block in range(BLOCKS):
        with open(folder / str(block), "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            start = FIRST + block * BLOCK
            yield filter(_is_free, itertools.cycle(range(start, start + BLOCK)))
            return
    raise RuntimeError(f"all ports from {FIRST} are reserved by test processes")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
