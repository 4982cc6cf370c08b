"""Customers as the rules of plans see them: what somebody holds and had, and how many hold a plan."""

from datetime import datetime
from typing import Any

from sqlalchemy import distinct, func, or_, select

from domain.orders import Status
from domain.plans import Origin, Standing
from storage import memberships
from storage.database import Tx
from storage.tables.membership import membership, membership_grant, referral
from storage.tables.orders import purchase_order


async def standing(
    tx: Tx,
    bot_id: int,
    member_id: int,
    project_id: int,
    plan_id: int,
    now: datetime,
    *,
    but: int | None = None,
) -> Standing:
    """What a plan's rules look at in a person. The order `but` holds its place for him."""
    mine = await memberships.of_member(tx, bot_id, member_id)
    grants = await tx.execute(
        select(membership_grant.c.origin, membership_grant.c.plan_id, membership_grant.c.project_id).where(
            membership_grant.c.bot_id == bot_id,
            membership_grant.c.member_id == member_id,
            membership_grant.c.revoked_at.is_(None),
        )
    )
    given = [(row.origin, row.plan_id, row.project_id) for row in grants]
    invited = await tx.execute(
        select(referral.c.member_id).where(referral.c.bot_id == bot_id, referral.c.member_id == member_id)
    )
    here = next((one for one in mine if one.project_id == project_id), None)
    return Standing(
        holds=any(one.runs(now) for one in mine),
        held=any(origin != Origin.TRIAL for origin, _, _ in given),
        took=any(plan == plan_id and origin != Origin.TRIAL for origin, plan, _ in given),
        tried=any(origin == Origin.TRIAL and project == project_id for origin, _, project in given),
        invited=invited.first() is not None,
        customers=await _others(tx, bot_id, member_id, plan_id, now, with_orders=True, but=but),
        for_life=here is not None and here.runs(now) and here.end_at is None,
    )


async def _others(
    tx: Tx,
    bot_id: int,
    member_id: int,
    plan_id: int,
    now: datetime,
    *,
    with_orders: bool = False,
    but: int | None = None,
) -> int:
    """How many other people hold the plan; `with_orders`: or a place in it that they are paying for by
    another order than `but`."""
    people: Any = select(membership.c.member_id.label("who")).where(
        membership.c.bot_id == bot_id,
        membership.c.plan_id == plan_id,
        membership.c.member_id != member_id,
        membership.c.ended_at.is_(None),
        or_(membership.c.end_at.is_(None), membership.c.end_at > now),
    )
    if with_orders:
        buyers = select(func.coalesce(purchase_order.c.member_id, -purchase_order.c.id).label("who")).where(
            purchase_order.c.bot_id == bot_id,
            purchase_order.c.plan_id == plan_id,
            func.coalesce(purchase_order.c.member_id, 0) != member_id,
            purchase_order.c.status == Status.PENDING.value,
            purchase_order.c.expires_at > now,
            purchase_order.c.id != (but or 0),
        )
        people = people.union(buyers)
    counted = people.subquery()
    return int((await tx.execute(select(func.count(distinct(counted.c.who))))).scalar_one())


async def count(tx: Tx, bot_id: int, plan_id: int, now: datetime) -> int:
    """How many hold the plan now."""
    return await _others(tx, bot_id, 0, plan_id, now)
