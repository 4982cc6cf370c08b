"""Wording about taking in members from before the bot came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.actor import Translator
from domain.bots import Bot
from domain.imports import MOST_ROWS, Stage, State
from domain.memberships import Membership
from domain.page import Button, Page, page
from domain.plans import Project
from texts.errors import REASONS
from texts.markup import bold, code, esc, plain, shorten
from texts.memberships import until

Counts = Mapping[tuple[State, str | None], int]

REASONS |= {
    "import_big": lambda t, e: t("This file is larger than 5 MB. Please send it in parts."),
    "import_rows": lambda t, e: t(
        "This file has more than {most} rows. Please send it in parts.", most=MOST_ROWS
    ),
    "import_text": lambda t, e: t("This is no table I can read. Save it as CSV and send it again."),
    "import_empty": lambda t, e: t("There are no rows in this file. Please check it and send it again."),
    "import_gone": lambda t, e: t("Telegram does not give me this file. Please send it again."),
    "import_file": lambda t, e: t("Please send the table as a file, saved as CSV."),
    "import_over": lambda t, e: t("This was done, or let go of, already. Send /import to see what runs."),
    "import_runs": lambda t, e: t("The members of this chat are being taken in already."),
    "no_import": lambda t, e: t("There is no such import any more. Send /import to see what runs."),
}


class JobLike(Protocol):
    """An import."""

    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def state(self) -> Stage: ...

    @property
    def days(self) -> int | None: ...

    @property
    def chat_id(self) -> int | None: ...


class ProgressLike(Protocol):
    """An import with what became of its rows."""

    @property
    def job(self) -> JobLike: ...

    @property
    def counts(self) -> Counts: ...


class LineLike(Protocol):
    """A row."""

    @property
    def number(self) -> int: ...

    @property
    def who(self) -> str: ...

    @property
    def reason(self) -> str | None: ...


def reason(t: Translator, word: str | None) -> str:
    """Why a row is not taken. Plain text."""
    words = {
        "import_who": t("no Telegram id and no username"),
        "import_unknown": t("the bot does not know this username: use the id, or ask them to start the bot"),
        "import_end": t("no date and no duration"),
        "import_past": t("the end is over"),
        "import_plan": t("there is no such plan, or more than one"),
        "import_project": t("there is no such project, or more than one"),
        "import_what": t("say which plan or project"),
        "import_has": t("has it already"),
        "import_absent": t("is not in the chat"),
        "import_later": t("came later"),
        "import_admin": t("runs the chat"),
        "import_bot": t("is a bot"),
    }
    return words.get(word or "", t("did not work"))


def report_header(t: Translator) -> tuple[str, str, str]:
    """The header of the file of rows that were not taken."""
    return (t("line"), t("who"), t("why not"))


def _taken(counts: Counts) -> int:
    return sum(n for (state, _), n in counts.items() if state is State.TAKEN)


def _waiting(counts: Counts) -> int:
    return sum(n for (state, _), n in counts.items() if state is State.WAITING)


def _left(t: Translator, counts: Counts) -> list[str]:
    """Why some are not taken, the commonest first."""
    found = [(n, why) for (state, why), n in counts.items() if state is State.LEFT]
    return [f"• {n} · {esc(reason(t, why))}" for n, why in sorted(found, key=lambda one: -one[0])]


def overview(t: Translator, running: Sequence[ProgressLike]) -> Page:
    """What can be imported, and what runs."""
    lines = [
        bold(t("Members from before")),
        t("People who paid you before this bot came can keep what they have. Take them in"),
        t("• from a file: who, until when, for which plan;"),
        t("• or everybody who is in a paid chat now: for some days, in which they can buy a plan."),
    ]
    rows = [
        [Button(t("📄 From a file"), action="imports:ask")],
        [Button(t("👥 Everybody in a chat"), action="imports:chats")],
    ]
    for one in running:
        name = shorten(plain(one.job.name), 40)
        taken, waiting = _taken(one.counts), _waiting(one.counts)
        if one.job.state is Stage.OPEN:
            what = t("{name}: {n} taken in; who is seen later gets the same.", name=esc(name), n=taken)
        elif one.job.chat_id is not None:
            what = t("{name}: {n} taken in, and I go on looking.", name=esc(name), n=taken)
        else:
            what = t("{name}: {n} taken in, {more} to go.", name=esc(name), n=taken, more=waiting)
        lines += ["", what]
        rows.append([Button(t("⏹ Stop {name}", name=name), action=f"imports:stop:{one.job.id}")])
    return page("\n".join(lines), *rows)


def ask_file(t: Translator) -> Page:
    """Ask for the file."""
    example = t("member_id,end_at,plan\n123456789,31.12.2030,Gold\n@ann,30 days,Gold")
    lines = [
        t("Send me the table as a CSV file, with one person in a row:"),
        code(example),
        t("Who: a Telegram id, or the @username of somebody who has started the bot."),
        t("Until when: a date, a moment, a duration from now on, or “lifetime”."),
        t("What: a plan or a project; with one project only, neither is needed."),
        t("The file that /members writes can be read back as it is."),
    ]
    return page("\n".join(lines), [Button(t("Cancel"), action="start:cancel")])


def preview(t: Translator, job_id: int, name: str, counts: Counts, troubles: Sequence[LineLike]) -> Page:
    """What would come of a file."""
    take = _waiting(counts)
    lines = [
        t("📄 {name}: {n} rows", name=bold(shorten(plain(name), 60)), n=sum(counts.values())),
        "",
        t.plural("✅ {n} membership is given.", "✅ {n} memberships are given.", take),
    ]
    if more := _left(t, counts):
        lines += ["", t("Not taken:"), *more]
    for one in troubles:
        why = esc(reason(t, one.reason))
        lines.append(t("Line {n}: {who}: {why}", n=one.number, who=code(shorten(one.who, 32)), why=why))
    rows = []
    if take:
        words = t.plural("✅ Give {n} membership", "✅ Give {n} memberships", take)
        rows.append([Button(words, action=f"imports:go:{job_id}")])
    if more:
        rows.append([Button(t("📄 What is not taken"), action=f"imports:left:{job_id}")])
    return page("\n".join(lines), *rows, [Button(t("Cancel"), action=f"imports:drop:{job_id}")])


def begun(t: Translator) -> Page:
    """It is being done."""
    text = t("⏳ I am at it, and tell you when it is done. You can go on meanwhile.")
    return page(text, [Button(t("How far is it?"), action="imports:list")])


def dropped(t: Translator) -> Page:
    """It was let go."""
    return page(t("Cancelled. Nothing was changed."))


def stopped(t: Translator, counts: Counts) -> Page:
    """It is over."""
    taken = _taken(counts)
    text = t.plural(
        "⏹ Stopped. {n} person was taken in, and keeps what was given.",
        "⏹ Stopped. {n} people were taken in, and keep what was given.",
        taken,
    )
    return page(text, [Button(t("‹ Back"), action="imports:list")])


def finished(t: Translator, bot: Bot, job: JobLike, counts: Counts, job_id: int | None) -> Page:
    """All is done that could be. `job_id` where this bot's own buttons can speak of it."""
    lines = [t("✅ {name} is done.", name=bold(shorten(plain(job.name), 60)))]
    lines.append(t.plural("{n} membership was given.", "{n} memberships were given.", _taken(counts)))
    if more := _left(t, counts):
        lines += ["", t("Not taken:"), *more]
    if job.chat_id is not None:
        link = f"https://t.me/{bot.username}?start"
        lines += [
            "",
            t(
                "I can remind only those who have started the bot. Pin this link in the chat, so that they "
                "do, and so that I meet those I do not know yet: {link}",
                link=esc(link),
            ),
        ]
    rows = [] if job_id is None else [[Button(t("What runs"), action="imports:list")]]
    return page("\n".join(lines), *rows)


def report_file(t: Translator) -> Page:
    """The caption of the file of rows that are not taken."""
    return page(t("The rows that are not taken, and why."))


def given(t: Translator, bot: Bot, project: Project | None, membership: Membership) -> Page:
    """Somebody has a membership from before."""
    text = t(
        "You were a member before I came, so you have a membership of {what}, {end}.",
        what=bold(project.name if project else bot.name),
        end=until(t, membership.end_at),
    )
    enter = Button(t("🚪 Enter"), action=f"memberships:enter:{membership.project_id}")
    return page(text, [enter], [Button(t("Plans"), action="plans:list")])
