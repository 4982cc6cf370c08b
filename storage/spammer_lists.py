"""Lists of known spammers as files of the data folder: a line about the list, then its ids as they lie in
memory, so that a start reads them without a parser."""

import os
import sys
import tempfile
import zlib
from array import array
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from domain.antispam.spammers import Ids

_LONGEST_HEAD = 4_096  # bytes


class About(msgspec.Struct, frozen=True):
    """What is known of a list besides its ids: what its publisher wants to hear the next time."""

    etag: str = ""
    modified: str = ""
    count: int = 0
    crc: int = 0


def read(path: Path) -> tuple[About, Ids] | None:
    """A list that was kept; None when there is none, or when the file is damaged."""
    try:
        with path.open("rb") as file:
            about = msgspec.json.decode(file.readline(_LONGEST_HEAD), type=About)
            body = file.read()
    except (OSError, msgspec.MsgspecError):
        return None
    if not about.count or zlib.crc32(body) != about.crc or len(body) != 8 * about.count:
        return None
    ids = array("q")
    ids.frombytes(body)
    if sys.byteorder == "big":
        ids.byteswap()
    return about, Ids.in_order(ids)


def write(path: Path, about: About, ids: Ids, now: datetime) -> None:
    """Keep a list: all of it or, when that fails (`OSError`), the one that was there."""
    held = array("q", ids.sorted)
    if sys.byteorder == "big":
        held.byteswap()
    body = held.tobytes()
    about = msgspec.structs.replace(about, count=len(ids), crc=zlib.crc32(body))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(about) + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        looked_at(Path(name), now)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def looked_at(path: Path, now: datetime) -> None:
    """Note that the list was the newest at that moment: the time of the file."""
    os.utime(path, (now.timestamp(), now.timestamp()))


def last_look(path: Path) -> datetime | None:
    """When the list was known to be the newest; None where there is none."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None
