"""Lists of known spammers, as others publish them: Telegram ids, and nothing else of what they say."""

import codecs
import io
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from heapq import merge

LARGEST_ID = 2**52 - 1  # https://core.telegram.org/bots/api#user: at most 52 significant bits
_COLUMNS = (b"id", b"user_id", b"userid", b"telegram_id", b"tg_id")  # what lists call the column of ids
_QUOTES = b" \t\r\n\"'"
_PIECE = 20_000  # ids

Listed = Callable[[int], str | None]  # who (by id) is on a list: that list's host


def nobody(_: int) -> str | None:
    """Nobody is known."""
    return None


class Ids:
    """Ids in order, 8 bytes each: a million of them is 8 MB, a set of them would be 60.

    They are put in order piece by piece: to sort a million at once keeps every other thread waiting.
    """

    def __init__(self, ids: Iterable[int]) -> None:
        given = ids if isinstance(ids, array) else array("q", ids)
        pieces = [array("q", sorted(given[at : at + _PIECE])) for at in range(0, len(given), _PIECE)]
        self.sorted = array("q")
        last = None
        for one in merge(*pieces):
            if one != last:
                self.sorted.append(one)
            last = one

    @classmethod
    def in_order(cls, ids: "array[int]") -> "Ids":
        """Ids that are sorted already."""
        found = cls(())
        found.sorted = ids
        return found

    def __contains__(self, user_id: int) -> bool:
        place = bisect_left(self.sorted, user_id)
        return place < len(self.sorted) and self.sorted[place] == user_id

    def __len__(self) -> int:
        return len(self.sorted)


def parse(raw: bytes) -> Ids:
    """The ids of a published list: one a line, or a table with one in its first column, or in the column
    that its head calls `id` or `user_id`.

    Lines without an id are passed over. Raises `ValueError` when most of them are: that is no list.
    """
    raw = raw.removeprefix(codecs.BOM_UTF8)
    separator, column = _layout(raw[:1000].partition(b"\n")[0])
    found = array("q")
    lines = 0
    for line in io.BytesIO(raw):
        if not line.strip() or line.startswith(b"#"):
            continue
        lines += 1
        cells = line.split(separator, column + 1) if separator else [line]
        cell = cells[column].strip(_QUOTES) if column < len(cells) else b""
        if cell.isdigit() and len(cell) <= 16 and 0 < int(cell) <= LARGEST_ID:
            found.append(int(cell))
    if 2 * len(found) < lines or not found:
        raise ValueError(f"{len(found)} ids in {lines} lines")
    return Ids(found)


def _layout(first: bytes) -> tuple[bytes, int]:
    """What separates the columns (nothing: there is one), and the number of the column of ids."""
    separator = next((sign for sign in (b",", b";", b"\t") if sign in first), b"")
    names = [cell.strip(_QUOTES).lower() for cell in first.split(separator)] if separator else []
    return separator, next((place for place, name in enumerate(names) if name in _COLUMNS), 0)


def may_replace(new: Ids, old: Ids | None) -> bool:
    """Whether a list may take the place of the one we have: one that has lost half of it is a mishap of its
    publisher's, or a page that happens to hold numbers."""
    return old is None or 2 * len(new) >= len(old)
