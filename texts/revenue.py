"""Wording of an owner's figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from domain.actor import Translator
from domain.orders import CREDIT, STARS, TELEGRAM
from domain.page import Button, Page, page
from domain.rates import REPORT_CURRENCIES, NoRate, rounded
from domain.reports import Figure, Unit
from domain.revenue import AGES, RevenueSettings
from texts import formats
from texts.errors import REASONS
from texts.joins import SQUARES
from texts.markup import bold, esc, plain, shorten

_LONGEST_NAME = 32  # characters, so that the caption stays below Telegram's 1024
_MOST_GATEWAYS = 6
_ROW = 4  # currencies


def _no_rate(t: Translator, error: object) -> str:
    """Which currency cannot be counted."""
    assert isinstance(error, NoRate)  # noqa: S101 - the only error with this reason
    if error.day is None:
        return t("I know no exchange rate of {currency}. Choose another currency.", currency=error.currency)
    return t(
        "My last exchange rate of {currency} is of {day}, and that is too old to count with. Choose another "
        "currency, or let older rates count in the settings.",
        currency=error.currency,
        day=formats.day(t, error.day),
    )


REASONS |= {
    "no_rate": _no_rate,
    "report_currency": lambda t, e: t(
        "I make reports in these currencies: {choices}. Please choose one of them.",
        choices=", ".join(REPORT_CURRENCIES),
    ),
    "star_price": lambda t, e: t(
        "Send what one Star brings you in US dollars: a number above 0 and at most 1, for example 0.013."
    ),
    "max_age": lambda t, e: t("Please choose one of the days below."),
    "before_from": lambda t, e: t("The end lies before the beginning. Please swap them."),
    "interval_unit": lambda t, e: t("The period is day, month or year. Please choose one of them."),
    "interval_count": lambda t, e: t("Ask for 1 to 1000 periods, please."),
    "unix_time": lambda t, e: t("A moment is a number of seconds since 1970. Please check it."),
}


class PartLike(Protocol):
    """What a plan or a way to pay earned; without a name it is the rest."""

    @property
    def name(self) -> str: ...

    @property
    def figure(self) -> Figure: ...


class PanelLike(Protocol):
    """Everything the owner sees at once."""

    @property
    def unit(self) -> Unit: ...

    @property
    def currency(self) -> str: ...

    @property
    def today(self) -> Figure: ...

    @property
    def this_month(self) -> Figure: ...

    @property
    def last_month(self) -> Figure: ...

    @property
    def ever(self) -> Figure: ...

    @property
    def plans(self) -> Sequence[PartLike]: ...

    @property
    def gateways(self) -> Sequence[PartLike]: ...


class MorningLike(Protocol):
    """What there is to say about the day before."""

    @property
    def day(self) -> date: ...

    @property
    def figure(self) -> Figure: ...

    @property
    def this_month(self) -> Figure: ...

    @property
    def plans(self) -> Sequence[PartLike]: ...

    @property
    def refunds(self) -> int: ...


def money(t: Translator, figure: Figure) -> str:
    """A revenue in the reader's language."""
    return formats.amount(t, rounded(figure.revenue, figure.currency))


def _with_sales(t: Translator, figure: Figure) -> str:
    sales = t.plural("{n} sale", "{n} sales", figure.sales)
    return f"{bold(money(t, figure))} · {sales}"


def _part(t: Translator, name: str, figure: Figure) -> str:
    sales = t.plural("{n} sale", "{n} sales", figure.sales)
    return f"{esc(shorten(plain(name), _LONGEST_NAME))}: {money(t, figure)} · {sales}"


def _plan(t: Translator, part: PartLike) -> str:
    return _part(t, part.name or t("all other plans"), part.figure)


def _gateway(t: Translator, part: PartLike) -> str:
    own = {STARS: t("Telegram Stars"), TELEGRAM: t("card in Telegram"), CREDIT: t("credit")}
    return _part(t, own.get(part.name, part.name), part.figure)


def panel(t: Translator, found: PanelLike) -> Page:
    """The caption below the chart, with buttons for other periods and currencies."""
    lines = [bold(t("Revenue, counted in {currency}", currency=found.currency)), ""]
    figures = (
        (t("Today"), found.today),
        (t("This month"), found.this_month),
        (t("Last month"), found.last_month),
        (t("All time"), found.ever),
    )
    lines += [f"{words}: {_with_sales(t, figure)}" for words, figure in figures]
    lines += ["", _span(t, found.unit)]
    if found.plans:
        lines += [f"{square} {_plan(t, part)}" for square, part in zip(SQUARES, found.plans, strict=False)]
        lines += ["", t("By way to pay:")]
        lines += [f"• {_gateway(t, part)}" for part in found.gateways[:_MOST_GATEWAYS]]
    else:
        lines.append(t("No sales yet. They appear here as soon as somebody pays."))
    lines += ["", t("Days begin at 00:00 UTC.")]
    periods = [
        Button(_marked(_unit(t, unit), unit is found.unit), action=f"revenue:show:{unit}:{found.currency}")
        for unit in Unit
    ]
    tools = [
        Button(f"💱 {found.currency}", action=f"revenue:currencies:{found.unit}"),
        Button(t("⚙️ Settings"), action="revenue:settings"),
    ]
    return page("\n".join(lines), periods, tools)


def _marked(words: str, on: bool) -> str:
    return f"• {words}" if on else words


def _unit(t: Translator, unit: Unit) -> str:
    match unit:
        case Unit.DAY:
            return t("Days")
        case Unit.MONTH:
            return t("Months")
        case Unit.YEAR:
            return t("Years")


def _span(t: Translator, unit: Unit) -> str:
    match unit:
        case Unit.DAY:
            return t("The last 30 days, by plan:")
        case Unit.MONTH:
            return t("The last 12 months, by plan:")
        case Unit.YEAR:
            return t("The last 5 years, by plan:")


def no_rate(t: Translator, error: NoRate, unit: Unit) -> Page:
    """A currency cannot be counted: what can be done about it."""
    return page(_no_rate(t, error), *_currencies(f"revenue:show:{unit}"), _settings_row(t))


def choose_currency(t: Translator, unit: Unit) -> Page:
    """In which currency to look at the figures this time."""
    return page(t("In which currency do you want to see them?"), *_currencies(f"revenue:show:{unit}"))


def choose_default(t: Translator, about: RevenueSettings) -> Page:
    """In which currency figures are shown unless another is asked for."""
    text = t("In which currency do you want your figures?")
    rows = _currencies("revenue:currency", about.currency)
    return page(text, *rows, [Button(t("‹ Back"), action="revenue:settings")])


def _currencies(action: str, chosen: str = "") -> list[list[Button]]:
    buttons = [Button(_marked(code, code == chosen), action=f"{action}:{code}") for code in REPORT_CURRENCIES]
    return [buttons[at : at + _ROW] for at in range(0, len(buttons), _ROW)]


def _settings_row(t: Translator) -> list[Button]:
    return [Button(t("⚙️ Settings"), action="revenue:settings")]


def settings(t: Translator, about: RevenueSettings) -> Page:
    """What can be set about the figures."""
    lines = [
        bold(t("Revenue")),
        t("Figures are counted in {currency}, each sale at the exchange rate of its day.",
          currency=bold(about.currency)),
        t("One Star counts as {price} USD; Telegram pays out 0.013 for it.",
          price=bold(f"{about.star_usd:f}")),
        t("Tap below for how many days an exchange rate may be old."),
    ]  # fmt: skip
    if about.daily:
        lines.append(t("Each morning at 09:00 UTC I tell you how the day before went, if there was a sale."))
    ages = [
        Button(
            _marked(t.plural("{n} day", "{n} days", days), days == about.max_age),
            action=f"revenue:age:{days}",
        )
        for days in AGES
    ]
    daily = t("🔔 Tell me each morning") if not about.daily else t("🔕 No word in the morning")
    return page(
        "\n".join(lines),
        [Button(t("💱 Currency: {currency}", currency=about.currency), action="revenue:default")],
        [Button(t("⭐ Price of a Star"), action="revenue:ask_star")],
        ages,
        [Button(daily, action=f"revenue:daily:{int(not about.daily)}")],
        [Button(t("📊 Figures"), action=f"revenue:show:{Unit.DAY}:{about.currency}")],
    )


def ask_star(t: Translator, about: RevenueSettings) -> Page:
    """Ask what a Star is worth."""
    text = t(
        "What does one Star bring you, in US dollars? It is {price} now. Send a number, for example 0.013.",
        price=f"{about.star_usd:f}",
    )
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def morning(t: Translator, bot_name: str, news: MorningLike) -> Page:
    """How the day before went."""
    lines = [
        t("{bot}, {day}:", bot=bold(shorten(bot_name, 64)), day=formats.day(t, news.day)),
        _with_sales(t, news.figure),
        *(f"• {_plan(t, part)}" for part in news.plans[:_MOST_GATEWAYS]),
    ]
    if news.refunds:
        lines.append(t.plural("{n} payment was given back.", "{n} payments were given back.", news.refunds))
    lines += ["", t("The month so far: {figure}", figure=_with_sales(t, news.this_month))]
    action = f"revenue:show:{Unit.DAY}:{news.figure.currency}"
    return page("\n".join(lines), [Button(t("📊 Figures"), action=action)])
