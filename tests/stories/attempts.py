"""How somebody would try to reach what is Olga's, for every route; and which routes are open, and why.

`{…}` in arguments are filled with ids of what she owns (`tests.stories.estate`). A route without an entry
fails `test_isolation.py`: say here how it would be misused.
"""

from dataclasses import dataclass, field
from typing import Any

NOBODY: frozenset[str] = frozenset()
OWN_LIST = "shows one's own chats, or none"
SHOP = "what the bot offers to everybody"
ONES_OWN = "is about the one who presses"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way of trying.

    `open` says why a route is nobody's secret; `writes` names the tables it then may write. `account`
    marks what everybody may do who may own bots here. `step` and `data` are a conversation left from
    better days: he was an administrator when it began. `reply` aims at Ann's message.
    """

    args: str = ""
    open: str = ""
    writes: frozenset[str] = NOBODY
    account: bool = False
    step: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    reply: bool = False

    @property
    def foreign(self) -> bool:
        """Whether it names something of Olga's: even who owns the bot he speaks to is refused."""
        return "{" in self.args or any(isinstance(v, str) and "{" in v for v in self.data.values())


def _open(why: str, *writes: str, args: str = "") -> Attempt:
    return Attempt(args, open=why, writes=frozenset(writes))


def _in(step: str, args: str = "", **data: Any) -> Attempt:
    return Attempt(args, step=step, data=data)


_RULE: dict[str, Any] = {"chat": "{chat}", "rule": "{rule}"}
_DRAFT: dict[str, Any] = {
    "name": "Silver",
    "duration": "1 month",
    "price": 100,
    "currency": "USD",
    "project_id": 0,
}
_WELCOME = "welcome:{chat}"

BUTTONS: dict[str, Attempt] = {
    "start:languages": _open("the list of languages"),
    "start:language": _open(ONES_OWN, args="en"),
    "start:cancel": _open(ONES_OWN),
    "bots:connect": Attempt(account=True),
    "bots:list": Attempt(account=True),
    "bots:create": Attempt(account=True),
    "bots:open": Attempt("{bot}"),
    "bots:accept": Attempt("{bot}:{lost}"),
    "bots:ask_drop": Attempt("{bot}"),
    "bots:drop": Attempt("{bot}"),
    "joins:show": Attempt("{chat}:7"),
    "settings:list": _open(OWN_LIST, args="0"),
    "settings:open": Attempt("{chat}"),
    "welcome:panel": Attempt(_WELCOME),
    "welcome:set": Attempt(f"{_WELCOME}:enabled:1"),
    "welcome:variants": Attempt(_WELCOME),
    "welcome:drop": Attempt(f"{_WELCOME}:0"),
    "welcome:timer": Attempt(_WELCOME),
    "welcome:preview": Attempt(_WELCOME),
    "welcome:ask_reset": Attempt(_WELCOME),
    "welcome:reset": Attempt(_WELCOME),
    "welcome:write": Attempt(f"{_WELCOME}:text"),
    "welcome:clear": Attempt(f"{_WELCOME}:text"),
    "autoreplies:panel": Attempt("{chat}"),
    "autoreplies:test": Attempt("{chat}"),
    "autoreplies:open": Attempt("{chat}:{rule}"),
    "autoreplies:set": Attempt("{chat}:{rule}:enabled:0"),
    "autoreplies:ask_drop": Attempt("{chat}:{rule}"),
    "autoreplies:drop": Attempt("{chat}:{rule}"),
    "autoreplies:add": Attempt("{chat}"),
    "autoreplies:mode": _in("autoreplies:mode", "word", chat="{chat}", private=False, keyword="a"),
    "autoreplies:save": _in(
        "autoreplies:confirm", chat="{chat}", private=False, fields={"keyword": "a", "response": "b"}
    ),
    "autoreplies:ask": Attempt("{chat}:{rule}:keyword_new"),
    "antispam:panel": Attempt("{chat}:log"),
    "antispam:set": Attempt("{chat}:mode:off:main"),
    "antispam:reset": Attempt("{chat}"),
    "antispam:ask": Attempt("{chat}:banned_words"),
    "antispam:ham": Attempt("{bot}:{chat}:{unit}"),
    "antispam:ban": Attempt("{bot}:{chat}:{unit}"),
    "antispam:why": Attempt("{bot}:{chat}:{unit}"),
    "apikey:new": Attempt("now", account=True, writes=frozenset(("account", "api_key"))),
    "plans:list": _open(SHOP),
    "plans:show": Attempt("{draft}"),
    "plans:manage": Attempt(),
    "plans:edit": Attempt("{plan}"),
    "plans:turn": Attempt("{plan}:recurring"),
    "plans:ask": Attempt("{plan}:name"),
    "plans:enable": Attempt("{draft}:1"),
    "plans:up": Attempt("{draft}"),
    "plans:project": Attempt("{plan}"),
    "plans:opens": Attempt("{plan}:{hidden}"),
    "plans:drop": Attempt("{draft}"),
    "plans:dropped": Attempt("{draft}"),
    "newplan:begin": Attempt(),
    "newplan:duration": _in("newplan:duration", "1 month", name="Silver"),
    "newplan:price": _in("newplan:price", "0", name="Silver", duration="1 month"),
    "newplan:project": _in("newplan:project", "{hidden}", **_DRAFT),
    "newplan:turn": _in("newplan:options", "recurring", **_DRAFT),
    "newplan:ask": _in("newplan:options", "trial", **_DRAFT),
    "newplan:create": _in("newplan:options", **_DRAFT),
    "projects:list": Attempt(),
    "projects:open": Attempt("{hidden}"),
    "projects:new": Attempt(),
    "projects:rename": Attempt("{hidden}"),
    "projects:hide": Attempt("{hidden}:0"),
    "projects:chat": Attempt("{hidden}:{chat}"),
    "projects:gate": Attempt("{project}:{evenings}"),
    "tokens:new": Attempt(),
    "tokens:for": Attempt("{plan}"),
    "tokens:many": Attempt("{plan}"),
    "tokens:list": Attempt("0"),
    "tokens:open": Attempt("{token}"),
    "tokens:drop": Attempt("{token}"),
    "tokens:enter": _open(ONES_OWN),
    "memberships:list": _open(ONES_OWN),
    "memberships:enter": Attempt("{hidden}"),
    "memberships:try": Attempt("{draft}"),
    "subscribers:list": Attempt("0"),
    "subscribers:open": Attempt("{ann}"),
    "subscribers:ask": Attempt(),
    "subscribers:gift": Attempt("{ann}:{hidden}"),
    "subscribers:give": Attempt("{ann}:{hidden}:30"),
    "subscribers:days": Attempt("{ann}:{hidden}"),
    "subscribers:end": Attempt("{ann}:{hidden}"),
    "subscribers:ended": Attempt("{ann}:{hidden}"),
    "subscribers:rules": Attempt(),
    "subscribers:grace": Attempt("3"),
    "subscribers:remind": Attempt("24"),
    "affiliates:mine": _open(ONES_OWN, "affiliate"),
    "affiliates:ask": _open(ONES_OWN),
    "affiliates:list": Attempt("0"),
    "affiliates:export": Attempt(),
    "affiliates:turn": Attempt("0"),
    "affiliates:first": Attempt("1"),
}

LINKS: dict[str, Attempt] = {
    "claim_": Attempt("AAAAAAAAAAAAAAAAAAAAAA"),
    "settings_": Attempt("{chat}"),
    "welcome_": Attempt("{chat}"),
    "goodbye_": Attempt("{chat}"),
    "setrules_": Attempt("{chat}"),
    "rules_": _open("the rules button below a chat's welcome is for everybody", args="{evenings}"),
    "autoreply_": Attempt("{chat}"),
    "antispam_": Attempt("{chat}"),
    "plan_": Attempt("{draft}"),
    "accesstoken_": _open("is told that it is somebody else's", "wrong_token", args="{secret}"),
    "r_": _open("a link made to be passed on", "affiliate_visit", "referral", "event", args="anns"),
}

PRIVATE: dict[str, Attempt] = {
    "start": _open("the greeting"),
    "help": _open("the commands"),
    "language": _open("the list of languages"),
    "cancel": _open(ONES_OWN),
    "privacy": _open("what the bot keeps"),
    "connect": Attempt(account=True),
    "bots": Attempt(account=True),
    "joins": _open(OWN_LIST),
    "settings": _open(OWN_LIST),
    "welcome": _open(OWN_LIST),
    "goodbye": _open(OWN_LIST),
    "autoreply": _open(OWN_LIST),
    "antispam": _open(OWN_LIST),
    "apikey": Attempt(account=True),
    "plans": _open(SHOP),
    "newplan": Attempt(),
    "projects": Attempt(),
    "token": Attempt("{plan}"),
    "tokens": Attempt(),
    "redeem": _open("is told that it is somebody else's", "wrong_token", args="{secret}"),
    "memberships": _open(ONES_OWN),
    "members": Attempt("{ann}"),
    "affiliate": _open(ONES_OWN, "affiliate"),
    "affiliates": Attempt(),
}

GROUPS: dict[str, Attempt] = {
    "start": _open("says nothing in groups"),
    "help": _open("the commands"),
    "joins": Attempt(),
    "settings": Attempt(),
    "welcome": Attempt("here"),
    "goodbye": Attempt("here"),
    "rules": _open("is told that there are none"),
    "setrules": Attempt(),
    "autoreply": Attempt(),
    "antispam": Attempt("log here"),
    **{
        name: Attempt("{ann}")
        for name in ("warn", "unwarn", "warns", "mute", "unmute", "kick", "ban", "unban", "ham")
    },
    "del": Attempt(reply=True),
    "spam": Attempt(reply=True),
    "report": Attempt(
        reply=True, open="members ask the administrators", writes=frozenset(("spam_hit", "event"))
    ),
}

# Conversations that began while he still was somebody here; the text is what he answers.
STEPS: dict[str, Attempt] = {
    "start:anything": _open("whoever knows the keyword is answered", args="hello"),
    "bots:token": Attempt("12345:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", account=True),
    "welcome:write": Attempt("Hi", data={"chat": "{chat}", "side": "welcome", "part": "text"}),
    "autoreplies:try": Attempt("word", data={"chat": "{chat}", "private": False}),
    "autoreplies:keyword": Attempt("word", data={"chat": "{chat}", "private": False}),
    "autoreplies:response": Attempt(
        "b", data={"chat": "{chat}", "private": False, "keyword": "a", "match_mode": "word"}
    ),
    "autoreplies:keyword_new": Attempt("word", data=_RULE),
    "autoreplies:response_new": Attempt("b", data=_RULE),
    "autoreplies:variant": Attempt("b", data=_RULE),
    "autoreplies:buttons": Attempt("-", data=_RULE),
    "autoreplies:cooldown_seconds": Attempt("30s", data=_RULE),
    "autoreplies:delete_after": Attempt("30s", data=_RULE),
    "autoreplies:hours": Attempt("-", data=_RULE),
    "antispam:value": Attempt("casino", data={"chat": "{chat}", "field": "banned_words"}),
    "plans:field": Attempt("Silver", data={"plan": "{plan}", "field": "name"}),
    "newplan:name": Attempt("Silver"),
    "newplan:duration": Attempt("1 month", data={"name": "Silver"}),
    "newplan:price": Attempt("1 USD", data={"name": "Silver", "duration": "1 month"}),
    "newplan:trial": Attempt("1 day", data=_DRAFT),
    "newplan:max_customers": Attempt("5", data=_DRAFT),
    "projects:name": Attempt("Go", data={"project": "{hidden}"}),
    "tokens:many": Attempt("3", data={"plan": "{plan}"}),
    "tokens:redeem": _open("is told that it is somebody else's", "wrong_token", args="{secret}"),
    "subscribers:find": Attempt("{ann}"),
    "subscribers:days": Attempt("30", data={"member": "{ann}", "project": "{hidden}"}),
    "affiliates:id": _open(ONES_OWN, "affiliate", args="mine7"),
}
