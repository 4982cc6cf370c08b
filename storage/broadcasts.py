"""Broadcasts: what is to be sent to whom, and how far it is. Their recipients are in `storage.recipients`."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from domain.broadcasts import DELETABLE, Audience, Broadcast, BroadcastStatus, RecipientState
from domain.creatives import Creative, MediaType
from storage.database import Tx
from storage.tables.broadcasts import broadcast, broadcast_recipient, broadcast_scope

_EMPTY = Creative()
_WAITING = (RecipientState.QUEUED.value, RecipientState.SENDING.value)


def broadcast_of(row: Any, campaigns: Iterable[int] = ()) -> Broadcast:
    """The broadcast in a row, with the campaigns of its scope."""
    return Broadcast(
        id=row.id,
        owner_id=row.owner_id,
        name=row.name,
        status=BroadcastStatus(row.status),
        audience=Audience(
            row.statuses, tuple(campaigns), row.created_from, row.created_to, row.status_from, row.status_to
        ),
        creative=Creative(row.text, row.media, MediaType(row.media_type), row.button, row.link),
        paid=row.paid,
        reason=row.reason,
        board_bot_id=row.board_bot_id,
        board_chat_id=row.board_chat_id,
        started_at=row.started_at,
        created_at=row.created_at,
    )


def _body(creative: Creative) -> dict[str, Any]:
    return {
        "text": creative.text,
        "media": creative.media,
        "media_type": int(creative.media_type),
        "button": creative.button,
        "link": creative.link,
    }


async def create(tx: Tx, owner_id: int, name: str, now: datetime) -> int:
    """A new draft; its id."""
    statement = (
        broadcast.insert()
        .values(
            owner_id=owner_id, name=name, status=int(BroadcastStatus.DRAFT), statuses=0, paid=False,
            created_at=now, **_body(_EMPTY),
        )
        .returning(broadcast.c.id)
    )  # fmt: skip
    return int((await tx.execute(statement)).scalar_one())


async def get(tx: Tx, owner_id: int, broadcast_id: int, *, lock: bool = False) -> Broadcast | None:
    """One of an owner's; `lock` holds it until the transaction ends."""
    statement = select(broadcast).where(broadcast.c.id == broadcast_id, broadcast.c.owner_id == owner_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else broadcast_of(row, await _scope(tx, broadcast_id))


async def _scope(tx: Tx, broadcast_id: int) -> list[int]:
    rows = await tx.execute(
        select(broadcast_scope.c.campaign_id)
        .where(broadcast_scope.c.broadcast_id == broadcast_id)
        .order_by(broadcast_scope.c.campaign_id)
    )
    return list(rows.scalars())


async def listing(tx: Tx, owner_id: int, offset: int = 0, limit: int | None = None) -> list[Broadcast]:
    """An owner's, the newest first."""
    mine = select(broadcast).where(broadcast.c.owner_id == owner_id).order_by(broadcast.c.id.desc())
    rows = (await tx.execute(mine.offset(offset).limit(limit))).all()
    scopes: dict[int, list[int]] = {}
    found = await tx.execute(
        select(broadcast_scope)
        .where(broadcast_scope.c.broadcast_id.in_([row.id for row in rows]))
        .order_by(broadcast_scope.c.campaign_id)
    )
    for one in found:
        scopes.setdefault(one.broadcast_id, []).append(one.campaign_id)
    return [broadcast_of(row, scopes.get(row.id, ())) for row in rows]


async def edit(
    tx: Tx, owner_id: int, broadcast_id: int, name: str, audience: Audience, creative: Creative, paid: bool
) -> bool:
    """Replace all that its owner says of it, in any status; False when it is none of his.

    What Telegram refused of it before says nothing about what it says now: whoever still waits is tried anew.
    """
    statement = (
        update(broadcast)
        .where(broadcast.c.id == broadcast_id, broadcast.c.owner_id == owner_id)
        .values(
            name=name, paid=paid, statuses=audience.statuses, created_from=audience.created_from,
            created_to=audience.created_to, status_from=audience.status_from,
            status_to=audience.status_to, **_body(creative),
        )
    )  # fmt: skip
    if not (await tx.execute(statement)).rowcount:
        return False
    await forget_refusals(tx, broadcast_id)
    await tx.execute(delete(broadcast_scope).where(broadcast_scope.c.broadcast_id == broadcast_id))
    if audience.campaigns:
        rows = [{"broadcast_id": broadcast_id, "campaign_id": one} for one in sorted(set(audience.campaigns))]
        await tx.execute(broadcast_scope.insert(), rows)
    return True


async def forget_refusals(tx: Tx, broadcast_id: int) -> None:
    """Whoever still waits, and was written to in vain, is tried as if for the first time."""
    tried = broadcast_recipient.c
    await tx.execute(
        update(broadcast_recipient)
        .where(tried.broadcast_id == broadcast_id, tried.state.in_(_WAITING), tried.error.is_not(None))
        .values(error=None)
    )


async def move(
    tx: Tx,
    owner_id: int,
    broadcast_id: int,
    since: Collection[BroadcastStatus],
    to: BroadcastStatus,
    **values: Any,
) -> bool:
    """Put it into another status, if it is in one of `since`; False otherwise. Why it paused is forgotten."""
    statement = (
        update(broadcast)
        .where(
            broadcast.c.id == broadcast_id,
            broadcast.c.owner_id == owner_id,
            broadcast.c.status.in_([int(one) for one in since]),
        )
        .values(status=int(to), reason=None, **values)
    )
    return bool((await tx.execute(statement)).rowcount)


async def remove(tx: Tx, owner_id: int, broadcast_id: int) -> bool:
    """Delete it with its scope and recipients, unless it runs; False otherwise."""
    statement = delete(broadcast).where(
        broadcast.c.id == broadcast_id,
        broadcast.c.owner_id == owner_id,
        broadcast.c.status.in_([int(one) for one in DELETABLE]),
    )
    if not (await tx.execute(statement)).rowcount:
        return False
    for table in (broadcast_scope, broadcast_recipient):
        await tx.execute(delete(table).where(table.c.broadcast_id == broadcast_id))
    return True


async def show_at(tx: Tx, owner_id: int, broadcast_id: int, bot_id: int | None, chat_id: int | None) -> None:
    """Where its progress is shown; nowhere for None."""
    await tx.execute(
        update(broadcast)
        .where(broadcast.c.id == broadcast_id, broadcast.c.owner_id == owner_id)
        .values(board_bot_id=bot_id, board_chat_id=chat_id)
    )


async def with_board(tx: Tx, limit: int) -> list[Broadcast]:
    """Broadcasts of all owners whose progress is shown somewhere."""
    rows = await tx.execute(
        select(broadcast)
        .where(broadcast.c.board_bot_id.is_not(None))
        .order_by(broadcast.c.id.desc())
        .limit(limit)
    )
    return [broadcast_of(row) for row in rows]


async def forget_empty(tx: Tx, before: datetime) -> None:
    """Drop drafts made before that moment which say nothing: begun in the chat, and left.

    Those begun by a program stay: it has the id, and may write the text much later. In the chat the
    audience comes first, so a draft without one is a program's.
    """
    nothing = ("name", "text", "media", "button", "link")
    empty = (
        broadcast.c.status == int(BroadcastStatus.DRAFT),
        broadcast.c.statuses != 0,
        *(broadcast.c[name] == "" for name in nothing),
        broadcast.c.created_at < before,
    )
    gone = (await tx.execute(delete(broadcast).where(*empty).returning(broadcast.c.id))).scalars().all()
    if gone:
        await tx.execute(delete(broadcast_scope).where(broadcast_scope.c.broadcast_id.in_(gone)))
