"""What the calls of the automation API have in common: which bot, which group, which person."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.table import Endpoint, Scope
from domain.actor import Actor
from domain.bots import Bot, BotStatus
from domain.errors import NotAllowed, NotFound
from domain.welcome import MEDIA_KINDS
from services.access import Permission
from services.house import House

DEFAULT = "_default"
_FARTHEST = 2**53  # Telegram's ids have at most 52 significant bits: https://core.telegram.org/bots/api#chat

GroupId = Annotated[
    Annotated[int, Meta(ge=-_FARTHEST, le=-1)] | Annotated[str, Meta(pattern=r"^(_default|-[0-9]{1,15})$")],
    Meta(
        description="Telegram's id of a group, as a number or a string; `_default` stands for all groups.",
        examples=[DEFAULT],
    ),
]
UserId = Annotated[
    Annotated[int, Meta(ge=1, le=_FARTHEST)] | Annotated[str, Meta(pattern="^[0-9]{1,15}$")],
    Meta(description="Telegram's id of a person, as a number or a string.", examples=["12345"]),
]
Words = str | list[str]  # one as a string, several as a list


class LinkButton(msgspec.Struct):
    """A button that opens an address."""

    text: str
    url: str


class SentMedia(msgspec.Struct):
    """A picture or film by its `file_id` at Telegram, as this bot knows it."""

    kind: Annotated[str, Meta(extra_json_schema={"enum": list(MEDIA_KINDS)})]
    file_id: str


Buttons = Annotated[
    list[list[LinkButton]], Meta(description="Rows of buttons that open addresses; an empty list: none.")
]


class OfBot(msgspec.Struct, kw_only=True):
    """Which bot a call is about."""

    bot_id: Annotated[
        Annotated[int, Meta(ge=1, le=2**63 - 1)] | UnsetType,
        Meta(
            description="Which of your bots, by its id at Telegram or by the `id` that `/api/bots/list.json` "
            "shows. Left out: your only bot, or the one of your active bots that was connected first.",
            examples=[1347378140],
        ),
    ] = UNSET


class OfGroup(OfBot, kw_only=True):
    """Which group of a bot; all of them by default."""

    group_id: GroupId = DEFAULT


async def bot_of(house: House, actor: Actor, given: OfBot) -> Bot:
    """The bot a call is about.

    Raises `NotAllowed` for one that is not the actor's (or is not connected: it looks the same), `NotFound`
    (bot) when none is named and he has none.
    """
    if given.bot_id is not UNSET:
        bot = await house.directory.by_telegram_id(given.bot_id) or await house.directory.get(given.bot_id)
        if bot is None:
            raise NotAllowed
        await house.access.check(actor, Permission.OWNER, bot.id)
        return bot
    mine = [bot for bot in await house.bots.list(actor) if bot.alive]
    if not mine:
        raise NotFound("bot")
    return min(mine, key=lambda bot: (bot.status is not BotStatus.ACTIVE, bot.created_at, bot.id))


def chat_of(group_id: int | str) -> int:
    """Our chat id of a group: 0 for `_default`."""
    return 0 if group_id == DEFAULT else int(group_id)


def group_of(chat_id: int) -> str:
    """The API's name of a chat."""
    return str(chat_id) if chat_id else DEFAULT


def changes_of(given: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Any]:
    """What was given of these fields, as plain data; names in `inherit` stand for None: inherit again."""
    inherited = getattr(given, "inherit", UNSET)
    changes: dict[str, Any] = {} if inherited is UNSET else dict.fromkeys(inherited)
    values = {name: getattr(given, name) for name in names}
    return changes | {
        name: msgspec.to_builtins(value) for name, value in values.items() if value is not UNSET
    }


def listed(value: Any) -> Any:
    """A list from one string, an entry a line, as forms send it; anything else stays."""
    return [line for line in map(str.strip, value.splitlines()) if line] if isinstance(value, str) else value


def row(method: str, path: str, handler: Any, summary: str, **more: Any) -> Endpoint:
    """A row of the table: it takes an account's key, and may find that there is no such bot or group."""
    return Endpoint(method, path, Scope.ACCOUNT, handler, summary, **more)
