"""Clicks that are too long for a start link: stored by `/go/`, claimed by the start that brings the token."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.database import Tx
from storage.tables.tracker import click


@dataclass(frozen=True, slots=True)
class Click:
    """What a click's link said. `subs` are sub1 … sub5 as far as given."""

    click: str
    subs: Mapping[str, str]
    cost_micros: int | None


async def put(tx: Tx, campaign_id: int, token: str, one: Click, now: datetime) -> None:
    """Keep a click under its token."""
    await tx.execute(
        click.insert().values(
            token=token, campaign_id=campaign_id, click=one.click, subs=dict(one.subs),
            cost_micros=one.cost_micros, created_at=now,
        )
    )  # fmt: skip


async def get(tx: Tx, campaign_id: int, token: str) -> Click | None:
    """The click of a token; None when it is not this campaign's, or forgotten."""
    row = (
        await tx.execute(
            select(click.c.click, click.c.subs, click.c.cost_micros).where(
                click.c.token == token, click.c.campaign_id == campaign_id
            )
        )
    ).one_or_none()
    return None if row is None else Click(row.click, row.subs, row.cost_micros)


async def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Delete clicks stored before then (what was claimed is kept with the lead); returns how many."""
    old = select(click.c.id).where(click.c.created_at < before).order_by(click.c.created_at).limit(limit)
    return int((await tx.execute(delete(click).where(click.c.id.in_(old)))).rowcount)
