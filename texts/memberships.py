"""Wording about memberships, for the member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.actor import Translator
from domain.bots import Bot
from domain.memberships import Membership
from domain.page import Button, Page, page
from domain.plans import Plan, Project
from texts.errors import REASONS
from texts.formats import moment
from texts.markup import bold, esc, link, plain, shorten

REASONS |= {
    "membership_over": lambda t, e: t("This membership has ended. Send /plans to see how to come back."),
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


def _until(t: Translator, end: datetime | None) -> str:
    return t("for life") if end is None else t("until {moment}", moment=moment(t, end))


def _doors(t: Translator, ways: Sequence[WayLike]) -> tuple[list[str], list[list[Button]]]:
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
    end = _until(t, membership.end_at)
    if extended:
        first = t("✅ Your membership goes on: {plan}, {end}.", plan=bold(plan.name), end=end)
    else:
        first = t("🎉 Welcome! You have {plan}, {end}.", plan=bold(plan.name), end=end)
    lines, rows = _doors(t, ways)
    mine = [Button(t("My memberships"), action="memberships:list")]
    return page("\n".join([first, "", *lines]).rstrip(), *rows, mine)


def ways_in(t: Translator, ways: Sequence[WayLike]) -> Page:
    """The ways into the chats of a membership."""
    if not ways:
        return page(
            t("The owner has not yet chosen the chats this membership opens. Please come back later.")
        )
    lines, rows = _doors(t, ways)
    return page("\n".join(lines), *rows)


def mine(t: Translator, held: Sequence[HeldLike], now: datetime) -> Page:
    """What somebody has and had."""
    plans = [Button(t("Plans"), action="plans:list")]
    if not held:
        text = t("You have no membership yet. See what there is:")
        return page(text, plans, [Button(t("🎟 I have an access token"), action="tokens:enter")])
    lines = [t("Your memberships:")]
    rows = []
    for one in held:
        name = one.project.name if one.project else t("All chats")
        membership = one.membership
        if membership.runs(now):
            state = "✅ " + _until(t, membership.end_at)
        elif membership.opens(now) and membership.access_until is not None:
            state = t("⏳ ended; access until {moment}", moment=moment(t, membership.access_until))
        else:
            state = t("ended {moment}", moment=moment(t, membership.end_at or now))
        lines += ["", bold(name), state]
        lines += [f"• {esc(shorten(title, 60))}" for title in one.chats]
        if membership.opens(now):
            words = t("🚪 Enter {project}", project=shorten(plain(name), 30))
            rows.append([Button(words, action=f"memberships:enter:{membership.project_id}")])
    return page("\n".join(lines), *rows, plans)


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
        end=_until(t, membership.end_at),
    )
    enter = Button(t("🚪 Enter"), action=f"memberships:enter:{membership.project_id}")
    return page(text, [enter])
