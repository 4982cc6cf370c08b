"""Column types and column shorthands that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Dialect, Integer
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000  # microseconds
DAY = 86_400_000_000  # microseconds: `at / DAY` is the UTC day, in either engine's integer division


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime; a naive one is a bug and raises `ValueError`."""
    if moment.tzinfo is None:
        raise ValueError("times are aware UTC datetimes")
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The aware UTC datetime of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """A moment, kept as microseconds since 1970 UTC: exact, comparable and groupable on every engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_microseconds(value)


Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER primary keys by itself


def serial() -> Column[int]:
    """The primary key of a table that numbers its own rows."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def json_column(name: str, **kwargs: Any) -> Column[Any]:
    """A JSON document."""
    return Column(name, JSON, nullable=False, **kwargs)
