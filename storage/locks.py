"""What `/lock` took from the members of a chat, to be given back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from storage.database import Tx
from storage.statements import insert
from storage.tables.moderation import chat_lock

SETTLED = timedelta(minutes=1)  # after so long Telegram knows of every change we promised


@dataclass(frozen=True, slots=True)
class State:
    """Permissions taken from the members, and those given back. `settled`: Telegram knows of all that."""

    taken: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    settled: bool = False


async def hold(tx: Tx, bot_id: int, chat_id: int, now: datetime) -> State:
    """The state of a chat. Its row is held until the transaction ends: of two commands at once each sees
    what the other did."""
    here = (chat_lock.c.bot_id == bot_id, chat_lock.c.chat_id == chat_id)
    row = insert(tx, chat_lock).values(bot_id=bot_id, chat_id=chat_id, taken=[], given=[], changed_at=now)
    statement = row.on_conflict_do_update(
        index_elements=["bot_id", "chat_id"], set_={"bot_id": bot_id}
    ).returning(chat_lock.c.taken, chat_lock.c.given, chat_lock.c.changed_at)
    found = (await tx.execute(statement)).one()
    await tx.execute(update(chat_lock).where(*here).values(changed_at=now))
    return State(frozenset(found.taken), frozenset(found.given), now - found.changed_at >= SETTLED)


async def keep(tx: Tx, bot_id: int, chat_id: int, state: State) -> None:
    """Remember a state whose row is held."""
    await tx.execute(
        update(chat_lock)
        .where(chat_lock.c.bot_id == bot_id, chat_lock.c.chat_id == chat_id)
        .values(taken=sorted(state.taken), given=sorted(state.given))
    )
