"""Wording about leads, for the owners of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.campaigns import Campaign
from domain.leads import Lead, LeadStatus, Noted
from domain.macros import from_micros
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.formats import moment
from texts.markup import bold, code, esc, mention, plain, shorten
from texts.pager import pager

ICONS = {
    LeadStatus.WAIT: "👋",
    LeadStatus.HOLD: "✋",
    LeadStatus.APPROVE: "✅",
    LeadStatus.CANCEL: "🚪",
    LeadStatus.TRASH: "🗑",
}
EVERY = 9  # in buttons, instead of a status: all of them
_STEPS_SHOWN = 25


class PersonLike(Protocol):
    """A person as a bot knows him."""

    @property
    def full_name(self) -> str: ...
    @property
    def username(self) -> str | None: ...


class LeadLike(Protocol):
    """A lead with what it is shown with (`services.leads.LeadPanel`)."""

    @property
    def lead(self) -> Lead: ...
    @property
    def campaign(self) -> Campaign: ...
    @property
    def person(self) -> PersonLike | None: ...
    @property
    def history(self) -> Sequence[Noted]: ...
    @property
    def stale(self) -> bool: ...


def status_name(t: Translator, status: LeadStatus) -> str:
    """A status in words."""
    return {
        LeadStatus.WAIT: t("pressed Start"),
        LeadStatus.HOLD: t("asks to join"),
        LeadStatus.APPROVE: t("is inside"),
        LeadStatus.CANCEL: t("left"),
        LeadStatus.TRASH: t("was removed or declined"),
    }[status]


def listing(
    t: Translator,
    rows: Sequence[LeadLike],
    total: int,
    *,
    campaign_id: int,
    status: int,
    number: int,
    size: int,
) -> Page:
    """A page of leads. `campaign_id` 0 is all campaigns, `status` 9 all statuses."""
    legend = [f"{ICONS[one]} {status_name(t, one)}" for one in LeadStatus]
    head = t.plural("{n} lead", "{n} leads", total)
    filters = [
        Button(f"• {icon}" if mark == status else icon, action=f"leads:list:{campaign_id}:{mark}:0")
        for mark, icon in [(EVERY, "∑"), *((int(one), ICONS[one]) for one in LeadStatus)]
    ]
    scope = t("All campaigns ▾") if not campaign_id else t("One campaign ▾")
    buttons = [
        [Button(_row(one), action=f"leads:open:{one.lead.id}:{campaign_id}:{status}:{number}")]
        for one in rows
    ]
    return page(
        "\n".join([bold(head), *legend]),
        filters,
        *buttons,
        pager(f"leads:list:{campaign_id}:{status}", number, (number + 1) * size < total),
        [Button(scope, action="leads:campaigns:0")],
    )


def _row(one: LeadLike) -> str:
    parts = [f"{ICONS[one.lead.status]} {shorten(_name(one), 28)}"]
    if one.lead.origin.source:
        parts.append(plain(one.lead.origin.source))
    if one.stale:
        parts.append("⏳")
    return " · ".join(parts)


def _name(one: LeadLike) -> str:
    name = plain(one.person.full_name) if one.person is not None else ""
    return name or str(one.lead.user_id)


def choose_campaign(t: Translator, found: Sequence[Campaign], more: bool, number: int) -> Page:
    """Whose leads?"""
    rows = [[Button(shorten(plain(one.name), 40), action=f"leads:list:{one.id}:{EVERY}:0")] for one in found]
    return page(
        t("Whose leads do you want to see?"),
        [Button(t("All campaigns"), action=f"leads:list:0:{EVERY}:0")],
        *rows,
        pager("leads:campaigns", number, more),
    )


def panel(t: Translator, shown: LeadLike, back: str) -> Page:
    """One lead with every step it took."""
    lead = shown.lead
    title = mention(lead.user_id, _name(shown))
    if shown.person is not None and shown.person.username:
        title += f" @{esc(shown.person.username)}"
    lines = [title, t("Campaign: {name}", name=esc(shown.campaign.name)), *_origin(t, lead), ""]
    shown_steps = shown.history[-_STEPS_SHOWN:]
    if len(shown_steps) < len(shown.history):
        lines.append("…")
    lines += [_step(t, one) for one in shown_steps]
    if lead.already_member:
        lines += ["", t("Was inside already when pressing Start: not counted as a join.")]
    if shown.stale:
        lines += ["", t("⏳ The request is a week old or more: somebody has probably declined it.")]
    if lead.unsubscribed_at is not None:
        lines += ["", t("Wants no messages since {moment}.", moment=moment(t, lead.unsubscribed_at))]
    return page("\n".join(lines), [Button(t("‹ Back"), action=back)])


def _origin(t: Translator, lead: Lead) -> list[str]:
    origin, lines = lead.origin, []
    if origin.source:
        lines.append(t("Source: {source}", source=esc(origin.source)))
    if origin.click:
        lines.append(t("Click: {click}", click=code(shorten(origin.click, 200))))
    lines += [f"{name}: {code(shorten(value, 100))}" for name, value in sorted(origin.subs.items())]
    if origin.cost_micros is not None:
        lines.append(t("Cost: {cost}", cost=from_micros(origin.cost_micros)))
    return lines


def _step(t: Translator, one: Noted) -> str:
    entry = one.entry
    return f"{ICONS[entry.status]} {esc(moment(t, entry.at))} · {esc(status_name(t, entry.status))}"


REASONS["no_lead"] = lambda t, e: t("This lead is not there. See /leads.")
