"""Wording of `/payments`: the ways to pay a bot has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.gateways import Traits
from domain.orders import STARS, TELEGRAM
from domain.page import Button, Page, page
from texts import gateways
from texts.errors import REASONS
from texts.markup import bold, code, esc
from texts.orders import method_name

_IN_TELEGRAM = (STARS, TELEGRAM)  # Telegram itself tells of these payments

REASONS |= {
    "gateway_busy": lambda t, e: t.plural(
        "{n} person is charged by it again and again, and I could not notice his payments any more. Switch "
        "it off instead: nobody new pays by it, and what runs goes on.",
        "{n} people are charged by it again and again, and I could not notice their payments any more. "
        "Switch it off instead: nobody new pays by it, and what runs goes on.",
        int(str(e.details["count"])),
    ),
}


class WayLike(Protocol):
    """A way to pay in the list."""

    @property
    def traits(self) -> Traits: ...

    @property
    def account(self) -> str: ...

    @property
    def enabled(self) -> bool: ...


class OverviewLike(Protocol):
    """All that is shown first."""

    @property
    def ways(self) -> Sequence[WayLike]: ...

    @property
    def more(self) -> bool: ...

    @property
    def tell_sales(self) -> bool: ...

    @property
    def refund_second(self) -> bool: ...


class PanelLike(Protocol):
    """One way to pay."""

    @property
    def way(self) -> WayLike: ...

    @property
    def address(self) -> str | None: ...

    @property
    def events(self) -> tuple[str, ...]: ...

    @property
    def hears(self) -> bool: ...

    @property
    def subscriptions(self) -> int: ...

    @property
    def waiting(self) -> int: ...


def name(t: Translator, traits: Traits) -> str:
    """How a way to pay is called. Plain text."""
    return method_name(t, traits.name, traits.display_name)


def overview(t: Translator, shown: OverviewLike) -> Page:
    """What can be paid with."""
    lines = [bold(t("Ways to pay")), ""]
    rows = []
    for way in shown.ways:
        mark = "✅" if way.enabled else "⏸"
        account = f" · {esc(way.account)}" if way.account else ""
        lines.append(f"{mark} {esc(name(t, way.traits))}{account}")
        rows.append([Button(f"{mark} {name(t, way.traits)}", action=f"payments:open:{way.traits.name}")])
    if not any(way.enabled for way in shown.ways):
        lines += ["", t("⚠️ Nothing is switched on: nobody can pay now.")]
    if shown.more:
        rows.append([Button(t("➕ Add"), action="payments:add")])
    told = t("🔔 Tell me of each sale: yes") if shown.tell_sales else t("🔕 Tell me of each sale: no")
    second = t("Paid twice: goes back") if shown.refund_second else t("Paid twice: adds time")
    return page(
        "\n".join(lines),
        *rows,
        [Button(told, action=f"payments:set:tell_sales:{int(not shown.tell_sales)}")],
        [Button(second, action=f"payments:set:refund_second:{int(not shown.refund_second)}")],
        [Button(t("🧾 Orders"), action="sales:list:all:0:0")],
    )


def choose(t: Translator, found: Sequence[Traits]) -> Page:
    """What can be installed."""
    back = [Button(t("‹ Back"), action="payments:list")]
    if not found:
        return page(t("Everything there is has been installed."), back)
    rows = [[Button(name(t, traits), action=f"newgateway:begin:{traits.name}")] for traits in found]
    return page(t("What do you want to be paid with?"), *rows, back)


def panel(t: Translator, shown: PanelLike) -> Page:
    """One way to pay."""
    way = shown.way
    gateway = way.traits.name
    turn = t("⏸ Switch off") if way.enabled else t("▶️ Switch on")
    rows = [[Button(turn, action=f"payments:turn:{gateway}:{int(not way.enabled)}")]]
    rows.append([Button(t("🔄 Check it"), action=f"payments:check:{gateway}")])
    if shown.address is not None:
        rows.append([Button(t("📋 Copy the address"), copy=shown.address)])
    if gateway != STARS:
        rows.append(
            [
                Button(t("🔑 Other keys"), action=f"newgateway:begin:{gateway}"),
                Button(t("🗑 Remove"), action=f"payments:drop:{gateway}"),
            ]
        )
    rows.append([Button(t("‹ Back"), action="payments:list")])
    return page("\n".join(_lines(t, shown)), *rows)


def _lines(t: Translator, shown: PanelLike) -> list[str]:
    way = shown.way
    lines = [bold(name(t, way.traits))]
    if way.account:
        lines.append(t("Account: {account}", account=esc(way.account)))
    lines.append(
        t("✅ Buyers can choose it.") if way.enabled else t("⏸ Switched off: what was begun is finished.")
    )
    if way.traits.name == STARS:
        lines.append(t("Stars need no setting up. They come to the bot's balance at @BotFather."))
    lines += notices(t, shown)
    if shown.subscriptions:
        lines.append(
            t.plural(
                "{n} person is charged by it again and again.",
                "{n} people are charged by it again and again.",
                shown.subscriptions,
            )
        )
    return lines


def notices(t: Translator, shown: PanelLike) -> list[str]:
    """How the bot hears of payments, in lines."""
    traits, who = shown.way.traits, esc(shown.way.traits.display_name)
    if traits.name in _IN_TELEGRAM:
        return []
    if shown.address is None:
        return [
            t("I ask {who} about payments every few minutes: this server has no public address.", who=who)
        ]
    if not shown.hears:
        return [
            t("I ask {who} about payments every few minutes: its notifications are not set up.", who=who),
            t("Address for notifications: {address}", address=code(shown.address)),
        ]
    if any(field.hook for field in traits.fields):
        return [t("{who} tells me about payments at once.", who=who)]
    words = gateways.hook_guide(t, traits, shown.address, shown.events)
    return [words] if words else []


def checked(t: Translator, account: str) -> str:
    """The answer to pressing the button that checks. Plain text."""
    return t("✅ It works: {account}", account=account)


def ask_drop(t: Translator, shown: PanelLike) -> Page:
    """Ask before removing."""
    gateway = shown.way.traits.name
    lines = [
        t(
            "Remove {name}? I forget its keys, and what was paid by it cannot be given back from here any "
            "more.",
            name=bold(name(t, shown.way.traits)),
        )
    ]
    if shown.waiting:
        lines.append(
            t.plural(
                "⚠️ {n} order may still be paid by it: that payment would not be noticed. Better switch it "
                "off now and remove it in a few days.",
                "⚠️ {n} orders may still be paid by it: those payments would not be noticed. Better switch "
                "it off now and remove it in a few days.",
                shown.waiting,
            )
        )
    return page(
        "\n\n".join(lines),
        [
            Button(t("Yes, remove"), action=f"payments:dropped:{gateway}"),
            Button(t("No"), action=f"payments:open:{gateway}"),
        ],
    )
