"""Anti-spam: settings, trying a message, and who is banned."""

from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.automation.rows import (
    GroupId,
    OfBot,
    OfGroup,
    UserId,
    Words,
    bot_of,
    changes_of,
    chat_of,
    group_of,
    listed,
    row,
)
from domain.actor import Actor
from domain.antispam.evidence import ENOUGH
from domain.antispam.settings import FIELDS, LISTS, AntiSpamSettings, Mode
from domain.antispam.views import AntiSpamView
from services.house import House
from storage.moderation import Ban
from texts.antispam import reason

_WHAT = {
    "mode": "`auto` observes during a group's first day, then acts; `observe` only logs what it would do.",
    "action": "What is done about spam; all but a moderator's own sanction delete the message.",
    "mute_seconds": "How long a mute lasts, in seconds; 0: for ever.",
    "ban_seconds": "How long a ban lasts, in seconds; 0: for ever.",
    "warn_limit": "So many warnings lead to `warn_action`.",
    "warn_action": "What follows the last warning: mute, kick or ban.",
    "warn_seconds": "How long that lasts, in seconds; 0: for ever.",
    "notice_seconds": "How long the group sees a word about it; 0: not at all.",
    "log_chat": "The group that gets the log; 0: the bot's owner, in private.",
    "block_flood": "More than `flood_limit` messages of one person within `flood_seconds`.",
    "flood_limit": "Messages of one person within `flood_seconds`.",
    "flood_seconds": "The length of time that messages are counted in.",
    "block_duplicates": "The same text `duplicate_limit` times within `duplicate_seconds`, whoever writes.",
    "duplicate_limit": "How often the same text may come.",
    "duplicate_seconds": "The length of time that texts are compared in.",
    "block_newcomers": "Links, media and forwards in the first messages of newcomers.",
    "newcomer_messages": "So many messages make somebody a regular.",
    "newcomer_seconds": "So long after joining nobody is a newcomer any more.",
    "block_links": "Links that are not in `allowed_links`.",
    "block_invites": "Invitations to other chats.",
    "block_mentions": "Mentions of bots, channels and groups that do not belong to the group.",
    "block_forwards": "Forwarded messages.",
    "block_via_bot": "Messages sent through another bot.",
    "block_words": "The `banned_words`, in any disguise.",
    "block_mixed": "Words in letters of two alphabets.",
    "block_stories": "Stories.",
    "block_contacts": "Contacts.",
    "block_keyboards": "Messages with buttons.",
    "block_channels": "Messages in the name of a channel.",
    "block_learned": "What resembles spam that is known or was removed by administrators.",
    "block_known": "People who are on a list of known spammers: what they write, and (in groups that act at "
    "once, with `mute`, `kick` or `ban`) that they join.",
    "block_profiles": "Names and bios of newcomers: `profile_words` or, where there are none, links in them.",
    "block_judged": "Doubtful messages of people who are new are put before the installation's language "
    "model; nothing happens where it has none.",
    "profile_words": "Words and phrases that no newcomer may have in name, username or bio; in a string, one "
    "a line.",
    "banned_words": "Words and phrases; in a string, one a line. `casino*` also finds casinos.",
    "allowed_links": "Domains and @names that are always allowed; in a string, one a line.",
}
_HINTS = get_type_hints(AntiSpamSettings, include_extras=True)


def _kind(name: str) -> Any:
    """The type of a setting, as callers send it."""
    if name in LISTS:
        return Words
    if name == "log_chat":
        return Annotated[int, Meta(ge=-(2**53), le=0)]
    return _HINTS[name]


AntiSpamChanges = msgspec.defstruct(
    "AntiSpamChanges",
    [
        *(
            (name, Annotated[_kind(name), Meta(description=_WHAT.get(name, name))] | UnsetType, UNSET)
            for name in FIELDS
        ),
        (
            "inherit",
            Annotated[
                list[str],
                Meta(description="Names of settings that are to inherit from `_default` again.",
                     examples=[["flood_limit"]]),
            ] | UnsetType,
            UNSET,
        ),
    ],
    bases=(OfGroup,), kw_only=True, namespace={"__doc__": "What is to change for a group."},
)  # fmt: skip


class Learned(msgspec.Struct):
    """Messages that administrators decided about."""

    spam: int
    ham: int


class Config(msgspec.Struct):
    """Settings as they work in a group. `own` names those set for this very group, the others are inherited;
    `mode_now` is the mode in force: on, observe or off. `learned` counts the messages that administrators
    called spam or not spam in all groups of the bots' owner; null but for `_default`."""

    group_id: str
    config: AntiSpamSettings
    own: list[str]
    mode_now: Mode
    learned: Learned | None


class ToCheck(OfGroup, kw_only=True):
    """A message to be tried."""

    text: Annotated[str, Meta(description="What was written.", examples=["buy followers cheap"])]
    user_id: Annotated[
        UserId | UnsetType,
        Meta(description="Who writes it: administrators and approved members of the group are exempt."),
    ] = UNSET


class Checked(msgspec.Struct):
    """What would be made of a message. `score` counts the points of all findings: 100 are enough to be spam.

    `action` is what would be done: `none`, or the group's setting. `exempt`: nothing is, whoever wrote it
    is trusted there.
    """

    spam: bool
    score: int
    reasons: list[str]
    action: str
    exempt: bool


class WhichBans(OfBot, kw_only=True):
    """Whose bans."""

    group_id: Annotated[
        GroupId | UnsetType,
        Meta(description="Only the bans of this group; `_default`: only those that hold in all groups. Left "
                         "out: every ban."),
    ] = UNSET  # fmt: skip


class ToBan(OfGroup, kw_only=True):
    """Whom to ban, where."""

    user_id: UserId
    reason: Annotated[str, Meta(description="Why, for the list.", max_length=200)] = ""


class ToUnban(OfBot, kw_only=True):
    """Whose ban to lift, where."""

    user_id: Annotated[
        str, Meta(description="Telegram's id of the person.", pattern="^[0-9]{1,15}$", examples=["12345"])
    ]
    group_id: GroupId = "_default"


class BanRow(msgspec.Struct):
    """Somebody who is banned. `until` null: for ever; times are UNIX seconds."""

    user_id: str
    name: str
    group_id: str
    reason: str
    banned_at: int
    until: int | None


class Bans(msgspec.Struct):
    """Who is banned, the newest first."""

    banned: list[BanRow]
    count: int


class OneBan(msgspec.Struct):
    """A ban as it is now."""

    ban: BanRow


async def get_config(house: House, actor: Actor, given: OfGroup) -> Config:
    """The settings of a group."""
    bot = await bot_of(house, actor, given)
    return _config(await house.antispam.get(actor, bot.id, chat_of(given.group_id)))


async def set_config(house: House, actor: Actor, given: Any) -> Config:
    """Change the settings of a group."""
    bot, changes = await bot_of(house, actor, given), changes_of(given, FIELDS)
    changes |= {name: listed(changes[name]) for name in LISTS if name in changes}
    return _config(await house.antispam.set(actor, bot.id, chat_of(given.group_id), changes))


async def check(house: House, actor: Actor, given: ToCheck) -> Checked:
    """Try a message."""
    bot = await bot_of(house, actor, given)
    user_id = 0 if given.user_id is UNSET else int(given.user_id)
    trial = await house.antispam.check(actor, bot.id, chat_of(given.group_id), given.text, user_id)
    spam = trial.spam and not trial.exempt
    found = sorted(trial.evidence, key=lambda one: -one.points)
    words = [reason(actor.t, one) for one in found]
    return Checked(spam, trial.score, words, trial.action.value if spam else "none", trial.exempt)


async def list_banned(house: House, actor: Actor, given: WhichBans) -> Bans:
    """Who is banned."""
    bot = await bot_of(house, actor, given)
    if given.group_id is UNSET:
        found = await house.bans.all(actor, bot.id)
    else:
        found = await house.bans.list(actor, bot.id, chat_of(given.group_id))
    rows = [_ban(one) for one in found]
    return Bans(rows, len(rows))


async def ban(house: House, actor: Actor, given: ToBan) -> OneBan:
    """Ban somebody."""
    bot = await bot_of(house, actor, given)
    chat_id, user_id = chat_of(given.group_id), int(given.user_id)
    return OneBan(_ban(await house.bans.ban(actor, bot.id, chat_id, user_id, given.reason)))


async def unban(house: House, actor: Actor, given: ToUnban) -> None:
    """Lift a ban."""
    bot = await bot_of(house, actor, given)
    await house.bans.unban(actor, bot.id, chat_of(given.group_id), int(given.user_id))


def _config(view: AntiSpamView) -> Config:
    own = [name for name in FIELDS if name in view.own]
    learned = None if view.learned is None else Learned(*view.learned)
    return Config(group_of(view.chat_id), view.settings, own, view.mode, learned)


def _ban(one: Ban) -> BanRow:
    until = None if one.until is None else int(one.until.timestamp())
    return BanRow(
        str(one.user_id), one.name, group_of(one.chat_id), one.reason, int(one.at.timestamp()), until
    )


_BAN = BanRow("12345", "Spike", "_default", "spam", 1_800_000_000, None)
_CHANGE: dict[str, Any] = {
    "input": AntiSpamChanges, "result": Config, "section": "Anti-spam",
    "details": "Settings that are not given stay as they are; those in `inherit` are taken from `_default` "
    "again. They work at once.",
    "example": Config(
        "_default", AntiSpamSettings(flood_limit=5), ["flood_limit"], Mode.AUTO, Learned(12, 3)
    ),
    "errors": {"403": "The key does not open this bot, or `log_chat` is a group you do not administer."},
}  # fmt: skip
ANTISPAM = (
    row(
        "GET", "/api/antispam/config", get_config, "Show the settings",
        input=OfGroup, result=Config, section="Anti-spam",
        details="The settings as they work in a group, or (`_default`) in those that have none of their own.",
        example=Config("_default", AntiSpamSettings(), [], Mode.AUTO, Learned(12, 3)),
    ),
    row("POST", "/api/antispam/config", set_config, "Change the settings", **_CHANGE),
    row("PUT", "/api/antispam/config", set_config, "Change the settings (as POST)", **_CHANGE),
    row(
        "POST", "/api/antispam/check", check, "Try a message",
        input=ToCheck, result=Checked, section="Anti-spam",
        details="What the group's checks make of a message. Nothing is remembered, logged or done; what "
        "needs a history (flood, repeated texts, first messages of newcomers) does not count.",
        example=Checked(True, ENOUGH, ["a banned word: followers"], "warn", False),
    ),
    row(
        "GET", "/api/antispam/banned", list_banned, "List banned people",
        input=WhichBans, result=Bans, section="Anti-spam",
        details="Who was banned through Gatehouse, by the checks, by moderators or here, and still is.",
        example=Bans([_BAN], 1),
    ),
    row(
        "POST", "/api/antispam/banned", ban, "Ban somebody",
        input=ToBan, result=OneBan, section="Anti-spam",
        details="In Telegram, too: in one group or, with `_default`, in every group where the bot may ban. "
        "Administrators cannot be banned.",
        example=OneBan(_BAN),
    ),
    row(
        "DELETE", "/api/antispam/banned/{user_id}", unban, "Lift a ban",
        input=ToUnban, section="Anti-spam",
        details="In Telegram, too. With `_default` all bans of the person end, those of single groups "
        "included.",
        errors={"404": "The person is not banned there."},
    ),
)  # fmt: skip
