"""Wording about tariffs: for whoever runs the installation, and for owners who meet a limit."""

from __future__ import annotations

from collections.abc import Sequence

from domain.actor import Translator
from domain.page import Button, Page, page
from domain.tariffs import EVERYBODY, Tariff
from texts.errors import REASONS
from texts.formats import moment
from texts.markup import bold, code, esc, plain
from texts.pager import pager

REASONS |= {
    "unpaid": lambda t, e: t("Your subscription here is over. Ask whoever runs this service to renew it."),
    "broadcasts": lambda t, e: t(
        "Your tariff has no messages to leads. Ask whoever runs this service to switch them on."
    ),
    "tariff_campaigns": lambda t, e: t(
        "Your tariff has room for {limit} campaigns. Delete one you do not need, or ask for a bigger tariff.",
        limit=e.details.get("limit"),
    ),
    "tariff_whom": lambda t, e: t("Send the owner's Telegram id: a number such as 123456789."),
    "tariff_name": lambda t, e: t("A name has 1 to 64 characters. Please send another."),
    "tariff_number": lambda t, e: t("Send a whole number, 0 for no limit."),
    "no_tariff": lambda t, e: t("This owner has no tariff of their own. Open the list with /tariff."),
}


def _whose(t: Translator, owner_id: int) -> str:
    return t("Everybody without a tariff of their own") if owner_id == EVERYBODY else str(owner_id)


def listing(t: Translator, found: Sequence[tuple[int, Tariff]], number: int, more: bool) -> Page:
    """The tariffs that were set."""
    lines = [t("Tariffs say what owners may do here. Without one, there is no limit.")]
    rows = []
    if number == 0 and not any(owner_id == EVERYBODY for owner_id, _ in found):
        rows.append([Button(t("For everybody"), action=f"tariffs:open:{EVERYBODY}")])
    for owner_id, one in found:
        who = t("For everybody") if owner_id == EVERYBODY else str(owner_id)
        label = f"{who} · {plain(one.name)}" if one.name else who
        rows.append([Button(label, action=f"tariffs:open:{owner_id}")])
    new = [Button(t("➕ An owner"), action="tariffs:whom")]
    return page("\n".join(lines), *rows, pager("tariffs:list", number, more), new)


def ask_whom(t: Translator) -> Page:
    """Ask whose tariff it is."""
    text = t("Whose tariff? Send the owner's Telegram id: a number such as 123456789.")
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def panel(t: Translator, owner_id: int, tariff: Tariff) -> Page:
    """One tariff."""
    none = t("no limit")
    until = t("for ever") if tariff.paid_until is None else moment(t, tariff.paid_until)
    who = esc(_whose(t, owner_id))
    lines = [
        bold(tariff.name or t("Tariff")),
        t("For: {who}", who=who if owner_id == EVERYBODY else code(owner_id)),
        t("Campaigns: {limit}", limit=tariff.campaigns or none),
        t("Messages to leads: {state}", state=t("on") if tariff.broadcasts else t("off")),
        t("Broadcast messages a day: {limit}", limit=tariff.daily_cap or none),
        t("Paid until: {moment}", moment=until),
    ]
    ask = f"tariffs:ask:{owner_id}"
    label = t("🔕 Messages off") if tariff.broadcasts else t("🔔 Messages on")
    return page(
        "\n".join(lines),
        [Button(t("✏️ Name"), action=f"{ask}:name"), Button(t("✏️ Campaigns"), action=f"{ask}:campaigns")],
        [Button(t("✏️ Daily cap"), action=f"{ask}:cap"), Button(t("✏️ Paid until"), action=f"{ask}:paid")],
        [Button(label, action=f"tariffs:turn:{owner_id}:{int(not tariff.broadcasts)}")],
        [Button(t("🗑 Remove the tariff"), action=f"tariffs:remove:{owner_id}")],
        [Button(t("‹ Back"), action="tariffs:list:0")],
    )


def ask_field(t: Translator, field: str) -> Page:
    """Ask for another value of a field."""
    match field:
        case "name":
            text = t("What is the tariff called? Send up to 64 characters.")
        case "campaigns":
            text = t("How many campaigns at once? Send a number, 0 for no limit.")
        case "cap":
            text = t("How many broadcast messages a day? Send a number, 0 for no limit.")
        case _:
            text = t("Until when is it paid? Send for example “30 days” or “31.12.2030”; 0 for ever.")
    return page(text, [Button(t("Cancel"), action="start:cancel")])
