"""Wording about memberships, for the member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.actor import Translator
from domain.bots import Bot
from domain.memberships import Membership
from domain.money import Money
from domain.page import Button, Page, page
from domain.plans import Plan, Project
from domain.subscriptions import Standing, Subscription
from texts.credit import line as credit_line
from texts.errors import REASONS
from texts.formats import moment
from texts.markup import bold, esc, link, plain, shorten

REASONS |= {
    "membership_over": lambda t, e: t("This membership has ended. Send /plans to see how to come back."),
    "no_subscription": lambda t, e: t(
        "There is nothing here that renews by itself. Send /memberships to see what you have."
    ),
    "subscription_stuck": lambda t, e: t(
        "I could not stop it at the payment provider, and you may be charged again. Stop it there, or send "
        "/paysupport to ask the owner."
    ),
    "no_membership": lambda t, e: t("There is no such membership. Send /memberships to see yours."),
}


class WayLike(Protocol):
    """A way into one chat."""

    @property
    def title(self) -> str: ...

    @property
    def link(self) -> str | None: ...

    @property
    def one_use(self) -> bool: ...


class HeldLike(Protocol):
    """A membership with the project and chats it is for."""

    @property
    def membership(self) -> Membership: ...

    @property
    def project(self) -> Project | None: ...

    @property
    def chats(self) -> Sequence[str]: ...

    @property
    def plan(self) -> Plan | None: ...

    @property
    def subscriptions(self) -> Sequence[Subscription]: ...


class SubscribedLike(Protocol):
    """A subscription with its plan and what is paid for."""

    @property
    def subscription(self) -> Subscription: ...

    @property
    def plan(self) -> Plan | None: ...

    @property
    def membership(self) -> Membership | None: ...


def until(t: Translator, end: datetime | None) -> str:
    """Until when something lasts."""
    return t("for life") if end is None else t("until {moment}", moment=moment(t, end))


def doors(t: Translator, ways: Sequence[WayLike]) -> tuple[list[str], list[list[Button]]]:
    """The ways into chats, as lines and as rows of buttons."""
    lines: list[str] = []
    rows: list[list[Button]] = []
    for way in ways:
        if way.link is not None:
            mark = "🔑 " if way.one_use else ""
            join = t("Join {chat}", chat=shorten(plain(way.title), 40))
            rows.append([Button(mark + join, url=way.link)])
            lines.append(f"{mark or '• '}{link(way.link, shorten(plain(way.title), 60))}")
    if lines:
        lines.insert(0, t("Tap to join. I let you in at once:"))
    if any(way.one_use for way in ways):
        lines.append(t("A link marked 🔑 works once, for you, within a day: keep it to yourself."))
    lines.extend(
        t(
            "The door to {chat} is stuck right now. I send you the way in as soon as it opens.",
            chat=bold(way.title),
        )
        for way in ways
        if way.link is None
    )
    return lines, rows


def given(t: Translator, plan: Plan, membership: Membership, ways: Sequence[WayLike], extended: bool) -> Page:
    """A membership begins, or goes on for longer."""
    end = until(t, membership.end_at)
    if extended:
        first = t("✅ Your membership goes on: {plan}, {end}.", plan=bold(plan.name), end=end)
    else:
        first = t("🎉 Welcome! You have {plan}, {end}.", plan=bold(plan.name), end=end)
    lines, rows = doors(t, ways)
    mine = [Button(t("My memberships"), action="memberships:list")]
    return page("\n".join([first, "", *lines]).rstrip(), *rows, mine)


def ways_in(t: Translator, ways: Sequence[WayLike]) -> Page:
    """The ways into the chats of a membership."""
    if not ways:
        return page(
            t("The owner has not yet chosen the chats this membership opens. Please come back later.")
        )
    lines, rows = doors(t, ways)
    return page("\n".join(lines), *rows)


def mine(t: Translator, held: Sequence[HeldLike], now: datetime, credit: Sequence[Money] = ()) -> Page:
    """What somebody has and had, and his credit."""
    plans = [Button(t("Plans"), action="plans:list")]
    if not held:
        text = t("You have no membership yet. See what there is:")
        if credit:
            text = f"{text}\n\n{credit_line(t, credit)}"
        token = [Button(t("🎟 I have an access token"), action="tokens:enter")]
        return page(text, plans, token, [Button(t("🧾 My payments"), action="receipts:list:0")])
    lines = [t("Your memberships:")]
    rows = []
    for one in held:
        name = one.project.name if one.project else t("All chats")
        membership = one.membership
        if membership.runs(now):
            state = "✅ " + until(t, membership.end_at)
        elif membership.opens(now) and membership.access_until is not None:
            state = t("⏳ ended; access until {moment}", moment=moment(t, membership.access_until))
        else:
            state = t("ended {moment}", moment=moment(t, membership.end_at or now))
        lines += ["", bold(name), state]
        lines += [f"• {esc(shorten(title, 60))}" for title in one.chats]
        if membership.opens(now):
            words = t("🚪 Enter {project}", project=shorten(plain(name), 30))
            rows.append([Button(words, action=f"memberships:enter:{membership.project_id}")])
        more, buttons = _renewing(t, one)
        lines += more
        rows += buttons
    if credit:
        lines += ["", credit_line(t, credit)]
    payments = [Button(t("🧾 My payments"), action="receipts:list:0")]
    return page("\n".join(lines), *rows, [*plans, *payments])


def _renewing(t: Translator, one: HeldLike) -> tuple[list[str], list[list[Button]]]:
    """Whether it renews by itself, and the buttons that stop it or renew it by hand."""
    charged = [other for other in one.subscriptions if other.state is Standing.ACTIVE]
    if charged:
        stop = t("✖️ Do not renew {plan}", plan=shorten(plain(one.plan.name), 24) if one.plan else "").rstrip()
        rows = [[Button(stop, action=f"memberships:cancel:{other.id}")] for other in charged]
        return [t("🔁 It renews by itself.")], rows
    lines = [t("It does not renew by itself any more.")] if one.subscriptions else []
    if one.membership.end_at is None:
        return lines, []
    if one.plan is None:
        return lines, [[Button(t("🔄 Renew"), action="plans:list")]]
    words = t("🔄 Renew {plan}", plan=shorten(plain(one.plan.name), 30))
    return lines, [[Button(words, action=f"plans:show:{one.plan.id}")]]


def ask_cancel(t: Translator, found: SubscribedLike) -> Page:
    """Ask before stopping a subscription."""
    name = bold(found.plan.name if found.plan else t("All chats"))
    text = t("Stop renewing {plan}? You are not charged any more.", plan=name)
    if found.membership is not None and found.membership.end_at is not None:
        text += "\n" + t("You keep access until {moment}.", moment=moment(t, found.membership.end_at))
    yes = Button(t("Yes, stop it"), action=f"memberships:canceled:{found.subscription.id}")
    return page(text, [yes, Button(t("No"), action="memberships:list")])


def canceled(t: Translator, plan: Plan | None, membership: Membership | None) -> Page:
    """A subscription was stopped."""
    name = bold(plan.name if plan else t("All chats"))
    text = t("Done: {plan} is not renewed, and you are not charged any more.", plan=name)
    if membership is not None and membership.end_at is not None:
        text += "\n" + t("You keep access until {moment}.", moment=moment(t, membership.end_at))
    return page(text, [Button(t("My memberships"), action="memberships:list")])


def _what(t: Translator, bot: Bot, project: Project | None) -> str:
    return bold(project.name if project else bot.name)


def reminder(t: Translator, bot: Bot, project: Project | None, membership: Membership) -> Page:
    """The end is near."""
    text = t(
        "⏰ Your membership of {what} ends {moment}. Renew it to stay in.",
        what=_what(t, bot, project),
        moment=moment(t, membership.end_at) if membership.end_at else "",
    )
    return page(text, [Button(t("Plans"), action="plans:list")])


def ended(t: Translator, bot: Bot, project: Project | None, grace_until: datetime | None) -> Page:
    """The end has come."""
    what = _what(t, bot, project)
    if grace_until is not None:
        text = t(
            "Your membership of {what} has ended. You keep access until {moment}: renew it to stay in.",
            what=what,
            moment=moment(t, grace_until),
        )
    else:
        text = t("Your membership of {what} has ended. You are welcome back any time.", what=what)
    return page(text, [Button(t("Plans"), action="plans:list")])


def gift(t: Translator, project: Project | None, membership: Membership) -> Page:
    """The owner gave time."""
    text = t(
        "🎁 The owner gave you a membership of {what}, {end}.",
        what=bold(project.name if project else t("All chats")),
        end=until(t, membership.end_at),
    )
    enter = Button(t("🚪 Enter"), action=f"memberships:enter:{membership.project_id}")
    return page(text, [enter])
