"""Wording about plans: the list members see, and the panels of their owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.errors import Refused
from domain.money import Money
from domain.page import Button, Page, page
from domain.plans import Plan, Project
from texts.errors import REASONS, sentence
from texts.formats import as_written, duration, price
from texts.markup import bold, code, esc, plain, shorten, strike
from texts.orders import MethodLike, pay_rows
from texts.plan_options import option_rows

REASONS |= {
    "plan_name": lambda t, e: t(
        "A plan's name has 3 to 24 characters and begins with a letter. Please send another one."
    ),
    "duration": lambda t, e: t(
        "I did not understand how long. Send for example “1 month”, “7 days”, “1 year”, “lifetime”, or the "
        "last day as “31.12.2030”."
    ),
    "duration_past": lambda t, e: t("That day is over already. Send a day in the future."),
    "trial": lambda t, e: t("Send how long the trial lasts, for example “3 days”, or 0 for no trial."),
    "price": lambda t, e: t("I did not understand the price. Send for example “9.99 USD” or “100 XTR”."),
    "price_digits": lambda t, e: t(
        "{currency} has at most {digits} digits after the point. Please send the price again.", **e.details
    ),
    "currency": lambda t, e: t(
        "I do not know this currency. Send the price with a three-letter code, for example “9.99 EUR”; "
        "XTR stands for Telegram Stars."
    ),
    "max_customers": lambda t, e: t("Send the limit as a whole number, 0 for no limit."),
    "option": lambda t, e: t("This button is from an older version. Open the menu again, please."),
    "no_plan": lambda t, e: t("This plan is not there any more. Send /plans to see what there is."),
    "plan_used": lambda t, e: t(
        "People had this plan, or tokens stand for it, so it stays for the record. Disable it instead: "
        "then nobody new gets it."
    ),
    "plan_price_fixed": lambda t, e: t(
        "People subscribe to this plan, so its price cannot change. Disable it and make a new one."
    ),
    "recurring": lambda t, e: t(
        "Only what costs something and lasts days, weeks, months or years can renew by itself. Change the "
        "price or the duration first."
    ),
    "recurring_stars": lambda t, e: t(
        "Telegram charges Stars again every 30 days and at no other time, so a plan in Stars that renews by "
        "itself lasts exactly 30 days. Set its duration to “30 days”, or let it not renew by itself."
    ),
    "plan_disabled": lambda t, e: t("This plan is not offered any more. Send /plans to see what is."),
    "plan_over": lambda t, e: t("The last day of this plan is over. Send /plans to see what is offered now."),
    "plan_token_only": lambda t, e: t("This plan opens with an access token only. Ask the owner for one."),
    "plan_credit_only": lambda t, e: t("This plan is for credit only."),
    "plan_for_life": lambda t, e: t("You have this for life already. There is nothing to add to it."),
    "plan_newcomers": lambda t, e: t("This plan is for newcomers only. Send /plans to see the others."),
    "plan_returning": lambda t, e: t(
        "This plan is for people who were members before. Send /plans to see the others."
    ),
    "plan_once": lambda t, e: t("Everybody can have this plan once, and you had it. Send /plans for more."),
    "plan_holders": lambda t, e: t("This plan is for people who are members now. Send /plans for others."),
    "plan_former": lambda t, e: t(
        "This plan is for people whose membership has ended. Send /memberships to see yours."
    ),
    "plan_invited": lambda t, e: t("This plan is for people who were invited by a friend's link."),
    "plan_not_invited": lambda t, e: t("This plan is not for people who came by a friend's link."),
    "plan_sold_out": lambda t, e: t("All places of this plan are taken. Ask the owner when one gets free."),
    "trial_none": lambda t, e: t("This plan has no trial. Send /plans to see what is offered."),
    "trial_once": lambda t, e: t("You had your trial here. Send /plans to see what is offered."),
    "trial_holder": lambda t, e: t("A trial is for people who are no members yet."),
}


class OfferLike(Protocol):
    """A plan as one person sees it."""

    @property
    def plan(self) -> Plan: ...

    @property
    def project(self) -> Project | None: ...

    @property
    def chats(self) -> Sequence[str]: ...

    @property
    def refusal(self) -> str | None: ...

    @property
    def may_try(self) -> bool: ...

    @property
    def reduced(self) -> Money | None: ...


class PanelLike(Protocol):
    """A plan as its owner sees it."""

    @property
    def plan(self) -> Plan: ...

    @property
    def project(self) -> Project | None: ...

    @property
    def customers(self) -> int: ...


def short(t: Translator, plan: Plan, reduced: Money | None = None) -> str:
    """A plan in one line, plain; `reduced` is its price with a coupon."""
    return f"{plain(plan.name)} · {duration(t, plan.duration)} · {price(t, reduced or plan.price)}"


def _costs(t: Translator, offer: OfferLike) -> str:
    """A plan in one line, with its full price struck out beside that with a coupon."""
    if offer.reduced is None:
        return esc(short(t, offer.plan))
    before, now = strike(price(t, offer.plan.price)), bold(price(t, offer.reduced))
    return f"{esc(offer.plan.name)} · {esc(duration(t, offer.plan.duration))} · {before} {now}"


def shop(t: Translator, offers: Sequence[OfferLike]) -> Page:
    """The plans a member can choose from, by project."""
    if not offers:
        text = t(
            "There are no plans to choose from right now. If you were given an access token, use it here:"
        )
        return page(text, *_token_row(t))
    lines = [t("Choose a plan to see what it gives:")]
    rows = []
    for project in dict.fromkeys(offer.project for offer in offers):
        of_project = [offer for offer in offers if offer.project == project]
        lines += ["", bold(project.name if project else t("All chats"))]
        for offer in of_project:
            lines.append(f"• {_costs(t, offer)}")
            rows.append([Button(short(t, offer.plan, offer.reduced), action=f"plans:show:{offer.plan.id}")])
    return page("\n".join(lines), *rows, *_token_row(t), _coupon_row(t))


def _token_row(t: Translator) -> list[list[Button]]:
    return [[Button(t("🎟 I have an access token"), action="tokens:enter")]]


def _coupon_row(t: Translator) -> list[Button]:
    return [Button(t("🏷 I have a coupon"), action="coupons:ask_code")]


def offered(t: Translator, offer: OfferLike, methods: Sequence[MethodLike] = ()) -> Page:
    """One plan: what it gives and how to get it."""
    plan = offer.plan
    lines = [bold(plan.name), f"{duration(t, plan.duration)} · {price(t, plan.price)}", ""]
    if offer.chats:
        lines.append(t("It opens:"))
        lines += [f"• {esc(shorten(title, 60))}" for title in offer.chats]
    else:
        lines.append(t("The owner has not yet chosen the chats it opens."))
    lines.append("")
    if offer.refusal is not None:
        lines.append(esc(sentence(t, Refused(offer.refusal))))
        return page("\n".join(lines), [Button(t("‹ Back"), action="plans:list")])
    coupon = next((method.coupon for method in methods if method.coupon), None)
    if coupon is not None:
        lines.append(t("🏷 Your coupon {coupon} is taken off.", coupon=code(coupon)))
    lines.append(
        t("Choose how to pay:") if methods else t("How to get it: with an access token from the owner.")
    )
    rows = pay_rows(t, plan.id, methods)
    if offer.may_try and plan.trial is not None:
        words = t("🎁 Try it free: {length}", length=duration(t, plan.trial))
        rows.append([Button(words, action=f"memberships:try:{plan.id}")])
    return page("\n".join(lines), *rows, *_token_row(t), [Button(t("‹ Back"), action="plans:list")])


def managed(t: Translator, found: Sequence[Plan]) -> Page:
    """All plans, for their owner."""
    new = [Button(t("➕ New plan"), action="newplan:begin")]
    projects = [Button(t("Projects"), action="projects:list")]
    if not found:
        text = t(
            "You have no plans yet. A plan is what people get: access to chats for some time, at a price. "
            "Make the first one:"
        )
        return page(text, new, projects)
    rows = []
    for place, plan in enumerate(found):
        mark = "" if plan.enabled else "⏸ "
        row = [Button(mark + short(t, plan), action=f"plans:edit:{plan.id}")]
        if place:
            row.append(Button("⬆️", action=f"plans:up:{plan.id}"))
        rows.append(row)
    text = t("Your plans, in the order members see them. Tap one to change it; ⬆️ moves it up.")
    see = [Button(t("👁 As members see it"), action="plans:list")]
    return page(text, *rows, new, [*projects, *see])


def project_name(t: Translator, project: Project | None) -> str:
    """What a plan opens, plain."""
    return plain(project.name) if project else t("All paid chats")


def summary(t: Translator, plan: Plan, project: Project | None) -> list[str]:
    """What a plan is, line by line, for its owner."""
    limit = t("no limit") if not plan.max_customers else str(plan.max_customers)
    trial = t("none") if plan.trial is None else duration(t, plan.trial)
    return [
        bold(plan.name),
        t("Lasts: {length}", length=duration(t, plan.duration)),
        t("Price: {price}", price=esc(price(t, plan.price))),
        t("Opens: {project}", project=esc(project_name(t, project))),
        t("Trial: {trial}", trial=trial),
        t("Customers at a time: {limit}", limit=limit),
    ]


def panel(t: Translator, shown: PanelLike) -> Page:
    """One plan, for its owner."""
    plan = shown.plan
    lines = summary(t, plan, shown.project)
    lines.append(t.plural("{n} person has it now.", "{n} people have it now.", shown.customers))
    if not plan.enabled:
        lines += ["", t("⏸ Disabled: nobody new gets it. Memberships that run are not touched.")]
    ask = f"plans:ask:{plan.id}"
    enable = t("⏸ Disable") if plan.enabled else t("▶️ Enable")
    return page(
        "\n".join(lines),
        [
            Button(t("🎟 Access token"), action=f"tokens:for:{plan.id}"),
            Button(t("🎟 Many tokens"), action=f"tokens:many:{plan.id}"),
        ],
        [Button(t("✏️ Name"), action=f"{ask}:name"), Button(t("✏️ Duration"), action=f"{ask}:duration")],
        [Button(t("✏️ Price"), action=f"{ask}:price"), Button(t("✏️ Trial"), action=f"{ask}:trial")],
        [
            Button(t("✏️ Customers"), action=f"{ask}:max_customers"),
            Button(t("✏️ Project"), action=f"plans:project:{plan.id}"),
        ],
        *option_rows(t, plan, f"plans:turn:{plan.id}"),
        [
            Button(enable, action=f"plans:enable:{plan.id}:{int(not plan.enabled)}"),
            Button(t("🗑 Delete"), action=f"plans:drop:{plan.id}"),
        ],
        [Button(t("‹ Back"), action="plans:manage")],
    )


def ask_drop(t: Translator, shown: PanelLike) -> Page:
    """Ask before deleting."""
    plan = shown.plan
    return page(
        t("Delete the plan {plan}?", plan=bold(plan.name)),
        [
            Button(t("Yes, delete"), action=f"plans:dropped:{plan.id}"),
            Button(t("No"), action=f"plans:edit:{plan.id}"),
        ],
    )


def ask_field(t: Translator, field: str, plan: Plan) -> Page:
    """Ask for another value of a field."""
    now = {
        "name": plan.name,
        "duration": as_written(t, plan.duration),
        "price": str(plan.price),
        "trial": "0" if plan.trial is None else as_written(t, plan.trial),
        "max_customers": str(plan.max_customers),
    }
    text = {
        "name": t("Send the new name: 3 to 24 characters, a letter first."),
        "duration": t("How long does it last? Send for example “1 month”, “lifetime” or “31.12.2030”."),
        "price": t("Send the new price, for example “9.99 USD” or “100 XTR”."),
        "trial": t("How long is the free trial? Send for example “3 days”, or 0 for none."),
        "max_customers": t("How many people may have it at a time? Send a number, 0 for no limit."),
    }[field]
    current = t("Now: {value}", value=code(now[field]))
    return page(f"{text}\n\n{current}", [Button(t("Cancel"), action="start:cancel")])


def choose_project(t: Translator, plan: Plan, found: Sequence[Project]) -> Page:
    """Which project a plan opens."""
    rows = [[Button(plain(one.name), action=f"plans:opens:{plan.id}:{one.id}")] for one in found]
    return page(
        t("Which chats does {plan} open?", plan=bold(plan.name)),
        *rows,
        [Button(t("🌐 All paid chats"), action=f"plans:opens:{plan.id}:0")],
        [Button(t("‹ Back"), action=f"plans:edit:{plan.id}")],
    )
