"""Wording of the report about joins and leaves."""

from collections.abc import Sequence

from domain import joins
from domain.actor import Translator
from domain.bots import AdminChat
from domain.join_report import REST, JoinReport, Period
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.markup import bold, esc, shorten

REASONS |= {
    "no_chat": lambda t, e: t("I know nothing of this chat yet. Make me an administrator there first."),
}

# In the order of `domain.charts.SERIES`: they explain the colours of the bars.
SQUARES = "🟦🟩🟨🟧🟪⬛"
_LONGEST_NAME = 40  # characters, so that the caption stays below Telegram's 1024
_MOST_CHATS = 60


def choose_chat(t: Translator, chats: Sequence[AdminChat]) -> Page:
    """Which chat to report about."""
    if not chats:
        return page(
            t("I know of no chat you administer with me in it. Add me to one, then send /joins again.")
        )
    text = t("Which chat do you want to know about?")
    if len(chats) > _MOST_CHATS:
        text += "\n" + t("Here are the first {n}; in any other group, send /joins there.", n=_MOST_CHATS)
    rows = [
        [Button(shorten(chat.title, 60), action=f"joins:show:{chat.chat_id}:{Period.WEEK.value}")]
        for chat in chats[:_MOST_CHATS]
    ]
    return page(text, *rows)


def report(t: Translator, chat: AdminChat, found: JoinReport) -> Page:
    """The caption below the chart, with buttons for the other periods."""
    lines = [
        t(
            "{chat}: {period}",
            chat=bold(shorten(chat.title, _LONGEST_NAME)),
            period=period_name(t, found.period),
        ),
        t(
            "{joined} joined · {left} left · {net} net",
            joined=bold(f"+{found.joined}"),
            left=bold(f"−{found.left}"),
            net=bold(f"{found.net:+d}".replace("-", "−")),
        ),
    ]
    if chat.members is not None:
        lines.append(t.plural("{n} member now", "{n} members now", chat.members))
    if found.joined or found.left:
        lines.append("")
        lines += [
            f"{square} {esc(shorten(source_name(t, source), _LONGEST_NAME))}: {people}"
            for square, (source, people) in zip(SQUARES, found.sources, strict=False)
        ]
        if found.left:
            lines.append("🟥 " + t("left or removed: {n}", n=found.left))
    lines += ["", t("Days begin at 00:00 UTC.")]
    switches = [
        Button(
            ("• " if period is found.period else "") + period_name(t, period),
            action=f"joins:show:{chat.chat_id}:{period.value}",
        )
        for period in Period
    ]
    return page("\n".join(lines), switches)


def period_name(t: Translator, period: Period) -> str:
    """A period in words."""
    match period:
        case Period.TODAY:
            return t("today")
        case Period.WEEK:
            return t("7 days")
        case Period.MONTH:
            return t("30 days")


def source_name(t: Translator, source: str) -> str:
    """Where joins came from, in words; names of links and of public chats speak for themselves."""
    match source:
        case joins.ADDED:
            return t("added by somebody")
        case joins.REQUEST:
            return t("asked to join")
        case joins.FOLDER:
            return t("chat folder")
        case joins.UNKNOWN:
            return t("way not known")
        case _ if source == REST:
            return t("everything else")
        case _:
            return source
