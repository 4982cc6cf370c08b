"""Access tokens: digests, used at most once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update

from domain.tokens import AccessToken
from storage.database import Tx
from storage.tables.core import person
from storage.tables.membership import access_token, plan, wrong_token


@dataclass(frozen=True, slots=True)
class Consumed:
    """A token that was just used."""

    id: int
    plan_id: int


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be kept."""

    digest: bytes
    last4: str


async def create(
    tx: Tx,
    bot_id: int,
    new: Sequence[NewToken],
    plan_id: int,
    member_id: int | None,
    expires_at: datetime | None,
    now: datetime,
) -> None:
    """Keep new tokens for a plan."""
    common = {
        "bot_id": bot_id, "plan_id": plan_id, "member_id": member_id, "created_at": now,
        "expires_at": expires_at,
    }  # fmt: skip
    await tx.execute(
        access_token.insert(), [{**common, "digest": one.digest, "last4": one.last4} for one in new]
    )


async def consume(tx: Tx, bot_id: int, digest: bytes, member_id: int, now: datetime) -> Consumed | None:
    """Use a token up, if it is unused, in time, his to use, and its plan is open; None otherwise.

    Of any number of simultaneous tries the database lets one through.
    """
    open_plan = exists().where(plan.c.bot_id == bot_id, plan.c.id == access_token.c.plan_id, plan.c.enabled)
    statement = (
        update(access_token)
        .where(
            access_token.c.bot_id == bot_id,
            access_token.c.digest == digest,
            access_token.c.used_at.is_(None),
            or_(access_token.c.expires_at.is_(None), access_token.c.expires_at > now),
            or_(access_token.c.member_id.is_(None), access_token.c.member_id == member_id),
            open_plan,
        )
        .values(used_at=now, used_by=member_id)
        .returning(access_token.c.id, access_token.c.plan_id)
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else Consumed(row.id, row.plan_id)


def _tokens() -> Any:
    return (
        select(
            access_token.c.id, access_token.c.last4, access_token.c.plan_id, access_token.c.member_id,
            access_token.c.created_at, access_token.c.expires_at, access_token.c.used_at,
            access_token.c.used_by, func.coalesce(plan.c.name, "").label("plan_name"),
            person.c.first_name.label("member_name"),
        )
        .join(plan, plan.c.id == access_token.c.plan_id, isouter=True)
        .join(
            person,
            (person.c.bot_id == access_token.c.bot_id) & (person.c.user_id == access_token.c.member_id),
            isouter=True,
        )
    )  # fmt: skip


async def by_digest(tx: Tx, bot_id: int, digest: bytes) -> AccessToken | None:
    """The token with a digest."""
    row = (
        await tx.execute(_tokens().where(access_token.c.bot_id == bot_id, access_token.c.digest == digest))
    ).one_or_none()
    return None if row is None else AccessToken(**row._mapping)


async def get(tx: Tx, bot_id: int, token_id: int) -> AccessToken | None:
    """One token of the bot."""
    row = (
        await tx.execute(_tokens().where(access_token.c.bot_id == bot_id, access_token.c.id == token_id))
    ).one_or_none()
    return None if row is None else AccessToken(**row._mapping)


async def listing(tx: Tx, bot_id: int, offset: int, limit: int) -> list[AccessToken]:
    """A bot's tokens, the newest first."""
    rows = await tx.execute(
        _tokens()
        .where(access_token.c.bot_id == bot_id)
        .order_by(access_token.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [AccessToken(**row._mapping) for row in rows]


async def remove(tx: Tx, bot_id: int, token_id: int) -> bool:
    """Delete a token; False when the bot has none such."""
    done = await tx.execute(
        delete(access_token).where(access_token.c.bot_id == bot_id, access_token.c.id == token_id)
    )
    return bool(done.rowcount)


async def wrong_tries(tx: Tx, bot_id: int, user_id: int, since: datetime) -> int:
    """How many wrong tokens somebody has sent since then."""
    return int(
        (
            await tx.execute(
                select(func.count()).where(
                    wrong_token.c.bot_id == bot_id, wrong_token.c.user_id == user_id, wrong_token.c.at > since
                )
            )
        ).scalar_one()
    )


async def note_wrong(tx: Tx, bot_id: int, user_id: int, now: datetime, keep: timedelta) -> None:
    """One more wrong token; tries older than `keep` are forgotten."""
    await tx.execute(wrong_token.insert().values(bot_id=bot_id, user_id=user_id, at=now))
    await tx.execute(
        delete(wrong_token).where(
            wrong_token.c.bot_id == bot_id, wrong_token.c.user_id == user_id, wrong_token.c.at < now - keep
        )
    )
