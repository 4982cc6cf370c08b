"""Members from before the bot came: reading a file of them, and writing one that can be read back."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain import durations
from domain.durations import LIFETIME, Duration
from domain.errors import Invalid

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 50_000
LONGEST_CELL = 200  # characters
ALL_CHATS = "*"  # the project of a membership that opens every paid chat
HEADER = ("member_id", "username", "name", "project", "plan", "started_at", "end_at")  # of the file we write

_COLUMNS = {
    "id": "member_id user_id telegram_id id member user айди ид участник кто",
    "username": "username user_name login nick ник имя_пользователя логин",
    "end": "end_at ends end until till expires expires_at expiry date duration до срок конец окончание",
    "plan": "plan тариф план",
    "project": "project проект",
}
_NAMES = {word: column for column, words in _COLUMNS.items() for word in words.split()}
_PLACES = ("id", "end", "plan", "project")  # of a file without a header
_FORMULA = "=+-@\t\r"
_USERNAME = re.compile(r"(?:@|(?:https?://)?t\.me/)?([A-Za-z][A-Za-z0-9_]{3,31})")
_LAST_ID = 2**52 - 1  # https://core.telegram.org/bots/api#user: at most 52 significant bits
_YEARS = range(2000, 2201)


class State(StrEnum):
    """What became of a row."""

    WAITING = "waiting"
    TAKEN = "taken"
    LEFT = "left"


class Stage(StrEnum):
    """How far an import is."""

    DRAFT = "draft"  # shown, and not confirmed
    RUNNING = "running"
    OPEN = "open"  # whoever of the chat is seen later gets the same
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file, as it stands there. `who` is an id or a username, `end` a date or a duration."""

    number: int
    who: str
    end: str
    plan: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Until:
    """How long a membership lasts: `length` from now on, or until `end`."""

    length: Duration | None = None
    end: datetime | None = None


def read(document: bytes) -> list[Row]:
    """The rows of a file that a spreadsheet or `HEADER` has written, in any of the usual forms.

    Raises `Invalid` (file): import_big, import_rows, import_text, import_empty.
    """
    if len(document) > MOST_BYTES:
        raise Invalid("file", "import_big")
    lines = _lines(document)
    if not lines:
        raise Invalid("file", "import_empty")
    columns = _header(lines[0][1])
    if columns is not None:
        lines = lines[1:]
    rows = [_row(number, cells, columns) for number, cells in lines]
    if not rows:
        raise Invalid("file", "import_empty")
    if len(rows) > MOST_ROWS:
        raise Invalid("file", "import_rows", most=MOST_ROWS)
    return rows


def _lines(document: bytes) -> list[tuple[int, list[str]]]:
    """The lines with anything in them, and their numbers (from 1)."""
    text = _text(document)
    first = text[: text.find("\n") + 1] or text
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = []
    try:
        for cells in reader:
            clean = [_unharmed(cell) for cell in cells]
            if any(clean):
                found.append((reader.line_num, clean))
            if len(found) > MOST_ROWS + 1:
                raise Invalid("file", "import_rows", most=MOST_ROWS)
    except csv.Error:
        raise Invalid("file", "import_text") from None
    return found


def _text(document: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1251"):  # what spreadsheets write
        try:
            text = document.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid("file", "import_text")


def _unharmed(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from taking it for a formula."""
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == "'" and cell[1] in _FORMULA:
        cell = cell[1:]
    return cell[:LONGEST_CELL]


def _header(cells: list[str]) -> list[str | None] | None:
    """What the columns hold; None when the first line is one of the rows."""
    columns = [_NAMES.get(cell.casefold().replace(" ", "_")) for cell in cells]
    return columns if "id" in columns or "username" in columns else None


def _row(number: int, cells: list[str], columns: list[str | None] | None) -> Row:
    found: dict[str, str] = {}
    for place, cell in enumerate(cells):
        name = (columns[place] if place < len(columns) else None) if columns else _place(place)
        if name is not None and cell:
            found.setdefault(name, cell)
    who = found.get("id") or found.get("username", "")
    return Row(number, who, found.get("end", ""), found.get("plan", ""), found.get("project", ""))


def _place(place: int) -> str | None:
    return _PLACES[place] if place < len(_PLACES) else None


def who(text: str) -> int | str:
    """A Telegram id, or a username in small letters. Raises `Invalid` (who)."""
    if text.isascii() and text.isdigit() and len(text) < 17 and 0 < int(text) <= _LAST_ID:
        return int(text)
    if (found := _USERNAME.fullmatch(text)) is not None:
        return found[1].lower()
    raise Invalid("who", "import_who")


def until(text: str, now: datetime) -> Until:
    """A date, a moment or a duration. A date stands for the whole of its day (UTC).

    Raises `Invalid` (end): import_end for what is none, import_past for what is over.
    """
    found = _until(text)
    if found.end is not None and found.end <= now:
        raise Invalid("end", "import_past")
    return found


def _until(text: str) -> Until:
    try:
        length = durations.parse(text)
    except Invalid:
        return Until(end=_moment(text))
    return Until(end=length.fixed_end) if length.until is not None else Until(length)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("end", "import_end") from None
    if moment.year not in _YEARS:
        raise Invalid("end", "import_end")
    if len(text) <= len("2030-12-31"):
        moment += timedelta(days=1)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def has_already(held: datetime | None, length: str, end: datetime | None) -> bool:
    """Whether somebody whose membership ends at `held` (None: never) has what a row gives, or more.

    An import never adds to what is there, so that the same file can be read twice: it sets a later end, or
    none. `length` is a duration's stored form, `end` is set where that is empty.
    """
    if held is None:
        return True
    return end <= held if end is not None else length != str(LIFETIME)


def written(end: datetime | None) -> str:
    """The end of a membership as the file holds it."""
    return str(LIFETIME) if end is None else end.isoformat()
