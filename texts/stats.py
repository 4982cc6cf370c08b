"""Wording of the figures of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.campaigns import Campaign
from domain.macros import from_micros
from domain.page import Button, Page, page
from domain.tracker_stats import Cost, Figures, Period, Retention, Source
from texts.errors import REASONS
from texts.formats import percent
from texts.markup import bold, esc, shorten
from texts.pager import pager

REASONS |= {
    "stats_span": lambda t, e: t(
        "I count {most} days at most. Ask for a shorter time.", most=e.details["most"]
    ),
    "stats_moment": lambda t, e: t("This moment does not exist. Send it in unix seconds."),
}

_SHOWN_SOURCES, _SHOWN_COSTS = 6, 4  # so that the caption stays below Telegram's 1024 characters
_LONGEST_NAME = 40
_CAMPAIGNS = 10  # on a page


class ReportLike(Protocol):
    """What the owner sees at once."""

    @property
    def campaign(self) -> Campaign | None: ...

    @property
    def period(self) -> Period: ...

    @property
    def figures(self) -> Figures: ...

    @property
    def sources(self) -> Sequence[Source]: ...

    @property
    def retention(self) -> Sequence[Retention]: ...

    @property
    def costs(self) -> Sequence[Cost]: ...


def nothing(t: Translator) -> Page:
    """There is no campaign yet."""
    return page(t("There is nothing to count yet: make a campaign with /campaigns first."))


def report(t: Translator, shown: ReportLike) -> Page:
    """The caption below the chart, with buttons for other periods and campaigns."""
    figures = shown.figures
    lines = [
        t("{what}: {period}", what=bold(_what(t, shown.campaign)), period=period_name(t, shown.period)),
        t(
            "{starts} started · {confirms} came in · {unsubs} left · CR {cr}",
            starts=bold(figures.starts), confirms=bold(figures.confirms), unsubs=bold(figures.unsubs),
            cr=bold(percent(t, figures.cr)),
        ),
        t("🟦 started and came in · 🟩 started only · 🟥 left"),
    ]  # fmt: skip
    lines += _sources(t, shown.sources)
    lines += _retention(t, shown.retention)
    lines += _costs(t, shown.costs)
    lines += ["", t("Days begin at 00:00 UTC.")]
    campaign_id = shown.campaign.id if shown.campaign else 0
    switches = [
        Button(
            ("• " if period is shown.period else "") + period_name(t, period),
            action=f"stats:show:{campaign_id}:{period.value}",
        )
        for period in Period
    ]
    return page("\n".join(lines), switches, [Button(t("Another campaign"), action="stats:choose:0")])


def _what(t: Translator, campaign: Campaign | None) -> str:
    return t("All campaigns") if campaign is None else shorten(campaign.name, _LONGEST_NAME)


def _sources(t: Translator, sources: Sequence[Source]) -> list[str]:
    """Where people came from; nothing when all came the same way."""
    if not any(one.source for one in sources):
        return []
    lines = [
        t(
            "{source}: {starts} → {confirms} ({cr})",
            source=esc(shorten(one.source or t("start link"), _LONGEST_NAME)),
            starts=one.figures.starts, confirms=one.figures.confirms, cr=percent(t, one.figures.cr),
        )
        for one in sources[:_SHOWN_SOURCES]
    ]  # fmt: skip
    if (left := len(sources) - _SHOWN_SOURCES) > 0:
        lines.append(t.plural("… and {n} more", "… and {n} more", left))
    return ["", t("From where:"), *lines]


def _retention(t: Translator, found: Sequence[Retention]) -> list[str]:
    lines = [_still_inside(t, one) for one in found if one.of]
    return ["", t("Still inside:"), *lines] if lines else []


def _still_inside(t: Translator, one: Retention) -> str:
    rate = bold(percent(t, one.rate))
    return t.plural(
        "after {n} day: {rate} of {people}",
        "after {n} days: {rate} of {people}",
        one.days,
        rate=rate,
        people=one.of,
    )


def _costs(t: Translator, costs: Sequence[Cost]) -> list[str]:
    lines = []
    for one in costs[:_SHOWN_COSTS]:
        spent = _money(one.micros, one.currency)
        if one.per_kept is None:
            lines.append(t("Spent: {spent}, and nobody is inside", spent=spent))
            continue
        each = _money(one.per_kept, one.currency)
        lines.append(t("Spent: {spent}, {each} for each who is inside", spent=spent, each=each))
    return ["", *lines] if lines else []


def _money(micros: int, currency: str) -> str:
    """An amount to the thousandth: subscribers may cost less than a cent."""
    return bold(f"{from_micros(round(micros, -3))} {currency}".strip())


def period_name(t: Translator, period: Period) -> str:
    """A period in words."""
    return t.plural("{n} day", "{n} days", period.value)


def choose(t: Translator, campaigns: Sequence[Campaign], number: int) -> Page:
    """Which campaign?"""
    begin = number * _CAMPAIGNS
    rows = [
        [Button(shorten(one.name, _LONGEST_NAME), action=f"stats:show:{one.id}:{Period.WEEK.value}")]
        for one in campaigns[begin : begin + _CAMPAIGNS]
    ]
    every = [Button(t("All campaigns"), action=f"stats:show:0:{Period.WEEK.value}")]
    more = len(campaigns) > begin + _CAMPAIGNS
    return page(t("Which campaign?"), every, *rows, pager("stats:choose", number, more))
