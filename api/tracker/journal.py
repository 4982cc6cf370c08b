"""The journal: everybody who came and went."""

from typing import Annotated

import msgspec

from api.table import Endpoint, Scope
from api.tracker.bots import LARGEST_ID
from api.tracker.leads import Limit, Unix, moment
from domain.actor import Actor
from domain.errors import Invalid
from domain.movements import MovementKind
from services.house import House
from storage.movements import JournalFilter, JournalRow


class MovementRow(msgspec.Struct):
    """One join or leave. `organic`: no lead stands behind it; `campaign` and `lead` are 0 then."""

    id: int
    bot: int
    chat: int
    title: str
    user: int
    kind: Annotated[
        str,
        msgspec.Meta(
            description="`leave`: by himself. `kick`, `ban`: by somebody else.",
            extra_json_schema={"enum": [kind.value for kind in MovementKind]},
        ),
    ]
    actor: Annotated[int, msgspec.Meta(description="Telegram id of whoever did it.")]
    link: Annotated[str, msgspec.Meta(description="The invite link, where Telegram told it.")]
    source: Annotated[str, msgspec.Meta(description="The link's name, or the way: `@name`, `request` ….")]
    organic: int
    campaign: int
    lead: int
    at: int


class WhichMovements(msgspec.Struct):
    """Which movements to list."""

    bot: Annotated[int, msgspec.Meta(description="Of this bot.", ge=1, le=LARGEST_ID)] | None = None
    chat: Annotated[int, msgspec.Meta(description="Of this chat.", ge=-LARGEST_ID)] | None = None
    campaign: (
        Annotated[int, msgspec.Meta(description="Of this campaign's chat.", ge=1, le=LARGEST_ID)] | None
    ) = None
    user: Annotated[int, msgspec.Meta(description="Telegram id.", ge=1, le=LARGEST_ID)] | None = None
    kinds: Annotated[
        str, msgspec.Meta(description="Kinds, separated by commas; empty: all.", examples=["join,leave"])
    ] = ""
    source: Annotated[str, msgspec.Meta(description="Of this source.", max_length=64)] | None = None
    organic: (
        Annotated[int, msgspec.Meta(description="1: organic ones only; 0: leads' only.", ge=0, le=1)] | None
    ) = None
    at_from: Unix = 0
    at_to: Unix = 0
    limit: Limit = 50
    before: (
        Annotated[int, msgspec.Meta(description="Continue below this row id.", ge=1, le=LARGEST_ID)] | None
    ) = None


async def list_movements(house: House, actor: Actor, given: WhichMovements) -> list[MovementRow]:
    """Movements that fit, the newest first."""
    wanted = JournalFilter(
        bot_id=given.bot,
        chat_id=given.chat,
        campaign_id=given.campaign,
        user_id=given.user,
        kinds=_kinds(given.kinds),
        source=given.source or None,
        organic=None if given.organic is None else bool(given.organic),
        since=moment(given.at_from),
        until=moment(given.at_to),
        before=given.before,
    )
    return [_row(one) for one in await house.leads.journal(actor, wanted, given.limit)]


def _kinds(text: str) -> tuple[MovementKind, ...]:
    try:
        return tuple(MovementKind(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise Invalid("kinds") from None


def _row(one: JournalRow) -> MovementRow:
    movement = one.movement
    return MovementRow(
        id=one.id,
        bot=movement.bot_id,
        chat=movement.chat_id,
        title=one.chat_title,
        user=movement.user_id,
        kind=movement.kind.value,
        actor=movement.actor_id,
        link=movement.invite_link or "",
        source=movement.source,
        organic=int(one.organic),
        campaign=one.campaign_id or 0,
        lead=one.lead_id or 0,
        at=int(movement.at.timestamp()),
    )


JOURNAL = (
    Endpoint(
        "GET", "/api/journal/list.json", Scope.ACCOUNT, list_movements,
        "List joins and leaves", input=WhichMovements, result=list[MovementRow], section="Leads",
        details="Every join and leave in the chats of your bots, the newest first, at most 200. For the next "
        "page pass the last id as `before`. Joins that match no campaign are organic.",
        example=[
            MovementRow(
                901, 7, -1001234567890, "My Channel", 123456789, "join", 123456789, "https://t.me/+AbCdEf",
                "blog", 0, 12, 345, 1717500060,
            )
        ],
        errors={"access": "The campaign is not yours."},
    ),
)  # fmt: skip
