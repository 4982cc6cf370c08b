"""Wording of `/paysupport` and `/terms`."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.actor import Translator
from domain.bots import Bot
from domain.orders import Order
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.formats import moment, price
from texts.markup import bold, code, esc, mention, shorten
from texts.orders import status

REASONS |= {
    "question": lambda t, e: t("Write it in one message of 2000 characters at most."),
    "owner_away": lambda t, e: t(
        "I cannot reach the owner right now. Please try again tomorrow, or write to him in the chat."
    ),
    "support_tries": lambda t, e: t("You have asked three times in an hour. Please wait for the answer."),
    "member_away": lambda t, e: t("They have stopped the bot, so I cannot write to them."),
    "terms": lambda t, e: t("Your terms need some text, of 4000 characters at most. Please send it again."),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks the owner."""

    user_id: int
    name: str
    username: str | None
    text: str


def ask(t: Translator) -> Page:
    """Ask for the question."""
    lines = [
        t("Is something wrong with a payment? Write it in one message, and I pass it on to the owner."),
        t("He sees your name and your last orders, and answers you here."),
        t("Telegram's own support cannot help with what you bought here."),
    ]
    return page(
        "\n".join(lines),
        [Button(t("🧾 My payments"), action="receipts:list:0")],
        [Button(t("Cancel"), action="start:cancel")],
    )


def passed_on(t: Translator) -> Page:
    """The owner has it."""
    return page(t("✅ The owner has it. His answer comes here."))


def to_owner(t: Translator, bot: Bot, asked: Question, found: Sequence[Order], *, answers: bool) -> Page:
    """A question for the owner. `answers`: he can answer by a button of the bot he reads it in."""
    who = mention(asked.user_id, asked.name)
    if asked.username:
        who += f" (@{esc(asked.username)})"
    lines = [
        t("❓ {who} asks about payments in {bot}:", who=who, bot=bold(bot.name)),
        "",
        esc(asked.text),
        "",
    ]
    for order in found:
        what = f"{esc(order.plan_name)} · {esc(price(t, order.amount))} · {status(t, order)}"
        lines.append(f"{code(order.key)}\n{what} · {esc(moment(t, order.created_at))}")
    if not found:
        lines.append(t("They have no orders here."))
    if not answers:
        return page("\n".join(lines), [Button(t("Open the bot"), url=f"https://t.me/{bot.username}")])
    return page(
        "\n".join(lines),
        [Button(t("✍️ Answer"), action=f"support:reply:{asked.user_id}")],
        [Button(t("🧾 Orders"), action=f"sales:list:all:{asked.user_id}:0")],
    )


def ask_answer(t: Translator, name: str) -> Page:
    """Ask for the answer."""
    text = t("What do you answer {name}? Write it in one message.", name=bold(shorten(name, 60)))
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def answered(t: Translator, text: str) -> Page:
    """The owner's answer."""
    lines = [bold(t("The owner answers:")), "", esc(text)]
    return page("\n".join(lines), [Button(t("❓ Ask the owner"), action="support:ask")])


def answer_sent(t: Translator, name: str) -> Page:
    """It is on its way."""
    return page(t("✅ {name} gets your answer.", name=bold(shorten(name, 60))))


def terms(t: Translator, bot: Bot, text: str | None, *, mine: bool) -> Page:
    """What holds for whoever buys here: the owner's own words (Telegram HTML), or the usual ones. `mine`
    adds the buttons that change them."""
    rows = []
    if mine:
        rows.append([Button(t("✏️ Write my own"), action="support:terms")])
        if text is not None:
            rows.append([Button(t("↺ The usual ones"), action="support:usual")])
    return page(text if text is not None else _usual(t, bot), *rows)


def _usual(t: Translator, bot: Bot) -> str:
    return "\n\n".join(
        (
            bold(t("Terms")),
            t(
                "What you buy here is access to chats of {bot}, for the time that is shown before you pay. "
                "It begins as soon as the payment has come, and ends by itself unless it says that it "
                "renews.",
                bot=bold(bot.name),
            ),
            t(
                "What renews by itself is charged again until you stop it with /memberships. You keep access "
                "until the time you paid for is over."
            ),
            t(
                "Access is for you alone. Who breaks the rules of a chat can be removed from it; whether "
                "money goes back is for the owner to decide."
            ),
            t(
                "Something wrong with a payment? /paysupport reaches the owner, who sells here and is "
                "responsible for it: neither Telegram nor a payment provider is. What is kept about you: "
                "/privacy."
            ),
        )
    )


def ask_terms(t: Translator) -> Page:
    """Ask for the owner's terms."""
    text = t("Send the terms you sell by, in one message. Formatting and links are kept.")
    return page(text, [Button(t("Cancel"), action="start:cancel")])
