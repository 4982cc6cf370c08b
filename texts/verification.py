"""Wording of verification and raids: questions, the log, the panel."""

from collections.abc import Callable, Sequence

from domain.actor import Translator
from domain.antispam.settings import Mode
from domain.page import Button, Page, page
from domain.verification import QUESTIONS, Challenge, Method, VerificationSettings
from texts.errors import REASONS
from texts.markup import bold, esc, mention, shorten

MAIN, RAIDS = "main", "raids"
NAME = 40  # characters of a name: ten of them still fit below a picture
TIMEOUTS, LIMITS, LENGTHS = (1, 3, 5, 10, 30, 60), (5, 10, 20, 50), (5, 10, 30, 60)

REASONS |= {
    "question_not_yours": lambda t, e: t("This question is for somebody who has just come. Thank you!"),
    "question_answered": lambda t, e: t("You have answered already. Thank you!"),
    "question_old": lambda t, e: t("This question is an old one. Please answer the newest."),
    "no_newcomer": lambda t, e: t("This person has no question to answer any more. See /kick and /ban."),
    "no_raid": lambda t, e: t("The chat is not locked down any more."),
    "verification_value": lambda t, e: t("This value does not fit. Open the panel again and pick another."),
}


def question(
    t: Translator,
    chat_id: int,
    asked: Challenge,
    number: int,
    names: Sequence[tuple[int, str]],
    minutes: int,
    title: str | None = None,
) -> Page:
    """What `number` newcomers are asked, the first of them by name; with a `title`: before they come in."""
    if title is not None:
        greeting = t("👋 You would like to join {chat}. One question before:", chat=bold(title))
    else:
        greeting = t("👋 {people}, one question before you can write here:", people=_people(t, number, names))
    lines = [greeting, "", bold(_question(t, asked)), "", _time(t, minutes)]
    labels = [t("I am no robot")] if asked.method is Method.BUTTON else asked.choices
    buttons = [
        Button(label, action=f"verification:answer:{chat_id}:{asked.nonce}:{place}")
        for place, label in enumerate(labels)
    ]
    rows = [buttons] if asked.method is Method.ARITHMETIC else [buttons[i : i + 3] for i in (0, 3)]
    return page("\n".join(lines), *rows)


def _question(t: Translator, asked: Challenge) -> str:
    match asked.method:
        case Method.ARITHMETIC:
            return t("How much is {sum}?", sum=asked.question)
        case Method.PICTURE:
            return t("Which letters are in the picture?")
        case _:
            return t("Are you a human? Then press the button.")


def _people(t: Translator, number: int, names: Sequence[tuple[int, str]]) -> str:
    listed = ", ".join(mention(user_id, shorten(name, NAME)) for user_id, name in names)
    more = number - len(names)
    return t.plural("{names} and {n} more", "{names} and {n} more", more, names=listed) if more else listed


def _time(t: Translator, minutes: int) -> str:
    return t.plural(
        "You have {n} minute. Those who do not answer have to leave, and may come back any time.",
        "You have {n} minutes. Those who do not answer have to leave, and may come back any time.",
        minutes,
    )


def passed(t: Translator, *, requests: bool) -> str:
    """The answer was right. Plain text."""
    return (
        t("✅ Right, thank you! You are let in.")
        if requests
        else t("✅ Right, thank you! You can write now.")
    )


def wrong(t: Translator, left: int) -> str:
    """The answer was wrong. Plain text."""
    return t.plural("That is not it. {n} more try.", "That is not it. {n} more tries.", left)


def turned_away(t: Translator) -> str:
    """The last try was wrong, too. Plain text."""
    return t("That was the last try. You may come back and try again.")


def entry(t: Translator, bot_id: int, chat_id: int, title: str, user_id: int, name: str) -> Page:
    """In the log: somebody came, and is asked."""
    return page(
        t(
            "🚪 {name} came to {chat} and has a question to answer.",
            name=mention(user_id, name),
            chat=bold(title),
        ),
        [
            Button(t("✅ Let in"), action=f"verification:letin:{bot_id}:{chat_id}:{user_id}"),
            Button(t("🚫 Remove"), action=f"verification:expel:{bot_id}:{chat_id}:{user_id}"),
        ],
    )


def decided(t: Translator, user_id: int, name: str, by: str, *, let_in: bool) -> Page:
    """In the log: an administrator has decided."""
    who, admin = mention(user_id, name), esc(by)
    if let_in:
        return page(t("✅ {name} was let in by {admin}.", name=who, admin=admin))
    return page(t("🚫 {name} was removed by {admin}.", name=who, admin=admin))


def raid(
    t: Translator, bot_id: int, chat_id: int, title: str, setup: VerificationSettings, *, acts: bool
) -> Page:
    """In the log: a raid has begun."""
    pace = t(
        "{joins} people or more within {seconds} seconds",
        joins=setup.raid_limit,
        seconds=setup.raid_seconds,
    )
    head = t("🚨 A raid on {chat}: {pace}.", chat=bold(title), pace=pace)
    if not acts:
        told = t(
            "I only observe here and do nothing about it. To have me protect the chat, send /settings there "
            "and open Newcomers."
        )
        return page("\n\n".join([head, told]))
    told = t.plural(
        "For {n} minute everybody who comes has a question to answer. It ends by itself.",
        "For {n} minutes everybody who comes has a question to answer. It ends by itself.",
        setup.raid_minutes,
    )
    return page("\n\n".join([head, told]), *_remedies(t, bot_id, chat_id, locked=True))


def _remedies(t: Translator, bot_id: int, chat_id: int, *, locked: bool) -> list[list[Button]]:
    at = f"{bot_id}:{chat_id}"
    rows = [[Button(t("🧹 Remove those who came"), action=f"verification:sweep:{at}")]]
    if locked:
        rows.insert(0, [Button(t("🔓 End now"), action=f"verification:calm:{at}")])
    return rows


def calmed(t: Translator, by: str) -> Page:
    """The lockdown was ended by hand."""
    return page(t("🔓 {admin} has ended the lockdown.", admin=esc(by)))


def swept(t: Translator, bot_id: int, chat_id: int, number: int, *, locked: bool) -> Page:
    """Those who came in a raid were removed."""
    told = t.plural(
        "🧹 {n} person who had not answered was removed.",
        "🧹 {n} people who had not answered were removed.",
        number,
    )
    return page(told, *_remedies(t, bot_id, chat_id, locked=locked))


_METHODS: dict[Method, Callable[[Translator], str]] = {
    Method.OFF: lambda t: t("Off"),
    Method.BUTTON: lambda t: t("A button"),
    Method.ARITHMETIC: lambda t: t("A sum"),
    Method.PICTURE: lambda t: t("A picture of letters"),
    Method.REQUEST: lambda t: t("Before they come in"),
}
_MODES: dict[Mode, Callable[[Translator], str]] = {
    Mode.ON: lambda t: t("Protect"),
    Mode.OBSERVE: lambda t: t("Observe"),
    Mode.OFF: lambda t: t("Off"),
}


def _set(label: str, chosen: bool, chat_id: int, field: str, value: object, here: str) -> Button:
    return Button(
        f"● {label}" if chosen else label, action=f"verification:set:{chat_id}:{field}:{value}:{here}"
    )


def main(t: Translator, chat_id: int, title: str | None, setup: VerificationSettings, *, own: bool) -> Page:
    """The panel of verification."""
    head = t("🧩 Newcomers of {chat}", chat=bold(title)) if title else t("🧩 Newcomers in all chats")
    told = t(
        "Those who come have a question to answer before they can write. People whom administrators bring, "
        "and members who have paid, are not asked."
    )
    if setup.method is Method.REQUEST:
        told = t(
            "Those who ask to join answer a question in private, and are let in after it. Switch on the "
            "approval of new members in the chat or in its invite links, so that everybody has to ask."
        )
    rows = [
        [_set(label(t), setup.method is method, chat_id, "method", method.value, MAIN)]
        for method, label in _METHODS.items()
    ]
    if setup.method is Method.REQUEST:
        rows.append(
            [
                _set(_METHODS[one](t), setup.question is one, chat_id, "question", one.value, MAIN)
                for one in QUESTIONS
            ]
        )
    rows.append(_numbers(t, chat_id, "timeout_minutes", setup.timeout_minutes, TIMEOUTS, MAIN))
    rows.append([Button(t("🚨 Raids"), action=f"verification:panel:{chat_id}:{RAIDS}")])
    text = "\n\n".join([head, told, t("The row of numbers: minutes to answer.")])
    return page(text, *rows, *_end(t, chat_id, own=own))


def raids(t: Translator, chat_id: int, title: str | None, setup: VerificationSettings, *, own: bool) -> Page:
    """The panel of raids."""
    head = t("🚨 Raids on {chat}", chat=bold(title)) if title else t("🚨 Raids on all chats")
    told = t(
        "When very many come at once, everybody who comes has a question to answer for a while, also where "
        "nobody has to otherwise."
    )
    state = t("A new chat is only observed on its first day.") if setup.raid_mode is Mode.AUTO else ""
    numbers = t(
        "The first row of numbers: how many joins within {seconds} seconds are a raid. The second: minutes "
        "until the chat is open again.",
        seconds=setup.raid_seconds,
    )
    modes = [
        _set(label(t), setup.raid_mode is mode, chat_id, "raid_mode", mode.value, RAIDS)
        for mode, label in _MODES.items()
    ]
    return page(
        "\n\n".join(filter(None, [head, told, state, numbers])),
        modes,
        _numbers(t, chat_id, "raid_limit", setup.raid_limit, LIMITS, RAIDS),
        _numbers(t, chat_id, "raid_minutes", setup.raid_minutes, LENGTHS, RAIDS),
        [Button(t("‹ Back"), action=f"verification:panel:{chat_id}:{MAIN}")],
    )


def _numbers(
    t: Translator, chat_id: int, field: str, chosen: int, offered: Sequence[int], here: str
) -> list[Button]:
    return [_set(str(one), one == chosen, chat_id, field, one, here) for one in offered]


def _end(t: Translator, chat_id: int, *, own: bool) -> list[list[Button]]:
    forget = t("↩️ Use the settings of all chats") if chat_id else t("↩️ Forget all changes")
    rows = [[Button(forget, action=f"verification:reset:{chat_id}")]] if own else []
    return [*rows, [Button(t("‹ Back"), action=f"settings:open:{chat_id}")]]
