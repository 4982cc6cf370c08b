"""Files owners upload for their messages, and their ids at Telegram."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select

from domain.creatives import MediaType
from domain.media import Media
from storage.database import Tx
from storage.statements import insert
from storage.tables.broadcasts import broadcast, campaign_block, media, media_file
from storage.tables.tracker import campaign


@dataclass(frozen=True, slots=True)
class Stored:
    """A file with its bytes."""

    type: MediaType
    content: bytes


async def put(
    tx: Tx, ref: str, owner_id: int, kind: MediaType, name: str, content: bytes, digest: bytes, now: datetime
) -> str:
    """Keep a file; returns its ref, which is the earlier one when its owner has uploaded it before."""
    statement = insert(tx, media).values(
        ref=ref, owner_id=owner_id, type=int(kind), name=name, content=content, digest=digest, created_at=now
    )
    again = statement.on_conflict_do_update(
        index_elements=["owner_id", "digest"],
        set_={"created_at": now},  # it is wanted again: see `forget_unused`
    )
    return str((await tx.execute(again.returning(media.c.ref))).scalar_one())


async def get(tx: Tx, owner_id: int, ref: str) -> Media | None:
    """One of an owner's files."""
    statement = select(media.c.type).where(media.c.ref == ref, media.c.owner_id == owner_id)
    found = (await tx.execute(statement)).scalar_one_or_none()
    return None if found is None else Media(ref, MediaType(found))


async def content(tx: Tx, ref: str) -> Stored | None:
    """A file's bytes."""
    row = (await tx.execute(select(media.c.type, media.c.content).where(media.c.ref == ref))).one_or_none()
    return None if row is None else Stored(MediaType(row.type), bytes(row.content))


async def file_id(tx: Tx, ref: str, bot_id: int) -> str | None:
    """The file's id at Telegram for a bot; None before that bot has sent it."""
    statement = select(media_file.c.file_id).where(media_file.c.ref == ref, media_file.c.bot_id == bot_id)
    return (await tx.execute(statement)).scalar_one_or_none()


async def put_file_id(tx: Tx, ref: str, bot_id: int, file_id: str) -> None:
    """Remember the file's id at Telegram for a bot."""
    statement = insert(tx, media_file).values(ref=ref, bot_id=bot_id, file_id=file_id)
    newest = statement.on_conflict_do_update(index_elements=["ref", "bot_id"], set_={"file_id": file_id})
    await tx.execute(newest)


async def drop_file_id(tx: Tx, ref: str, bot_id: int) -> None:
    """Telegram does not know the id (any more)."""
    await tx.execute(delete(media_file).where(media_file.c.ref == ref, media_file.c.bot_id == bot_id))


async def forget_unused(tx: Tx, before: datetime) -> int:
    """Drop files uploaded before that moment which nothing names; returns how many."""
    used = [exists().where(table.c.media == media.c.ref) for table in (campaign, campaign_block, broadcast)]
    gone = (
        await tx.execute(
            delete(media).where(media.c.created_at < before, *(~one for one in used)).returning(media.c.ref)
        )
    ).all()
    if gone:
        await tx.execute(delete(media_file).where(media_file.c.ref.in_([row.ref for row in gone])))
    return len(gone)
