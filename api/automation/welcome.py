"""Welcome and goodbye: what a group says to those who come and go."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.automation.rows import (
    LinkButton,
    OfBot,
    OfGroup,
    SentMedia,
    Words,
    bot_of,
    changes_of,
    chat_of,
    group_of,
    row,
)
from domain.actor import Actor
from domain.errors import NotFound
from domain.welcome import LONGEST_DELAY, Side
from services.house import House


def _of_side(side: Side, event: str) -> dict[str, Any]:
    """The fields of one of the two messages: name → type."""
    text = (
        f"What is said when somebody {event}, Telegram HTML with placeholders such as `{{{{name}}}}`; of "
        "several one is picked at random."
    )
    return {
        f"{side}_text": Annotated[Words, Meta(description=text, examples=["Welcome {{name}}!"])],
        f"{side}_enabled": Annotated[bool, Meta(description=f"Say anything when somebody {event}.")],
        f"{side}_media": Annotated[SentMedia, Meta(description="A picture or film above the text.")],
        f"{side}_buttons": Annotated[
            list[list[LinkButton]], Meta(description="Rows of buttons that open addresses.")
        ],
        f"{side}_delete_previous": Annotated[bool, Meta(description="Delete the message before this one.")],
        f"{side}_delete_after": Annotated[
            int, Meta(description="Seconds until it is deleted; 0: it stays.", ge=0, le=LONGEST_DELAY)
        ],
        f"{side}_silent": Annotated[bool, Meta(description="Without a sound.")],
        f"{side}_thread_id": Annotated[
            int, Meta(description="In which topic; 0: the main one.", ge=0, le=2**53)
        ],
    }  # fmt: skip


FIELDS: dict[str, Any] = {
    **_of_side(Side.WELCOME, "comes"),
    **_of_side(Side.GOODBYE, "leaves"),
    "welcome_back_text": Annotated[str, Meta(description="What is said to somebody who was here before.")],
    "welcome_only_newcomer": Annotated[
        bool, Meta(description="Only the newcomer sees the welcome, where Telegram lets the bot do that.")
    ],
    "clean_service": Annotated[
        bool, Meta(description="Delete Telegram's own messages about who came and who left.")
    ],
    "rules_text": Annotated[str, Meta(description="The rules of the group, which `/rules` shows.")],
    "rules_button": Annotated[bool, Meta(description="A button to the rules below the welcome.")],
}
_NAMES = tuple(FIELDS)
_OPTIONAL = [(name, kind | UnsetType, UNSET) for name, kind in FIELDS.items()]
_LISTS = {"welcome_texts": "welcome_text", "goodbye_texts": "goodbye_text"}  # stored → spoken

WelcomeRow = msgspec.defstruct(
    "WelcomeRow", [("group_id", str), *_OPTIONAL], kw_only=True,
    namespace={"__doc__": "What was set for a group; what is missing inherits from `_default`."},
)  # fmt: skip
_INHERIT = Annotated[
    list[str],
    Meta(description="Names of fields that are to inherit from `_default` again.",
         examples=[["welcome_delete_after"]]),
]  # fmt: skip
WelcomeChanges = msgspec.defstruct(
    "WelcomeChanges", [*_OPTIONAL, ("inherit", _INHERIT | UnsetType, UNSET)], bases=(OfGroup,), kw_only=True,
    namespace={"__doc__": "What is to change for a group."},
)  # fmt: skip


class WelcomeRows(msgspec.Struct):
    """What was set, group by group."""

    configs: list[WelcomeRow]  # type: ignore[valid-type]
    count: int


class OneWelcome(msgspec.Struct):
    """What is set for a group now."""

    config: WelcomeRow  # type: ignore[valid-type]


class WhichWelcome(OfBot, kw_only=True):
    """What was set for one group."""

    group_id: Annotated[
        str,
        Meta(description="Telegram's id of a group; `_default` stands for all groups.",
             pattern=r"^(_default|-[0-9]{1,15})$", examples=["_default"]),
    ]  # fmt: skip


async def list_welcomes(house: House, actor: Actor, given: OfBot) -> WelcomeRows:
    """Everything that was set."""
    bot = await bot_of(house, actor, given)
    found = await house.welcome.all(actor, bot.id)
    rows = [_row(chat_id, document) for chat_id, document in sorted(found.items(), reverse=True)]
    return WelcomeRows(rows, len(rows))


async def set_welcome(house: House, actor: Actor, given: Any) -> OneWelcome:
    """Change what a group says."""
    bot, chat_id = await bot_of(house, actor, given), chat_of(given.group_id)
    view = await house.welcome.set(actor, bot.id, chat_id, changes_of(given, _NAMES))
    return OneWelcome(_row(chat_id, view.own))


async def remove_welcome(house: House, actor: Actor, given: WhichWelcome) -> None:
    """Forget what was set for a group."""
    bot = await bot_of(house, actor, given)
    if not await house.welcome.remove(actor, bot.id, chat_of(given.group_id)):
        raise NotFound("welcome")


def _row(chat_id: int, document: Mapping[str, Any]) -> Any:
    spoken = {_LISTS.get(name, name): value for name, value in document.items()}
    for name in _LISTS.values():
        texts = spoken.get(name)
        if texts is not None:
            spoken[name] = texts[0] if len(texts) == 1 else texts
    known = {name: value for name, value in spoken.items() if name in FIELDS and value != {}}
    return msgspec.convert({"group_id": group_of(chat_id), **known}, WelcomeRow)


_SHOWN = _row(0, {"welcome_texts": ["Welcome {{name}}!"], "welcome_enabled": True})
WELCOME = (
    row(
        "GET", "/api/welcome-messages", list_welcomes, "List welcomes and goodbyes",
        input=OfBot, result=WelcomeRows, section="Welcome messages",
        details="What was set, group by group. A group shows only what was set for itself: everything else "
        "it takes from `_default`.",
        example=WelcomeRows([_SHOWN], 1),
    ),
    row(
        "POST", "/api/welcome-messages", set_welcome, "Set a welcome or goodbye",
        input=WelcomeChanges, result=OneWelcome, section="Welcome messages",
        details="Fields that are not given stay as they are; those in `inherit` are taken from `_default` "
        "again.",
        example=OneWelcome(_SHOWN),
    ),
    row(
        "DELETE", "/api/welcome-messages/{group_id}", remove_welcome, "Remove what was set for a group",
        input=WhichWelcome, section="Welcome messages",
        details="The group takes everything from `_default` again; without `_default` nothing is said.",
        errors={"404": "Nothing was set for this group."},
    ),
)  # fmt: skip
