"""Automatic replies: rules that answer what people write."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.automation.autoreply_fields import (
    NO_HOURS,
    Cooldown,
    DeleteAfter,
    DeleteTrigger,
    Enabled,
    Hours,
    Keyword,
    Mode,
    Picture,
    Places,
    Reply,
    Response,
)
from api.automation.rows import (
    Buttons,
    GroupId,
    LinkButton,
    OfBot,
    SentMedia,
    Words,
    bot_of,
    changes_of,
    chat_of,
    group_of,
    row,
)
from domain import link_rows
from domain.actor import Actor
from domain.autoreplies import Rule, Verdict
from domain.matching import MatchMode
from services.house import House

FIELDS = (
    "keyword", "response", "match_mode", "enabled", "cooldown_seconds", "buttons", "reply", "delete_trigger",
    "delete_after", "hours", "media", "group_ids",
)  # fmt: skip
WHY = {
    "": "It answers.",
    "no_match": "None of its keywords is in the text.",
    "elsewhere": "It listens in other groups.",
    "disabled": "It is switched off.",
    "hours": "It answers at other hours.",
    "earlier": "A rule before it answers.",
}


class RuleRow(msgspec.Struct):
    """A rule. One keyword or response is a string, several are a list."""

    id: int
    group_id: str
    private: bool
    keyword: Words
    match_mode: MatchMode
    response: Words
    enabled: bool
    cooldown_seconds: int
    buttons: list[list[LinkButton]] = []
    reply: bool = True
    delete_trigger: bool = False
    delete_after: int = 0
    hours: str = NO_HOURS
    media: SentMedia | Literal["none"] = "none"
    group_ids: list[str] = []


class Rules(msgspec.Struct):
    """A list of rules."""

    rules: list[RuleRow]
    count: int


class OneRule(msgspec.Struct):
    """A rule as it is now."""

    rule: RuleRow


class Fields(OfBot, kw_only=True):
    """What can be set about a rule besides what it says."""

    match_mode: Mode | UnsetType = UNSET
    enabled: Enabled | UnsetType = UNSET
    cooldown_seconds: Cooldown | UnsetType = UNSET
    buttons: Buttons | UnsetType = UNSET
    reply: Reply | UnsetType = UNSET
    delete_trigger: DeleteTrigger | UnsetType = UNSET
    delete_after: DeleteAfter | UnsetType = UNSET
    hours: Hours | UnsetType = UNSET
    media: Picture | UnsetType = UNSET
    group_ids: Places | UnsetType = UNSET


class NewRule(Fields, kw_only=True):
    """A rule to be made."""

    keyword: Keyword
    response: Response
    group_id: GroupId = "_default"
    private: Annotated[bool, Meta(description="Answers in the private chat with the bot, not in groups.")] = (
        False
    )


class WhichRule(OfBot, kw_only=True):
    """One rule."""

    rule_id: Annotated[int, Meta(description="Id of the rule.", ge=1, le=2**63 - 1, examples=[7])]


class RuleChanges(Fields, kw_only=True):
    """A rule, and what is to change about it."""

    rule_id: Annotated[int, Meta(description="Id of the rule.", ge=1, le=2**63 - 1, examples=[7])]
    keyword: Keyword | UnsetType = UNSET
    response: Response | UnsetType = UNSET


class ToTest(OfBot, kw_only=True):
    """A message to be tried."""

    text: Annotated[str, Meta(description="What somebody might write.", examples=["hello world"])]
    group_id: Annotated[
        GroupId | UnsetType,
        Meta(description="Where it is written: the rules of this group are asked, then those of all groups. "
                         "Left out: every rule, each where it listens."),
    ] = UNSET  # fmt: skip


class VerdictRow(msgspec.Struct):
    """What a rule makes of a text. `reason`: empty, `no_match`, `elsewhere`, `disabled`, `hours` or
    `earlier`."""

    rule_id: int
    group_id: str
    private: bool
    keyword: Words
    answers: bool
    reason: str
    why: str


class Tested(msgspec.Struct):
    """Which rules answer, and why the others do not. `rule` is the first that answers."""

    matched: bool
    rule: RuleRow | None
    results: list[VerdictRow]
    count: int


async def list_rules(house: House, actor: Actor, given: OfBot) -> Rules:
    """All rules of the bot."""
    bot = await bot_of(house, actor, given)
    found = [_row(rule) for rule in await house.autoreplies.all(actor, bot.id)]
    return Rules(found, len(found))


async def make_rule(house: House, actor: Actor, given: NewRule) -> OneRule:
    """A new rule."""
    bot = await bot_of(house, actor, given)
    made = await house.autoreplies.create(
        actor, bot.id, chat_of(given.group_id), _fields(given), given.private
    )
    return OneRule(_row(made))


async def change_rule(house: House, actor: Actor, given: RuleChanges) -> OneRule:
    """Change a rule; what is not given stays."""
    bot = await bot_of(house, actor, given)
    rule = await house.autoreplies.find(actor, bot.id, given.rule_id)
    return OneRule(_row(await house.autoreplies.update(actor, bot.id, rule.chat_id, rule.id, _fields(given))))


async def delete_rule(house: House, actor: Actor, given: WhichRule) -> None:
    """Delete a rule."""
    bot = await bot_of(house, actor, given)
    rule = await house.autoreplies.find(actor, bot.id, given.rule_id)
    await house.autoreplies.delete(actor, bot.id, rule.chat_id, rule.id)


async def test_rules(house: House, actor: Actor, given: ToTest) -> Tested:
    """Try a text."""
    bot = await bot_of(house, actor, given)
    if given.group_id is UNSET:
        verdicts = await house.autoreplies.test_all(actor, bot.id, given.text)
    else:
        verdicts = await house.autoreplies.test(actor, bot.id, chat_of(given.group_id), given.text)
    first = next((one.rule for one in verdicts if one.answers), None)
    rows = [_verdict(one) for one in verdicts]
    return Tested(first is not None, None if first is None else _row(first), rows, len(rows))


def _fields(given: msgspec.Struct) -> dict[str, Any]:
    fields = changes_of(given, FIELDS)
    if fields.get("media") == "none":
        fields["media"] = None
    if "group_ids" in fields:
        fields["group_ids"] = [int(one) for one in fields["group_ids"]]
    return fields | ({"hours": None} if fields.get("hours") == NO_HOURS else {})


def _one_or_all(words: tuple[str, ...]) -> Words:
    return words[0] if len(words) == 1 else list(words)


def _row(rule: Rule) -> RuleRow:
    return RuleRow(
        id=rule.id,
        group_id=group_of(rule.chat_id),
        private=rule.private,
        keyword=_one_or_all(rule.keywords),
        match_mode=rule.match_mode,
        response=_one_or_all(rule.responses),
        enabled=rule.enabled,
        cooldown_seconds=rule.cooldown_seconds,
        buttons=msgspec.convert(link_rows.to_document(rule.buttons), list[list[LinkButton]]),
        reply=rule.reply,
        delete_trigger=rule.delete_trigger,
        delete_after=rule.delete_after,
        hours=str(rule.hours) if rule.hours else NO_HOURS,
        media="none" if rule.media is None else SentMedia(rule.media.kind, rule.media.file_id),
        group_ids=[group_of(chat_id) for chat_id in rule.chats],
    )


def _verdict(one: Verdict) -> VerdictRow:
    rule = one.rule
    return VerdictRow(
        rule.id, group_of(rule.chat_id), rule.private, _one_or_all(rule.keywords), one.answers, one.reason,
        WHY[one.reason],
    )  # fmt: skip


_SHOWN = RuleRow(7, "_default", False, "hello", MatchMode.CONTAINS, "Hi there!", True, 60)
_CHANGE: dict[str, Any] = {
    "input": RuleChanges, "result": OneRule, "section": "Auto-replies",
    "details": "What is not given stays as it is. A rule of one group, or of the private chat, stays there: "
    "delete it and make another.",
    "example": OneRule(msgspec.structs.replace(_SHOWN, enabled=False)),
}  # fmt: skip
AUTO_REPLIES = (
    row(
        "GET", "/api/auto-replies", list_rules, "List auto-replies",
        input=OfBot, result=Rules, section="Auto-replies",
        details="All rules of the bot, of every group, in the order they are asked.",
        example=Rules([_SHOWN], 1),
    ),
    row(
        "POST", "/api/auto-replies", make_rule, "Make an auto-reply",
        input=NewRule, result=OneRule, section="Auto-replies",
        details="A rule for all groups, for some or one of them, or for the private chat with the bot. "
        "Regular expressions are those of RE2.",
        example=OneRule(_SHOWN),
    ),
    row("PUT", "/api/auto-replies/{rule_id}", change_rule, "Change an auto-reply", **_CHANGE),
    row("POST", "/api/auto-replies/{rule_id}", change_rule, "Change an auto-reply (as PUT)", **_CHANGE),
    row(
        "DELETE", "/api/auto-replies/{rule_id}", delete_rule, "Delete an auto-reply",
        input=WhichRule, section="Auto-replies", details="The rule is gone at once.",
    ),
    row(
        "POST", "/api/auto-replies/test", test_rules, "Try a message",
        input=ToTest, result=Tested, section="Auto-replies",
        details="Which rules would answer a message, and why the others would not. Nothing is sent; "
        "cooldowns do not count.",
        example=Tested(
            True, _SHOWN,
            [VerdictRow(7, "_default", False, "hello", True, "", WHY[""]),
             VerdictRow(8, "_default", False, "price", False, "no_match", WHY["no_match"])],
            2,
        ),
    ),
)  # fmt: skip
