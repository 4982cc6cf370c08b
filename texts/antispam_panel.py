"""Wording of the anti-spam panel."""

from collections.abc import Callable, Sequence

from domain.actor import Translator
from domain.antispam.sanctions import Action
from domain.antispam.settings import CHECKS, LISTS, NUMBERS, Mode
from domain.antispam.views import AntiSpamView, Trial
from domain.page import Button, Page, page
from texts import lessons
from texts.antispam import reason, span
from texts.antispam_checks import FIELD_NAMES, NAMES
from texts.bans import federation
from texts.errors import REASONS
from texts.markup import bold, code, esc, shorten

MAIN, CHECKS_PAGE, ACTIONS, LOG, TEST = "main", "checks", "actions", "log", "test"
ASKED = (*NUMBERS, *LISTS, TEST)
_SHOWN = 3_000  # characters of a list

REASONS |= {
    "antispam_value": lambda t, e: t(
        "This value does not fit. Send a whole number, or a time like 30s, 10m, 2h or 3d."
    ),
    "antispam_many": lambda t, e: t(
        "That is too long a list: {limit} entries at most.", limit=e.details["limit"]
    ),
    "banned_word": lambda t, e: t(
        "I cannot search for “{entry}”: a banned word needs two letters or digits at least, and has at most "
        "100 characters.",
        entry=e.details["entry"],
    ),
    "allowed_link": lambda t, e: t(
        "I do not understand “{entry}”. Send a domain like example.com or a name like @channel.",
        entry=e.details["entry"],
    ),
    "unknown_field": lambda t, e: t("There is no setting of this name: {field}.", field=e.details["field"]),
}

_ACTIONS: dict[Action, Callable[[Translator], str]] = {
    Action.WARN: lambda t: t("Delete and warn"),
    Action.DELETE: lambda t: t("Delete"),
    Action.MUTE: lambda t: t("Delete and mute"),
    Action.KICK: lambda t: t("Delete and remove"),
    Action.BAN: lambda t: t("Delete and ban"),
}


def _mode(t: Translator, mode: Mode) -> str:
    match mode:
        case Mode.ON:
            return t("🟢 protects")
        case Mode.OBSERVE:
            return t("👀 observes, and tells what it would do")
        case Mode.OFF:
            return t("⚪ off")
        case _:
            return t("🕐 observes new chats for a day, then protects")


def _head(t: Translator, view: AntiSpamView) -> str:
    if view.title is None:
        return t("🛡 Anti-spam in all chats")
    return t("🛡 Anti-spam of {chat}", chat=bold(view.title))


def _set(label: str, view: AntiSpamView, field: str, value: object, here: str) -> Button:
    return Button(label, action=f"antispam:set:{view.chat_id}:{field}:{value}:{here}")


def _marked(label: str, chosen: bool) -> str:
    return f"● {label}" if chosen else label


def main(t: Translator, view: AntiSpamView) -> Page:
    """The panel of a chat."""
    setup = view.settings
    lines = [
        _head(t, view),
        "",
        t("State: {mode}", mode=_mode(t, view.mode)),
        t("Spam: {action}", action=_ACTIONS[setup.action](t)),
        t.plural("{n} banned word", "{n} banned words", len(setup.banned_words)),
        t.plural("{n} allowed address", "{n} allowed addresses", len(setup.allowed_links)),
    ]
    if setup.mode is Mode.AUTO and view.mode is Mode.OBSERVE:
        lines += ["", t("The first day I only observe. Press “Protect” if you are content with what I see.")]
    lines += lessons.summary(t, view.learned)
    if view.federated:
        lines += ["", t("Whoever is banned in one of your chats is banned in all of them.")]
    modes = [
        _set(_marked(label, view.mode is mode), view, "mode", mode.value, MAIN)
        for mode, label in (
            (Mode.ON, t("Protect")), (Mode.OBSERVE, t("Observe")), (Mode.OFF, t("Off")),
        )
    ]  # fmt: skip
    at = view.chat_id
    forget = t("↩️ Use the settings of all chats") if at else t("↩️ Forget all changes")
    return page(
        "\n".join(lines),
        modes,
        [
            Button(t("🔎 Checks"), action=f"antispam:panel:{at}:{CHECKS_PAGE}"),
            Button(t("⚖️ What is done"), action=f"antispam:panel:{at}:{ACTIONS}"),
        ],
        [
            Button(t("🚫 Banned words"), action=f"antispam:panel:{at}:banned_words"),
            Button(t("🔗 Allowed addresses"), action=f"antispam:panel:{at}:allowed_links"),
        ],
        [
            Button(t("📒 Log"), action=f"antispam:panel:{at}:{LOG}"),
            Button(t("🧪 Try a text"), action=f"antispam:ask:{at}:{TEST}"),
        ],
        federation(t, view.federated),
        lessons.forgetting(t, view.learned),
        [Button(forget, action=f"antispam:reset:{at}")] if view.own else [],
        [Button(t("‹ Back"), action=f"settings:open:{at}")],
    )


def checks(t: Translator, view: AntiSpamView) -> Page:
    """All checks: on or off, and their numbers."""
    rows = []
    for name, numbers in CHECKS.items():
        if name in view.absent:
            continue
        on = getattr(view.settings, f"block_{name}")
        mark = "✅" if on else "⬜"
        row = [_set(f"{mark} {NAMES[name](t)}", view, f"block_{name}", int(not on), CHECKS_PAGE)]
        if on and numbers:
            row.append(Button("⚙️", action=f"antispam:panel:{view.chat_id}:{name}"))
        if on and name == "profiles":
            row.append(Button("⚙️", action=f"antispam:panel:{view.chat_id}:profile_words"))
        rows.append(row)
    text = _head(t, view) + "\n\n" + t("What is looked for. Press to switch it on or off.")
    return page(text, *rows, [_back(t, view)])


def _numbers(name: str) -> Callable[[Translator, AntiSpamView], Page]:
    def numbers(t: Translator, view: AntiSpamView) -> Page:
        text = f"{_head(t, view)}\n\n{bold(NAMES[name](t))}"
        rows = [[_number(t, view, field)] for field in CHECKS[name]]
        return page(text, *rows, [_back(t, view, CHECKS_PAGE)])

    return numbers


def _number(t: Translator, view: AntiSpamView, field: str) -> Button:
    value = getattr(view.settings, field)
    shown = _span(t, field, value) if field.endswith("_seconds") else str(value)
    return Button(f"{FIELD_NAMES[field](t)}: {shown}", action=f"antispam:ask:{view.chat_id}:{field}")


def _span(t: Translator, field: str, seconds: int) -> str:
    return t("none") if seconds == 0 and field == "notice_seconds" else span(t, seconds)


def actions(t: Translator, view: AntiSpamView) -> Page:
    """What is done about spam."""
    setup = view.settings
    rows = [
        [_set(_marked(label(t), setup.action is action), view, "action", action.value, ACTIONS)]
        for action, label in _ACTIONS.items()
    ]
    ladder = [
        _set(_marked(label, setup.warn_action is action), view, "warn_action", action.value, ACTIONS)
        for action, label in (
            (Action.MUTE, t("mute")), (Action.KICK, t("remove")), (Action.BAN, t("ban")),
        )
    ]  # fmt: skip
    text = "\n\n".join(
        [
            _head(t, view),
            t("What is done about spam, and after how many warnings what comes next."),
        ]
    )
    numbers = ("warn_limit", "warn_seconds", "mute_seconds", "ban_seconds", "notice_seconds")
    fields = [_number(t, view, field) for field in numbers]
    return page(
        text, *rows, ladder, *(fields[at : at + 2] for at in range(0, len(fields), 2)), [_back(t, view)]
    )


_LISTS: dict[str, Callable[[Translator], str]] = {
    "banned_words": lambda t: t("🚫 Banned words"),
    "profile_words": lambda t: t("🪪 Words in names and bios"),
    "allowed_links": lambda t: t("🔗 Allowed addresses"),
}
_EMPTY: dict[str, Callable[[Translator], str]] = {
    "banned_words": lambda t: t("The list is empty."),
    "allowed_links": lambda t: t("The list is empty."),
    "profile_words": lambda t: t(
        "The list is empty: I look for links and @usernames in the names of newcomers, and for invites in "
        "their bios. That alone is not enough, but together with something else."
    ),
}


def _list_page(field: str) -> Callable[[Translator, AntiSpamView], Page]:
    def shown(t: Translator, view: AntiSpamView) -> Page:
        entries: Sequence[str] = getattr(view.settings, field)
        listed = code(shorten("\n".join(entries), _SHOWN)) if entries else esc(_EMPTY[field](t))
        return page(
            f"{_head(t, view)}\n\n{esc(_LISTS[field](t))}\n{listed}",
            [Button(t("✏️ Write anew"), action=f"antispam:ask:{view.chat_id}:{field}")],
            [_back(t, view, CHECKS_PAGE if field == "profile_words" else MAIN)],
        )

    return shown


def log_page(t: Translator, view: AntiSpamView, chats: Sequence[tuple[int, str]]) -> Page:
    """Where the log is kept: (chat id, title) of the groups that can be chosen."""
    current = view.settings.log_chat
    rows = [
        [_set(_marked(shorten(title, 50), chat_id == current), view, "log_chat", chat_id, LOG)]
        for chat_id, title in chats[:20]
    ]
    private = _set(_marked(t("Private chat of the bot's owner"), not current), view, "log_chat", 0, LOG)
    where = t("Where I write what I did, with buttons to undo it. /antispam log here chooses a group, too.")
    text = f"{_head(t, view)}\n\n{where}"
    return page(text, [private], *rows, [_back(t, view)])


def _back(t: Translator, view: AntiSpamView, name: str = MAIN) -> Button:
    return Button(t("‹ Back"), action=f"antispam:panel:{view.chat_id}:{name}")


PAGES: dict[str, Callable[[Translator, AntiSpamView], Page]] = {
    MAIN: main,
    CHECKS_PAGE: checks,
    ACTIONS: actions,
    **{name: _numbers(name) for name, numbers in CHECKS.items() if numbers},
    **{field: _list_page(field) for field in LISTS},
}


def page_of(field: str) -> str:
    """The page of the panel a field is shown on."""
    return field if field in LISTS else next((n for n, fields in CHECKS.items() if field in fields), ACTIONS)


def ask(t: Translator, view: AntiSpamView, field: str) -> Page:
    """Ask for a value."""
    cancel = [Button(t("Cancel"), action="start:cancel")]
    match field:
        case "banned_words":
            text = t(
                "Send all banned words and phrases, one on each line. I find them in any disguise. "
                "casino* also finds casinos. Send - for none."
            )
        case "profile_words":
            text = t(
                "Send all words and phrases that no newcomer may have in the name, the username or the bio, "
                "one on each line. I find them in any disguise. Send - for none."
            )
        case "allowed_links":
            text = t(
                "Send all addresses that are always allowed, one on each line: example.com or @channel. "
                "Send - for none."
            )
        case "test":
            text = t("Send me a text, and I tell what I would make of it.")
        case _ if field.endswith("_seconds"):
            text = t("{name}: send a time like 30s, 10m, 2h or 3d.", name=bold(FIELD_NAMES[field](t)))
            if field in ("ban_seconds", "mute_seconds", "warn_seconds"):
                text += " " + t("0 is for ever.")
        case _:
            text = t("{name}: send a whole number.", name=bold(FIELD_NAMES[field](t)))
    return page(f"{_head(t, view)}\n\n{text}", cancel)


def tried(t: Translator, chat_id: int, trial: Trial) -> Page:
    """What would be made of a text."""
    lines = [t("🚫 Spam.") if trial.spam else t("✅ Not spam.")]
    lines += [f"• {esc(reason(t, one))} — {one.points}" for one in trial.evidence]
    lines.append(t("Together {score} points; 100 are enough.", score=trial.score))
    if trial.spam:
        lines.append(t("What is done: {action}", action=_ACTIONS[trial.action](t)))
    return page(
        "\n".join(lines),
        [Button(t("🧪 Another one"), action=f"antispam:ask:{chat_id}:{TEST}")],
        [Button(t("‹ Back"), action=f"antispam:panel:{chat_id}:{MAIN}")],
    )


def logged_here(t: Translator, *, everything: bool) -> Page:
    """Answer to `/antispam log here`."""
    if everything:
        return page(t("📒 From now on the anti-spam log of all chats is kept here."))
    return page(t("📒 From now on the anti-spam log of this chat is kept here."))
