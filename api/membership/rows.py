"""What the rows of the membership API have in common: addresses, the bot they are about, paging."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec

from api.table import Endpoint, Scope
from domain.actor import Actor
from domain.bots import Bot
from domain.errors import NotAllowed
from services.access import Permission
from services.house import House

ROOT = "/v1/bot"
BASE = ROOT + "{bot_id}"
KEYED = BASE + "/{key}"  # as the document writes it
LARGEST = 2**63 - 1

Id = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
WhichMember = Annotated[
    Id | None, msgspec.Meta(description="Telegram id of a member.", examples=[1111111111])
]
WhichPlan = Annotated[Id | None, msgspec.Meta(description="Id of a plan.", examples=[20])]
WhichProject = Annotated[Id | None, msgspec.Meta(description="Id of a project.", examples=[1])]


class OfBot(msgspec.Struct, kw_only=True):
    """Which bot a call is about."""

    bot_id: Annotated[
        int,
        msgspec.Meta(
            description="The bot's id at Telegram: what stands before the colon of its token.",
            ge=1,
            le=LARGEST,
            examples=[1347378140],
        ),
    ]


class Turned(OfBot, kw_only=True):
    """Which part of a list."""

    limit: Annotated[int, msgspec.Meta(description="At most so many.", ge=1, le=100)] = 100
    offset: Annotated[int, msgspec.Meta(description="Leave out so many first.", ge=0, le=LARGEST)] = 0


async def bot_of(house: House, actor: Actor, given: OfBot) -> Bot:
    """The bot a call is about.

    Raises `NotAllowed` for one the key does not open; one that is not connected looks the same.
    """
    bot = await house.directory.by_telegram_id(given.bot_id)
    if bot is None:
        raise NotAllowed
    await house.access.check(actor, Permission.OWNER, bot.id)
    return bot


def row(
    method: str,
    path: str,
    handler: Callable[..., Awaitable[Any]],
    summary: str,
    *spellings: str,
    **more: Any,
) -> Endpoint:
    """A row at `path` (which is how answers repeat it), with other `spellings` of it. The key stands in a
    header or, as in the document, in the address."""
    aliases = (KEYED + path, *(base + spelling for spelling in spellings for base in (BASE, KEYED)))
    return Endpoint(method, BASE + path, Scope.BOT, handler, summary, aliases=aliases, **more)
