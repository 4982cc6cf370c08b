"""Leads: the facts known of them, the steps noted, and where they stand."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select, text, update

from domain.leads import Entry, Fact, FactKind, Lead, LeadStatus, Noted, Origin
from storage.database import Tx
from storage.statements import Hot, insert
from storage.tables.tracker import lead, lead_entry, lead_fact

_PLAIN = (
    "id", "owner_id", "campaign_id", "bot_id", "chat_id", "user_id", "entry", "already_member",
    "unsubscribed_at", "created_at", "status_at", "approved_at",
)  # fmt: skip


def lead_of(row: Any) -> Lead:
    """The lead in a row."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Lead(**plain, status=LeadStatus(row.status), origin=_origin(row))


def _origin(row: Any) -> Origin:
    return Origin(row.click, row.subs, row.cost_micros, row.source, row.invite)


def _origin_columns(origin: Origin) -> dict[str, Any]:
    return {
        "click": origin.click, "subs": dict(origin.subs), "cost_micros": origin.cost_micros,
        "source": origin.source, "invite": origin.invite,
    }  # fmt: skip


async def hold_person(tx: Tx, bot_id: int, user_id: int) -> None:
    """Whoever else works on the same person of the bot waits until this transaction ends.

    Needed where a lead may not exist yet, so that there is no row to hold: a start and a join that are
    worked off at once must see each other. SQLite has one writer anyway.
    """
    if tx.dialect.name != "postgresql":
        return
    name = hashlib.blake2b(f"lead {bot_id} {user_id}".encode(), digest_size=8).digest()
    number = int.from_bytes(name, "big", signed=True)
    await tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


_FIND = Hot(
    lambda dialect: select(lead.c.id).where(
        lead.c.campaign_id == bindparam("campaign"), lead.c.user_id == bindparam("user")
    )
)


async def of_person(tx: Tx, campaign_id: int, user_id: int) -> Lead | None:
    """Somebody's lead in a campaign."""
    found = await _FIND.run(tx, campaign=campaign_id, user=user_id)
    if not found.rows:
        return None
    row = (await tx.execute(select(lead).where(lead.c.id == found.rows[0][0]))).one()
    return lead_of(row)


async def add_facts(tx: Tx, campaign_id: int, user_id: int, facts: Collection[Fact]) -> int:
    """Write down what Telegram told; what is known already stays. Returns how many are news."""
    news = 0
    for fact in facts:
        statement = insert(tx, lead_fact).values(
            campaign_id=campaign_id, user_id=user_id, key=fact.key, kind=fact.kind.value, at=fact.at,
            update_id=fact.update_id, actor_id=fact.actor_id, member=fact.member,
            **_origin_columns(fact.origin),
        )  # fmt: skip
        done = await tx.execute(statement.on_conflict_do_nothing())
        news += max(done.rowcount, 0)
    return news


async def facts_of(tx: Tx, campaign_id: int, user_id: int) -> list[Fact]:
    """All facts known of somebody in a campaign."""
    rows = await tx.execute(
        select(lead_fact).where(lead_fact.c.campaign_id == campaign_id, lead_fact.c.user_id == user_id)
    )
    return [
        Fact(row.key, FactKind(row.kind), row.at, row.update_id, _origin(row), row.actor_id, row.member)
        for row in rows
    ]


def _noted(row: Any) -> Noted:
    entry = Entry(
        row.key, LeadStatus(row.status), row.at, Origin(row.click, source=row.source), row.actor_id, row.told
    )
    return Noted(row.id, row.number, entry, row.event_id, row.stands)


async def noted(tx: Tx, lead_id: int) -> list[Noted]:
    """All steps noted of a lead, those that do not stand any more included, as they were noted."""
    rows = await tx.execute(
        select(lead_entry).where(lead_entry.c.lead_id == lead_id).order_by(lead_entry.c.number)
    )
    return [_noted(row) for row in rows]


async def history(tx: Tx, lead_id: int) -> list[Noted]:
    """The steps of a lead that stand, in the order they happened."""
    rows = await tx.execute(
        select(lead_entry)
        .where(lead_entry.c.lead_id == lead_id, lead_entry.c.stands)
        .order_by(lead_entry.c.at, lead_entry.c.number)
    )
    return [_noted(row) for row in rows]


async def note(tx: Tx, of: Lead, one: Noted, now: datetime) -> None:
    """Write a new step of a lead down."""
    entry = one.entry
    await tx.execute(
        lead_entry.insert().values(
            lead_id=of.id, campaign_id=of.campaign_id, key=entry.key, number=one.number,
            status=int(entry.status), at=entry.at, noted_at=now, click=entry.origin.click,
            source=entry.origin.source, actor_id=entry.actor_id, told=entry.told, stands=one.stands,
            event_id=one.event_id,
        )
    )  # fmt: skip


async def correct(tx: Tx, steps: Collection[Noted]) -> None:
    """Noted steps are something else by what is known now."""
    # Two steps may swap their facts: out of the way first, for a fact stands behind one step only.
    for one in steps:
        await tx.execute(update(lead_entry).where(lead_entry.c.id == one.id).values(key=f"moving {one.id}"))
    for one in steps:
        entry = one.entry
        await tx.execute(
            update(lead_entry)
            .where(lead_entry.c.id == one.id)
            .values(
                key=entry.key, status=int(entry.status), at=entry.at, click=entry.origin.click,
                source=entry.origin.source, actor_id=entry.actor_id, told=entry.told, stands=one.stands,
            )
        )  # fmt: skip


async def create(
    tx: Tx, owner_id: int, campaign_id: int, bot_id: int, chat_id: int, user_id: int, created_at: datetime
) -> Lead:
    """A new lead, which stands nowhere yet; the one there is when somebody else has just made it.

    It is held until the transaction ends.
    """
    values = {
        "owner_id": owner_id, "campaign_id": campaign_id, "bot_id": bot_id, "chat_id": chat_id,
        "user_id": user_id, "status": int(LeadStatus.WAIT), "entry": 0, "already_member": False,
        "created_at": created_at, "status_at": created_at, **_origin_columns(Origin()),
    }  # fmt: skip
    await tx.execute(insert(tx, lead).values(**values).on_conflict_do_nothing())
    row = (
        await tx.execute(
            select(lead).where(lead.c.campaign_id == campaign_id, lead.c.user_id == user_id).with_for_update()
        )
    ).one()
    return lead_of(row)


async def stand(tx: Tx, one: Lead) -> None:
    """Write down where a lead stands."""
    await tx.execute(
        update(lead)
        .where(lead.c.id == one.id)
        .values(
            status=int(one.status), entry=one.entry, already_member=one.already_member,
            created_at=one.created_at, status_at=one.status_at, approved_at=one.approved_at,
            **_origin_columns(one.origin),
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads are wanted: all of the owner's that fit. `until` moments are exclusive.

    `before` is the id of the last lead of the page before: leads are listed the newest first.
    """

    campaign_id: int | None = None
    bot_id: int | None = None
    statuses: Collection[LeadStatus] = ()
    source: str | None = None
    user_id: int | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    status_from: datetime | None = None
    status_until: datetime | None = None
    before: int | None = None


async def get(tx: Tx, owner_id: int, lead_id: int) -> Lead | None:
    """One lead of the owner."""
    row = (
        await tx.execute(select(lead).where(lead.c.owner_id == owner_id, lead.c.id == lead_id))
    ).one_or_none()
    return None if row is None else lead_of(row)


async def listing(tx: Tx, owner_id: int, wanted: LeadFilter, *, limit: int, offset: int = 0) -> list[Lead]:
    """Leads of the owner, the newest first."""
    statement = _filtered(select(lead), owner_id, wanted)
    if wanted.before is not None:
        statement = statement.where(lead.c.id < wanted.before)
    rows = await tx.execute(statement.order_by(lead.c.id.desc()).offset(offset).limit(limit))
    return [lead_of(row) for row in rows]


async def count(tx: Tx, owner_id: int, wanted: LeadFilter) -> int:
    """How many leads of the owner fit, on all pages."""
    statement = _filtered(select(func.count(lead.c.id)), owner_id, wanted)
    return int((await tx.execute(statement)).scalar_one())


async def count_by_status(
    tx: Tx, owner_id: int, campaign_ids: Collection[int] | None = None
) -> dict[tuple[int, LeadStatus], int]:
    """How many leads stand where: (campaign id, status) → leads."""
    statement = select(lead.c.campaign_id, lead.c.status, func.count().label("leads")).where(
        lead.c.owner_id == owner_id
    )
    if campaign_ids is not None:
        statement = statement.where(lead.c.campaign_id.in_(list(campaign_ids)))
    rows = await tx.execute(statement.group_by(lead.c.campaign_id, lead.c.status))
    return {(row.campaign_id, LeadStatus(row.status)): row.leads for row in rows}


def _filtered(statement: Select[Any], owner_id: int, wanted: LeadFilter) -> Select[Any]:
    statement = statement.where(lead.c.owner_id == owner_id)
    exact = {
        "campaign_id": wanted.campaign_id, "bot_id": wanted.bot_id, "source": wanted.source,
        "user_id": wanted.user_id,
    }  # fmt: skip
    for name, value in exact.items():
        if value is not None:
            statement = statement.where(lead.c[name] == value)
    if wanted.statuses:
        statement = statement.where(lead.c.status.in_([int(status) for status in wanted.statuses]))
    for column, since, until in (
        (lead.c.created_at, wanted.created_from, wanted.created_until),
        (lead.c.status_at, wanted.status_from, wanted.status_until),
    ):
        if since is not None:
            statement = statement.where(column >= since)
        if until is not None:
            statement = statement.where(column < until)
    return statement


async def unsubscribe(tx: Tx, campaign_id: int, user_id: int, at: datetime | None) -> Lead | None:
    """Somebody wants no messages of the campaign (None: wants them again); None when he is no lead of it."""
    row = (
        await tx.execute(
            update(lead)
            .where(lead.c.campaign_id == campaign_id, lead.c.user_id == user_id)
            .values(unsubscribed_at=at)
            .returning(*lead.c)
        )
    ).one_or_none()
    return None if row is None else lead_of(row)
