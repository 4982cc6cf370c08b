"""Wording about members, for the owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.actor import Translator
from domain.memberships import REMINDER_HOURS, Membership, Settings
from domain.money import Money
from domain.page import Button, Page, page
from domain.plans import EVERY_CHAT, Project
from texts.credit import line as credit_line
from texts.errors import REASONS
from texts.formats import moment
from texts.markup import bold, code, esc, mention, plain, shorten
from texts.pager import pager

_GIFTS = (7, 30, 90)  # days
_GRACES = (0, 1, 3, 7)  # days

REASONS |= {
    "gift_days": lambda t, e: t("Send how many days to give: a whole number from 1 to 3650."),
    "grace": lambda t, e: t("The grace period lasts 0 to 30 days. Please choose again."),
}


class PersonLike(Protocol):
    """Somebody the bot has met."""

    @property
    def user_id(self) -> int: ...

    @property
    def full_name(self) -> str: ...

    @property
    def username(self) -> str | None: ...


class MemberLike(Protocol):
    """A person with his memberships and the projects he could be given."""

    @property
    def person(self) -> PersonLike: ...

    @property
    def memberships(self) -> Sequence[Membership]: ...

    @property
    def projects(self) -> Sequence[Project]: ...

    @property
    def credit(self) -> Sequence[Money]: ...


class ListedLike(Protocol):
    """A membership in the list."""

    @property
    def membership(self) -> Membership: ...

    @property
    def name(self) -> str: ...


def _end(t: Translator, membership: Membership) -> str:
    if membership.end_at is None:
        return t("for life")
    return t("until {moment}", moment=moment(t, membership.end_at))


def listing(t: Translator, found: Sequence[ListedLike], number: int, more: bool) -> Page:
    """One page of running memberships."""
    tools = [
        [
            Button(t("🔎 Find somebody"), action="subscribers:ask"),
            Button(t("📄 CSV"), action="subscribers:export"),
        ],
        [
            Button(t("📥 From before"), action="imports:list"),
            Button(t("⚙️ Settings"), action="subscribers:rules"),
        ],
    ]
    if not found and number == 0:
        text = t("Nobody has a membership yet. Give somebody an access token with /token, or find them here:")
        return page(text, *tools)
    lines = [t("Memberships, the next to end first:"), ""]
    rows = []
    for one in found:
        lines.append(f"• {esc(shorten(one.name, 40))} · {_end(t, one.membership)}")
        name = shorten(plain(one.name), 40) or str(one.membership.member_id)
        rows.append([Button(name, action=f"subscribers:open:{one.membership.member_id}")])
    return page("\n".join(lines), *rows, pager("subscribers:list", number, more), *tools)


def ask_who(t: Translator) -> Page:
    """Whom to look for."""
    text = t("Whom do you look for? Send the @username or the Telegram id.")
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def panel(t: Translator, member: MemberLike, now: datetime, *, stuck: Sequence[str] = ()) -> Page:
    """One person and his memberships. `stuck`: gateways that go on charging him, whatever we say."""
    person = member.person
    lines = [mention(person.user_id, person.full_name), code(person.user_id)]
    if person.username:
        lines.append(f"@{esc(person.username)}")
    names = {one.id: one.name for one in member.projects} | {EVERY_CHAT: t("All paid chats")}
    held = {one.project_id: one for one in member.memberships}
    rows = []
    for project_id, name in names.items():
        one = held.get(project_id)
        runs = one is not None and one.opens(now)
        if one is not None:
            state = _end(t, one) if runs else t("ended {moment}", moment=moment(t, one.end_at or now))
            lines += ["", bold(name), ("✅ " if runs else "") + state]
        row = [
            Button(f"🎁 {shorten(plain(name), 24)}", action=f"subscribers:gift:{person.user_id}:{project_id}")
        ]
        if runs:
            row.append(Button(t("⛔️ End"), action=f"subscribers:end:{person.user_id}:{project_id}"))
        rows.append(row)
    if not held:
        lines += ["", t("No membership yet. 🎁 gives days.")]
    if member.credit:
        lines += ["", credit_line(t, member.credit)]
    lines += [
        t("⚠️ I could not stop the charges at {gateway}: please stop them there.", gateway=esc(one))
        for one in stuck
    ]
    rows.append(
        [
            Button(t("💳 Give credit"), action=f"credit:ask:{person.user_id}"),
            Button(t("🧾 Orders"), action=f"sales:list:all:{person.user_id}:0"),
        ]
    )
    return page("\n".join(lines), *rows, [Button(t("‹ Back"), action="subscribers:list:0")])


def choose_gift(t: Translator, member: MemberLike, project_id: int) -> Page:
    """How many days to give."""
    base = f"subscribers:give:{member.person.user_id}:{project_id}"
    days = [Button(t.plural("{n} day", "{n} days", n), action=f"{base}:{n}") for n in _GIFTS]
    other = Button(t("Another number"), action=f"subscribers:days:{member.person.user_id}:{project_id}")
    back = Button(t("‹ Back"), action=f"subscribers:open:{member.person.user_id}")
    text = t("How many days do you give {name}?", name=bold(member.person.full_name))
    return page(text, days, [other], [back])


def ask_days(t: Translator, name: str) -> Page:
    """Ask for a number of days."""
    text = t("How many days do you give {name}? Send a number.", name=bold(name))
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def ask_end(t: Translator, member: MemberLike, project_id: int) -> Page:
    """Ask before ending a membership."""
    user_id = member.person.user_id
    text = t(
        "End the membership of {name} now? They are told, and removed from the chats it opened.",
        name=bold(member.person.full_name),
    )
    return page(
        text,
        [
            Button(t("Yes, end it"), action=f"subscribers:ended:{user_id}:{project_id}"),
            Button(t("No"), action=f"subscribers:open:{user_id}"),
        ],
    )


def rules(t: Translator, settings: Settings) -> Page:
    """The settings of memberships."""
    text = "\n".join(
        [
            bold(t("Memberships")),
            t("Tap when members are reminded before the end (upper row), and for how many days they keep "
              "access after it (lower row)."),
        ]
    )  # fmt: skip
    reminders = [
        Button(
            _marked(_before(t, hours), hours in settings.reminder_hours), action=f"subscribers:remind:{hours}"
        )
        for hours in REMINDER_HOURS
    ]
    graces = [
        Button(_marked(str(days), days == settings.grace_days), action=f"subscribers:grace:{days}")
        for days in _GRACES
    ]
    return page(text, reminders, graces, [Button(t("‹ Back"), action="subscribers:list:0")])


def _marked(words: str, on: bool) -> str:
    return f"✅ {words}" if on else words


def _before(t: Translator, hours: int) -> str:
    if hours % 24 == 0:
        return t.plural("{n} day", "{n} days", hours // 24)
    return t.plural("{n} hour", "{n} hours", hours)


def exported(t: Translator, count: int) -> Page:
    """The caption of the file."""
    words = t.plural("{n} membership.", "{n} memberships.", count)
    return page(words + " " + t("/import reads this file back."))
