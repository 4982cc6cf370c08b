"""Wording of the conversation that installs a way to pay."""

from __future__ import annotations

from domain.actor import Translator
from domain.gateways import Field, Traits
from domain.page import Button, Page, page
from texts import gateways
from texts.errors import REASONS
from texts.markup import bold, esc, link
from texts.payments import PanelLike, name, notices

RULES = "https://core.telegram.org/bots/payments-stars"

REASONS |= {
    "credential": lambda t, e: t("That does not look right. Copy it anew and send it in one line."),
    "choice": lambda t, e: t("Please tap one of the buttons."),
}


def _cancel(t: Translator) -> list[Button]:
    return [Button(t("Cancel"), action="start:cancel")]


def why_stars(t: Translator, traits: Traits) -> Page:
    """What Telegram wants, before another way to pay is installed for the first time."""
    rules = link(RULES, t("the rules"))
    lines = [
        bold(t("Before you go on")),
        t(
            "Telegram wants digital goods, and access to a chat is one, to be sold inside Telegram for Stars "
            "only: {rules}. A bot that sells them otherwise can be reported and limited. What is no digital "
            "good, such as a club with meetings or a course in a room, may be paid in any way.",
            rules=rules,
        ),
        t("Stars stay on beside it. Do you want to install {name} all the same?", name=bold(name(t, traits))),
    ]
    go_on = Button(t("I have understood, go on"), action=f"newgateway:agree:{traits.name}")
    return page("\n\n".join(lines), [go_on], _cancel(t))


def ask(t: Translator, traits: Traits, field: Field, *, first: bool, replaces: bool) -> Page:
    """Ask for one thing to know about the owner's account."""
    lines = []
    if first:
        lines += [bold(name(t, traits)), gateways.guide(t, traits), ""]
    if replaces:
        lines += [
            t("Send keys of the same account: refunds and what is charged again and again need it."),
            "",
        ]
    label = bold(gateways.label(t, traits, field))
    if field.choices:
        rows = [
            [Button(gateways.choice(t, traits, field, value), action=f"newgateway:choose:{number}")]
            for number, value in enumerate(field.choices)
        ]
        lines.append(t("Choose: {what}", what=label))
        return page("\n".join(lines), *rows, _cancel(t))
    lines.append(t("Send me: {what}", what=label))
    if field.secret:
        lines.append(t("I delete your message at once and keep it sealed."))
    return page("\n".join(lines), _cancel(t))


def ask_hook(t: Translator, traits: Traits, field: Field, address: str, events: tuple[str, ...]) -> Page:
    """Ask for what shows that a notification is the provider's."""
    lines = [t("✅ The keys work. One thing is left.")]
    if words := gateways.hook_guide(t, traits, address, events):
        lines += ["", words]
    lines += ["", t("Send me: {what}", what=bold(gateways.label(t, traits, field)))]
    return page(
        "\n".join(lines),
        [Button(t("📋 Copy the address"), copy=address)],
        [Button(t("Without: ask every few minutes"), action="newgateway:skip")],
        _cancel(t),
    )


def refused(t: Translator, traits: Traits, words: str) -> Page:
    """The provider does not take the keys."""
    text = t(
        "{who} does not take them: {words}\n\nSend the last one again, or start anew.",
        who=esc(traits.display_name),
        words=esc(words),
    )
    again = Button(t("🔄 Start anew"), action=f"newgateway:begin:{traits.name}")
    return page(text, [again], _cancel(t))


def installed(t: Translator, shown: PanelLike) -> Page:
    """It is there."""
    way = shown.way
    lines = [
        t(
            "✅ {name} is installed: {account}. Buyers can choose it from now on.",
            name=bold(name(t, way.traits)),
            account=esc(way.account),
        )
    ]
    lines += notices(t, shown)
    rows = [] if shown.address is None else [[Button(t("📋 Copy the address"), copy=shown.address)]]
    return page("\n\n".join(lines), *rows, [Button(t("All ways to pay"), action="payments:list")])
