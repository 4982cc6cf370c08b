"""Statements that differ a little between the engines, and hot ones that are built only once.

Building an SQLAlchemy statement costs more than running it on SQLite: hot ones are functions of the
dialect's name under `functools.cache`, with `bindparam`s for the values.
"""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Tx


def insert_for(dialect: str, table: Table) -> Any:
    """`INSERT` with `ON CONFLICT`, which both engines have under the same names."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert(tx: Tx, table: Table) -> Any:
    """`INSERT` with `ON CONFLICT` for the engine of this transaction."""
    return insert_for(tx.dialect.name, table)
