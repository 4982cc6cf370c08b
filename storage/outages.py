"""Errors that say nothing about what was attempted: the database as such was out of reach."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# https://sqlite.org/rescode.html: what passes by itself, or when the disk has room again.
_SQLITE = frozenset(
    (
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
    )
)  # fmt: skip
# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, deadlocks, lack of
# resources, operator intervention (shutting down, starting up), system errors.
_POSTGRES = ("08", "40", "53", "57", "58")


class TransactionLost(sqlite3.OperationalError):
    """Nothing of the transaction was written, through no fault of its own."""


def is_outage(error: BaseException) -> bool:
    """True when the database as such is out of reach, rather than a statement being wrong.

    It is told by codes, never by words: those may hold what people write.
    """
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError | TransactionLost):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        error = error.orig or error
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE
    return str(getattr(error, "sqlstate", None) or "").startswith(_POSTGRES)
