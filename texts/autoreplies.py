"""Wording about automatic replies: the list, a rule, the way to a new one."""

from collections.abc import Callable, Sequence

from domain.actor import Translator
from domain.autoreplies import Rule, Verdict
from domain.link_rows import Rows
from domain.matching import MatchMode
from domain.page import Button, Page, page
from domain.templates import PLACEHOLDERS
from texts import autoreply_places
from texts.antispam import span
from texts.errors import REASONS
from texts.markup import bold, code, esc, shorten

PER_PAGE = 20  # rules

REASONS |= {
    "no_auto_reply": lambda t, e: t("This automatic reply is gone. Open the list again."),
    "auto_replies_full": lambda t, e: t(
        "A bot has {most} automatic replies at most. Delete one first.", most=e.details["most"]
    ),
    "reply_number": lambda t, e: t(
        "Send a whole number of seconds from 0 to {most}, or a time like 30s, 10m, 2h.",
        most=e.details["most"],
    ),
    "reply_count": lambda t, e: t(
        "Something is missing, or there is too much of it: {most} at most.", most=e.details["most"]
    ),
    "match_mode": lambda t, e: t("There are these ways to search: {modes}.", modes=e.details["modes"]),
    "keyword_long": lambda t, e: t(
        "A keyword has {limit} characters at most. Send a shorter one.", limit=e.details["limit"]
    ),
    "keyword_empty": lambda t, e: t("There is nothing to search for in this keyword. Send another one."),
    "regex": lambda t, e: t(
        "I cannot use this regular expression: {words}. It must be in RE2's syntax, which knows no "
        "look-around and no back-references.",
        words=e.details["words"],
    ),
    "regex_empty": lambda t, e: t("This regular expression fits every message. Make it narrower."),
    "hours": lambda t, e: t("Send the hours like 09:00-18:30, with a time zone if you like: Europe/Berlin."),
    "time_zone": lambda t, e: t(
        "I do not know the time zone {zone}. Names look like Europe/Berlin or America/New_York.",
        zone=e.details["zone"],
    ),
}

_MODES: dict[MatchMode, Callable[[Translator], str]] = {
    MatchMode.CONTAINS: lambda t: t("anywhere in the message"),
    MatchMode.WORD: lambda t: t("as a whole word"),
    MatchMode.EXACT: lambda t: t("is the whole message"),
    MatchMode.STARTS_WITH: lambda t: t("at the beginning"),
    MatchMode.ENDS_WITH: lambda t: t("at the end"),
    MatchMode.REGEX: lambda t: t("regular expression"),
}

_WHY_NOT: dict[str, Callable[[Translator], str]] = {
    "no_match": lambda t: t("no keyword fits"),
    "elsewhere": lambda t: t("it answers in other groups only"),
    "disabled": lambda t: t("switched off"),
    "hours": lambda t: t("not at this hour"),
    "earlier": lambda t: t("another one comes first"),
}


def scope_arg(chat_id: int, private: bool) -> str:
    """A scope in callback data."""
    return "p" if private else str(chat_id)


def _scope(rule: Rule) -> str:
    return scope_arg(rule.chat_id, rule.private)


def _label(rule: Rule) -> str:
    mark = "" if rule.enabled else "⏸ "
    return mark + shorten(" · ".join(rule.keywords), 50)


def panel(t: Translator, chat_id: int, private: bool, title: str | None, rules: Sequence[Rule]) -> Page:
    """The rules of a scope; without a title: all groups, or the private chat."""
    if private:
        head = t("💬 Automatic replies in the private chat with the bot")
    elif title is None:
        head = t("💬 Automatic replies in all groups")
    else:
        head = t("💬 Automatic replies in {chat}", chat=bold(title))
    scope = scope_arg(chat_id, private)
    lines = [head, ""]
    if rules:
        lines.append(
            t.plural("{n} reply, asked in this order:", "{n} replies, asked in this order:", len(rules))
        )
    else:
        lines.append(t("There are none yet. The first one is made in a minute:"))
    if len(rules) > PER_PAGE:
        lines.append(t("The first {shown} are shown.", shown=PER_PAGE))
    other = (
        [Button(t("In private chat"), action="autoreplies:panel:p")] if not chat_id and not private else []
    )
    return page(
        "\n".join(lines),
        *([Button(_label(rule), action=f"autoreplies:open:{scope}:{rule.id}")] for rule in rules[:PER_PAGE]),
        [
            Button(t("➕ Add"), action=f"autoreplies:add:{scope}"),
            Button(t("🧪 Try a text"), action=f"autoreplies:test:{scope}"),
        ],
        other,
        [Button(t("‹ Back"), action="autoreplies:panel:0" if private else f"settings:open:{chat_id}")],
    )


def rule(t: Translator, one: Rule) -> Page:
    """One rule with everything that can be changed."""
    everywhere = not one.chat_id and not one.private
    lines = [
        t("Keywords: {keywords}", keywords=code(shorten("\n".join(one.keywords), 1000))),
        t("Search: {mode}", mode=_MODES[one.match_mode](t)),
        *([autoreply_places.where(t, one)] if everywhere else []),
        t("Cooldown for each person: {span}", span=_span(t, one.cooldown_seconds)),
        t("Answer deleted: {span}", span=_after(t, one.delete_after)),
        t("Hours: {hours}", hours=code(one.hours) if one.hours else t("always")),
        "",
        *([t("It comes with a picture or video.")] if one.media else []),
        *(
            [t.plural("{n} answer:", "{n} answers, one is picked at random:", len(one.responses))]
            if one.responses
            else []
        ),
        *(f"• {esc(shorten(response, 300))}" for response in one.responses[:5]),
    ]
    at = f"{_scope(one)}:{one.id}"

    def flip(label: str, field: str, on: bool) -> Button:
        return Button(f"{'✅' if on else '⬜'} {label}", action=f"autoreplies:set:{at}:{field}:{int(not on)}")

    def ask(label: str, step: str) -> Button:
        return Button(label, action=f"autoreplies:ask:{at}:{step}")

    return page(
        "\n".join(lines),
        [flip(t("On"), "enabled", one.enabled), flip(t("As a reply"), "reply", one.reply)],
        [flip(t("Delete the question"), "delete_trigger", one.delete_trigger)],
        [ask(t("✏️ Keywords"), "keyword_new"), ask(t("✏️ Answer"), "response_new")],
        [ask(t("➕ Another answer"), "variant"), ask(t("🔘 Buttons"), "buttons")],
        [ask(t("⏳ Cooldown"), "cooldown_seconds"), ask(t("🧹 Delete after"), "delete_after")],
        [
            ask(t("🕐 Hours"), "hours"),
            *([Button(t("📍 Where"), action=f"autoreplies:places:{one.id}:0")] if everywhere else []),
        ],
        [Button(t("🖼 Remove the picture"), action=f"autoreplies:set:{at}:media:0")] if one.media else [],
        [Button(t("🗑 Delete"), action=f"autoreplies:ask_drop:{at}")],
        [Button(t("‹ Back"), action=f"autoreplies:panel:{_scope(one)}")],
    )


def _span(t: Translator, seconds: int) -> str:
    return span(t, seconds) if seconds else t("none")


def _after(t: Translator, seconds: int) -> str:
    return span(t, seconds) if seconds else t("never")


def ask_drop(t: Translator, one: Rule) -> Page:
    """Ask before deleting."""
    at = f"{_scope(one)}:{one.id}"
    return page(
        t("Delete the automatic reply to {keyword}?", keyword=code(shorten(one.keywords[0], 100))),
        [
            Button(t("Yes, delete"), action=f"autoreplies:drop:{at}"),
            Button(t("No"), action=f"autoreplies:open:{at}"),
        ],
    )


def saved(t: Translator, one: Rule) -> Page:
    """A new rule works."""
    return page(
        t("✅ Saved. I answer from now on."),
        [Button(t("⚙️ More about it"), action=f"autoreplies:open:{_scope(one)}:{one.id}")],
        [Button(t("‹ All replies"), action=f"autoreplies:panel:{_scope(one)}")],
    )


def reply(html: str, buttons: Rows) -> Page:
    """The answer people get. `html` is what the owner wrote, with its values."""
    return page(html, *([Button(one.text, url=one.url) for one in row] for row in buttons))


def _cancel(t: Translator) -> list[Button]:
    return [Button(t("Cancel"), action="start:cancel")]


def ask_keyword(t: Translator) -> Page:
    """First step."""
    text = t(
        "To which words shall I answer? Send one, or several, each on its own line. "
        "Capital letters do not matter."
    )
    return page(text, _cancel(t))


def ask_mode(t: Translator) -> Page:
    """Second step."""
    rows = [[Button(label(t), action=f"autoreplies:mode:{mode}")] for mode, label in _MODES.items()]
    return page(t("Where must the words stand?"), *rows, _cancel(t))


def ask_response(t: Translator) -> Page:
    """Third step."""
    names = " ".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS if name != "inviter")
    text = t(
        "Send me the answer, formatted as you like, with a photo or video if you want. These are filled in: "
        "{placeholders}",
        placeholders=code(names),
    )
    return page(text, _cancel(t))


def confirm(t: Translator, one: Rule) -> Page:
    """Last step, below the preview."""
    return page(
        t(
            "This is how I answer to {keyword}. Shall I?",
            keyword=code(shorten(" · ".join(one.keywords), 200)),
        ),
        [Button(t("✅ Save"), action="autoreplies:save"), Button(t("Cancel"), action="start:cancel")],
    )


def _ask(words: Callable[[Translator], str]) -> Callable[[Translator], Page]:
    return lambda t: page(words(t), _cancel(t))


QUESTIONS: dict[str, Callable[[Translator], Page]] = {
    "keyword": ask_keyword,
    "mode": ask_mode,
    "response": ask_response,
    "keyword_new": ask_keyword,
    "response_new": ask_response,
    "variant": ask_response,
    "buttons": _ask(
        lambda t: t(
            "Send the buttons, each as “Label - https://…” on its own line, or with | beside each other. "
            "Send - for none."
        )
    ),
    "cooldown_seconds": _ask(
        lambda t: t("How long shall I not answer the same person again? Send a time like 30s, 10m, 2h, or 0.")
    ),
    "delete_after": _ask(
        lambda t: t(
            "After what time shall my answer be deleted? Send a time like 30s, 10m, 2h, or 0 for never."
        )
    ),
    "hours": _ask(
        lambda t: t(
            "When shall I answer? Send the hours like 09:00-18:30 Europe/Berlin, or - for always. "
            "Without a time zone they are UTC."
        )
    ),
    "try": _ask(lambda t: t("Send me a text, and I tell which reply answers it.")),
}


def tried(t: Translator, scope: str, verdicts: Sequence[Verdict]) -> Page:
    """Which rule answers, and why the others do not."""
    lines = []
    answering = next((verdict.rule for verdict in verdicts if verdict.answers), None)
    if answering is not None:
        lines.append(t("✅ Answered by: {keywords}", keywords=code(shorten(_label(answering), 100))))
    else:
        lines.append(t("Nobody answers this."))
    others = [verdict for verdict in verdicts if not verdict.answers]
    lines += [
        f"• {esc(shorten(_label(verdict.rule), 60))} — {_WHY_NOT[verdict.reason](t)}"
        for verdict in sorted(others, key=lambda one: one.reason == "no_match")[:PER_PAGE]
    ]
    return page(
        "\n".join(lines),
        [Button(t("🧪 Another one"), action=f"autoreplies:test:{scope}")],
        [Button(t("‹ All replies"), action=f"autoreplies:panel:{scope}")],
    )
