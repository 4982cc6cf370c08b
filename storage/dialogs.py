"""Where a person is in a conversation of several steps; it survives a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from storage.database import Tx
from storage.statements import insert
from storage.tables.core import dialog


@dataclass(frozen=True, slots=True)
class Dialog:
    """The step a person was asked to answer (`feature:step`) and what was gathered before it."""

    step: str
    data: Mapping[str, Any] = field(default_factory=dict)


async def get(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> Dialog | None:
    """The dialog a person is in."""
    row = (
        await tx.execute(
            select(dialog.c.step, dialog.c.data).where(
                dialog.c.bot_id == bot_id, dialog.c.chat_id == chat_id, dialog.c.user_id == user_id
            )
        )
    ).one_or_none()
    return None if row is None else Dialog(row.step, row.data)


async def put(tx: Tx, bot_id: int, chat_id: int, user_id: int, state: Dialog, now: datetime) -> None:
    """Go to a step."""
    values = {"step": state.step, "data": dict(state.data), "changed_at": now}
    statement = insert(tx, dialog).values(bot_id=bot_id, chat_id=chat_id, user_id=user_id, **values)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["bot_id", "chat_id", "user_id"], set_=values)
    )


async def end(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> bool:
    """Leave the dialog; False when the person was in none."""
    done = await tx.execute(
        delete(dialog).where(
            dialog.c.bot_id == bot_id, dialog.c.chat_id == chat_id, dialog.c.user_id == user_id
        )
    )
    return bool(done.rowcount)
