"""People a bot has met, and whether it may write to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from storage.database import Tx
from storage.statements import Hot, insert_for
from storage.tables.core import person


@dataclass(frozen=True, slots=True)
class Person:
    """A Telegram user as a bot knows him. `language` is what he chose, `language_code` his app's."""

    user_id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    language: str | None = None
    started_at: datetime | None = None
    blocked_at: datetime | None = None

    @property
    def full_name(self) -> str:
        """First and last name, as Telegram shows them."""
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name

    @property
    def reachable(self) -> bool:
        """True when the bot may write to him."""
        return self.started_at is not None and self.blocked_at is None


_COLUMNS = (
    person.c.user_id, person.c.first_name, person.c.last_name, person.c.username,
    person.c.language_code, person.c.language, person.c.started_at, person.c.blocked_at,
)  # fmt: skip


def _remember(dialect: str, *, started: bool) -> Any:
    names = ("bot_id", "user_id", "first_name", "last_name", "username", "language_code", "seen_at")
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    if started:
        values["started_at"] = bindparam("seen_at")
    statement = insert_for(dialect, person).values(values)
    new = statement.excluded
    changes: dict[str, Any] = {name: new[name] for name in ("first_name", "last_name", "username", "seen_at")}
    changes["language_code"] = func.coalesce(new.language_code, person.c.language_code)
    if started:
        changes |= {"started_at": func.coalesce(person.c.started_at, new.started_at), "blocked_at": None}
    return statement.on_conflict_do_update(index_elements=["bot_id", "user_id"], set_=changes)


_SEEN = Hot(lambda dialect: _remember(dialect, started=False))
_STARTED = Hot(lambda dialect: _remember(dialect, started=True))


async def remember(tx: Tx, bot_id: int, someone: Person, now: datetime, *, started: bool) -> None:
    """Keep the newest name of a person; `started` when he wrote in private (which unblocks, too)."""
    await (_STARTED if started else _SEEN).run(
        tx,
        bot_id=bot_id,
        user_id=someone.user_id,
        first_name=someone.first_name,
        last_name=someone.last_name,
        username=someone.username,
        language_code=someone.language_code,
        seen_at=now,
    )


async def get(tx: Tx, bot_id: int, user_id: int) -> Person | None:
    """A person by Telegram id."""
    row = (
        await tx.execute(select(*_COLUMNS).where(person.c.bot_id == bot_id, person.c.user_id == user_id))
    ).one_or_none()
    return None if row is None else Person(**row._mapping)


async def several(tx: Tx, bot_id: int, user_ids: Collection[int]) -> dict[int, Person]:
    """People by their Telegram ids, those the bot has met."""
    rows = await tx.execute(
        select(*_COLUMNS).where(person.c.bot_id == bot_id, person.c.user_id.in_(list(user_ids)))
    )
    return {row.user_id: Person(**row._mapping) for row in rows}


async def by_username(tx: Tx, bot_id: int, username: str) -> Person | None:
    """The person last seen under a username (without "@", any case)."""
    row = (
        await tx.execute(
            select(*_COLUMNS)
            .where(person.c.bot_id == bot_id, func.lower(person.c.username) == username.lower())
            .order_by(person.c.seen_at.desc())
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else Person(**row._mapping)


async def choose_language(tx: Tx, bot_id: int, user_id: int, language: str) -> None:
    """Remember the language a person picked."""
    await tx.execute(
        update(person).where(person.c.bot_id == bot_id, person.c.user_id == user_id).values(language=language)
    )


async def mark_blocked(tx: Tx, bot_id: int, user_id: int, now: datetime) -> None:
    """The person blocked the bot or is gone: nothing can be written to him."""
    await tx.execute(
        update(person)
        .where(person.c.bot_id == bot_id, person.c.user_id == user_id, person.c.blocked_at.is_(None))
        .values(blocked_at=now)
    )
