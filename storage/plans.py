"""Plans."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, true, update

from domain import durations
from domain.money import Money
from domain.plans import InviteeOnly, Newcomers, Plan, PlanOptions, SingleUse
from storage.database import Tx
from storage.tables.membership import access_token, membership_grant, plan
from storage.tables.orders import purchase_order

_COLUMNS = (
    plan.c.id, plan.c.project_id, plan.c.name, plan.c.duration, plan.c.price, plan.c.currency,
    plan.c.trial, plan.c.recurring, plan.c.newcomers, plan.c.singleuse, plan.c.token_only,
    plan.c.credit_only, plan.c.invitee_only, plan.c.is_hidden, plan.c.max_customers, plan.c.sort_order,
    plan.c.enabled,
)  # fmt: skip
_STEP = 10  # between sort orders, so that the API can put a plan between two


DEFAULTS: dict[str, Any] = {
    "project_id": 0, "trial": None, "recurring": False, "newcomers": 0, "singleuse": 0,
    "token_only": False, "credit_only": False, "invitee_only": 0, "is_hidden": False, "max_customers": 0,
    "sort_order": 0, "enabled": True,
}  # fmt: skip


def plan_of(values: Mapping[str, Any]) -> Plan:
    """The plan of its columns' values, `DEFAULTS` for those that are missing; id 0 for one not stored yet."""
    full = DEFAULTS | dict(values)
    return Plan(
        id=full.get("id", 0),
        project_id=full["project_id"],
        name=full["name"],
        duration=durations.parse(full["duration"]),
        price=Money(full["price"], full["currency"]),
        trial=None if full["trial"] is None else durations.parse(full["trial"]),
        options=PlanOptions(
            recurring=full["recurring"],
            newcomers=Newcomers(full["newcomers"]),
            singleuse=SingleUse(full["singleuse"]),
            token_only=full["token_only"],
            credit_only=full["credit_only"],
            invitee_only=InviteeOnly(full["invitee_only"]),
            is_hidden=full["is_hidden"],
        ),
        max_customers=full["max_customers"],
        sort_order=full["sort_order"],
        enabled=full["enabled"],
    )


async def create(tx: Tx, bot_id: int, values: Mapping[str, Any], now: datetime) -> int:
    """A new plan of its columns' values (`plan_of`), below the bot's others; returns its id."""
    lowest = (
        await tx.execute(select(func.min(plan.c.sort_order)).where(plan.c.bot_id == bot_id))
    ).scalar_one()
    full = DEFAULTS | dict(values) | {"sort_order": 1000 if lowest is None else lowest - _STEP}
    statement = plan.insert().values(bot_id=bot_id, created_at=now, **full).returning(plan.c.id)
    return int((await tx.execute(statement)).scalar_one())


async def get(tx: Tx, bot_id: int, plan_id: int) -> Plan | None:
    """One plan of the bot."""
    row = (
        await tx.execute(select(*_COLUMNS).where(plan.c.bot_id == bot_id, plan.c.id == plan_id))
    ).one_or_none()
    return None if row is None else plan_of(dict(row._mapping))


async def lock(tx: Tx, bot_id: int, plan_id: int) -> Plan | None:
    """One plan of the bot, held until the transaction ends: who is counted among its customers waits here."""
    statement = select(*_COLUMNS).where(plan.c.bot_id == bot_id, plan.c.id == plan_id).with_for_update()
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else plan_of(dict(row._mapping))


async def of_bot(tx: Tx, bot_id: int, *, only_enabled: bool = False) -> list[Plan]:
    """A bot's plans, those with the higher `sort_order` first."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(plan.c.bot_id == bot_id, plan.c.enabled if only_enabled else true())
        .order_by(plan.c.sort_order.desc(), plan.c.id)
    )
    return [plan_of(dict(row._mapping)) for row in rows]


async def page(
    tx: Tx, bot_id: int, offset: int, limit: int, plan_id: int | None = None, project_id: int | None = None
) -> list[Plan]:
    """So many of a bot's plans in the order of `of_bot`; only those of the ids that are given."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(
            plan.c.bot_id == bot_id,
            true() if plan_id is None else plan.c.id == plan_id,
            true() if project_id is None else plan.c.project_id == project_id,
        )
        .order_by(plan.c.sort_order.desc(), plan.c.id)
        .offset(offset)
        .limit(limit)
    )
    return [plan_of(dict(row._mapping)) for row in rows]


async def by_name(tx: Tx, bot_id: int, name: str) -> list[Plan]:
    """Plans of a name, in any case of letters."""
    wanted = name.casefold()
    return [found for found in await of_bot(tx, bot_id) if found.name.casefold() == wanted]


async def change(tx: Tx, bot_id: int, plan_id: int, values: Mapping[str, Any]) -> bool:
    """Set some columns; False when the bot has no such plan."""
    done = await tx.execute(
        update(plan).where(plan.c.bot_id == bot_id, plan.c.id == plan_id).values(**values)
    )
    return bool(done.rowcount)


async def move_up(tx: Tx, bot_id: int, plan_id: int) -> bool:
    """Put a plan one place higher; False when the bot has no such plan.

    The whole list is numbered anew, so that equal numbers cannot stick.
    """
    ids = [found.id for found in await of_bot(tx, bot_id)]
    if plan_id not in ids:
        return False
    if (place := ids.index(plan_id)) > 0:
        ids[place - 1], ids[place] = ids[place], ids[place - 1]
    for place, one in enumerate(ids):
        await change(tx, bot_id, one, {"sort_order": (len(ids) - place) * _STEP})
    return True


async def remove(tx: Tx, bot_id: int, plan_id: int) -> bool:
    """Delete a plan nobody ever had or ordered and no token stands for; False when it may not be or is not
    there."""
    used = exists().where(membership_grant.c.bot_id == bot_id, membership_grant.c.plan_id == plan_id)
    promised = exists().where(access_token.c.bot_id == bot_id, access_token.c.plan_id == plan_id)
    ordered = exists().where(purchase_order.c.bot_id == bot_id, purchase_order.c.plan_id == plan_id)
    done = await tx.execute(
        delete(plan).where(plan.c.bot_id == bot_id, plan.c.id == plan_id, ~used, ~promised, ~ordered)
    )
    return bool(done.rowcount)
