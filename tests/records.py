"""All that is committed, read past the application: what a story compares before and after."""

import sqlite3
from typing import Any

from sqlalchemy import make_url

from storage.schema import metadata

Rows = dict[str, list[tuple[Any, ...]]]


class Records:
    """A second reader of an SQLite database. `but` names tables that are of no interest.

    A look costs a millisecond. Through the application's own connections it would be fifty, and the stories
    about isolation look some thousand times.
    """

    def __init__(self, url: str, but: frozenset[str] = frozenset()) -> None:
        self._connection = sqlite3.connect(f"file:{make_url(url).database}?mode=ro", uri=True)
        self._tables = {
            table.name: [column.name for column in table.columns]
            for table in metadata.sorted_tables
            if table.name not in but
        }

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def everything(self, but_of_bot: int | None = None) -> Rows:
        """All rows of the tables, by their names; those of one bot may be left out."""
        return {name: self._rows(name, columns, but_of_bot) for name, columns in self._tables.items()}

    def _rows(self, name: str, columns: list[str], but_of_bot: int | None) -> list[tuple[Any, ...]]:
        query = f"SELECT * FROM {name}"  # noqa: S608 - our own names
        if but_of_bot is None or "bot_id" not in columns:
            return self._connection.execute(query).fetchall()
        return self._connection.execute(f"{query} WHERE bot_id IS NOT ?", (but_of_bot,)).fetchall()


def difference(before: Rows, after: Rows) -> dict[str, tuple[list[Any], list[Any]]]:
    """Per table that has changed: the rows that are gone, and those that are new."""
    return {
        name: (
            [row for row in rows if row not in after[name]],
            [row for row in after[name] if row not in rows],
        )
        for name, rows in before.items()
        if rows != after[name]
    }
