"""Leads: listed with filters, and one with its history."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from api.table import Endpoint, Scope
from api.tracker.bots import LARGEST_ID
from api.tracker.fields import Status
from domain.actor import Actor
from domain.errors import Invalid
from domain.leads import LeadStatus
from domain.macros import from_micros
from services.house import House
from services.leads import MOST, LeadPanel
from storage.leads import LeadFilter

LATEST = 32_503_680_000  # the year 3000
Unix = Annotated[int, msgspec.Meta(description="Unix seconds; 0 = unbounded.", ge=0, le=LATEST)]
Limit = Annotated[int, msgspec.Meta(description="Rows at most.", ge=1, le=MOST)]


class LeadRow(msgspec.Struct):
    """A lead. `subs` are sub1 … sub5 as far as they were given."""

    id: int
    campaign: int
    bot: int
    chat: int
    user: int
    username: str
    name: str
    status: Status
    click: str
    subs: dict[str, str]
    source: str
    invite: str
    cost: str
    already_member: Annotated[int, msgspec.Meta(description="1: was inside at /start; no join was bought.")]
    stale: Annotated[int, msgspec.Meta(description="1: a request a week old or more, declined by somebody.")]
    unsubscribed: Annotated[int, msgspec.Meta(description="Since when he wants no messages; 0 = he does.")]
    created: int
    status_at: int


class StepRow(msgspec.Struct):
    """One step of a lead, dated by Telegram. `told`: it was told to postbacks."""

    number: int
    status: Status
    at: int
    click: str
    source: str
    actor: Annotated[int, msgspec.Meta(description="Telegram id of whoever did it; 0 = nobody said.")]
    told: int


class FullLead(LeadRow):
    """A lead with every step it took."""

    history: list[StepRow]


class WhichLead(msgspec.Struct):
    """One lead of the account."""

    id: Annotated[int, msgspec.Meta(description="Lead id.", ge=1, le=LARGEST_ID, examples=[345])]


class WhichLeads(msgspec.Struct):
    """Which leads to list."""

    campaign: Annotated[int, msgspec.Meta(description="Of this campaign.", ge=1, le=LARGEST_ID)] | None = None
    statuses: Annotated[
        str, msgspec.Meta(description="Statuses, separated by commas; empty: all.", examples=["2,3"])
    ] = ""
    source: Annotated[str, msgspec.Meta(description="Of this source.", max_length=64)] | None = None
    user: Annotated[int, msgspec.Meta(description="Telegram id.", ge=1, le=LARGEST_ID)] | None = None
    created_from: Unix = 0
    created_to: Unix = 0
    status_from: Unix = 0
    status_to: Unix = 0
    limit: Limit = 50
    before: (
        Annotated[int, msgspec.Meta(description="Continue below this lead id.", ge=1, le=LARGEST_ID)] | None
    ) = None


async def list_leads(house: House, actor: Actor, given: WhichLeads) -> list[LeadRow]:
    """Leads that fit, the newest first."""
    wanted = LeadFilter(
        campaign_id=given.campaign,
        statuses=statuses(given.statuses),
        source=given.source or None,
        user_id=given.user,
        created_from=moment(given.created_from),
        created_until=moment(given.created_to),
        status_from=moment(given.status_from),
        status_until=moment(given.status_to),
        before=given.before,
    )
    found = await house.leads.page(actor, wanted, limit=given.limit)
    return [LeadRow(**_row(one)) for one in found.rows]


async def get_lead(house: House, actor: Actor, given: WhichLead) -> FullLead:
    """One lead with its history."""
    shown = await house.leads.get(actor, given.id)
    history = [
        StepRow(
            number=one.number,
            status=int(one.entry.status),
            at=int(one.entry.at.timestamp()),
            click=one.entry.origin.click,
            source=one.entry.origin.source,
            actor=one.entry.actor_id,
            told=int(one.entry.told),
        )
        for one in shown.history
    ]
    return FullLead(**_row(shown), history=history)


def statuses(text: str) -> tuple[LeadStatus, ...]:
    """`2,3` as statuses. Raises `Invalid` (statuses)."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if any(part not in {"0", "1", "2", "3", "4"} for part in parts):
        raise Invalid("statuses")
    return tuple(sorted({LeadStatus(int(part)) for part in parts}))


def moment(seconds: int) -> datetime | None:
    """Unix seconds as a moment; None for 0."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _row(shown: LeadPanel) -> dict[str, Any]:
    lead, person = shown.lead, shown.person
    origin, off = lead.origin, lead.unsubscribed_at
    return {
        "id": lead.id,
        "campaign": lead.campaign_id,
        "bot": lead.bot_id,
        "chat": lead.chat_id,
        "user": lead.user_id,
        "username": (person.username or "") if person is not None else "",
        "name": person.full_name if person is not None else "",
        "status": int(lead.status),
        "click": origin.click,
        "subs": dict(origin.subs),
        "source": origin.source,
        "invite": origin.invite,
        "cost": "" if origin.cost_micros is None else from_micros(origin.cost_micros),
        "already_member": int(lead.already_member),
        "stale": int(shown.stale),
        "unsubscribed": 0 if off is None else int(off.timestamp()),
        "created": int(lead.created_at.timestamp()),
        "status_at": int(lead.status_at.timestamp()),
    }


_EXAMPLE: dict[str, Any] = {
    "id": 345, "campaign": 12, "bot": 7, "chat": -1001234567890, "user": 123456789, "username": "anna",
    "name": "Anna", "status": 2, "click": "abc123", "subs": {"sub1": "ad7"}, "source": "", "invite": "",
    "cost": "0.35", "already_member": 0, "stale": 0, "unsubscribed": 0, "created": 1717500000,
    "status_at": 1717500060,
}  # fmt: skip
LEADS = (
    Endpoint(
        "GET", "/api/leads/list.json", Scope.ACCOUNT, list_leads,
        "List leads", input=WhichLeads, result=list[LeadRow], section="Leads",
        details="The newest first, at most 200. For the next page pass the last id as `before`. Dates: from "
        "inclusive, to exclusive.",
        example=[LeadRow(**_EXAMPLE)],
        errors={"access": "The campaign is not yours."},
    ),
    Endpoint(
        "GET", "/api/leads/get.json", Scope.ACCOUNT, get_lead,
        "Get a lead", input=WhichLead, result=FullLead, section="Leads",
        details="With every step it took, in the order they happened.",
        example=FullLead(
            **_EXAMPLE,
            history=[
                StepRow(1, 0, 1717500000, "abc123", "", 123456789, 1),
                StepRow(2, 2, 1717500060, "abc123", "", 123456789, 1),
            ],
        ),
        errors={"access": "There is no lead of yours with this id."},
    ),
)  # fmt: skip
