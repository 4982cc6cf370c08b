"""Wording of the welcome and goodbye panels, and of what can be wrong with a greeting."""

from collections.abc import Sequence
from hashlib import sha256

from domain import formatting, link_rows
from domain.actor import Translator
from domain.errors import GatehouseError
from domain.link_rows import Rows
from domain.page import Button, Page, page
from domain.templates import PLACEHOLDERS
from domain.welcome import RULES_PLACEHOLDERS, Part, Side, WelcomeSettings
from texts.errors import REASONS
from texts.markup import bold, code, esc, shorten

DELAYS = (0, 30, 60, 300, 900, 3600, 86_400)  # seconds, offered for deleting


def _place(t: Translator, e: GatehouseError) -> str:
    return t("Line {line}, place {column}: ", line=e.details["line"], column=e.details["column"])


REASONS |= {
    "html_tag": lambda t, e: (
        _place(t, e)
        + t(
            "Telegram does not know the tag <{tag}>. It knows {tags}.",
            tag=e.details["tag"],
            tags=", ".join(formatting.TAGS),
        )
    ),
    "html_attribute": lambda t, e: (
        _place(t, e) + t("the tag <{tag}> is not written as Telegram wants it.", tag=e.details["tag"])
    ),
    "html_link": lambda t, e: (
        _place(t, e) + t('a link needs an address people can open: <a href="https://…">words</a>.')
    ),
    "html_unclosed": lambda t, e: (
        _place(t, e)
        + t("the tag <{tag}> is never closed. Put </{tag}> where it shall end.", tag=e.details["tag"])
    ),
    "html_unopened": lambda t, e: (
        _place(t, e) + t("<{tag}> closes a tag that was never opened.", tag=e.details["tag"])
    ),
    "html_crossed": lambda t, e: (
        _place(t, e)
        + t(
            "I expected <{expected}> before <{tag}>: close the inner tag first.",
            expected=e.details["expected"],
            tag=e.details["tag"],
        )
    ),
    "html_stray": lambda t, e: _place(t, e) + t("a lone “<” is no tag. Write &lt; for the sign itself."),
    "placeholder": lambda t, e: t(
        "I do not know {unknown}. You can use {allowed}.",
        unknown=e.details["unknown"],
        allowed=e.details["allowed"],
    ),
    "placeholder_in_tag": lambda t, e: t(
        "{placeholder} cannot stand inside a tag. Only {id} can.",
        placeholder=e.details["placeholder"],
        id="{{id}}",
    ),
    "empty_text": lambda t, e: t("There is nothing to read in it. Please send me some words."),
    "too_long": lambda t, e: t(
        "That is too long: {length} characters with the longest names, Telegram takes {limit}. "
        "Please shorten it.",
        length=e.details["length"],
        limit=e.details["limit"],
    ),
    "caption_too_long": lambda t, e: t(
        "Below a picture Telegram takes {limit} characters, this text has up to {length}. "
        "Shorten it, or remove the picture first.",
        length=e.details.get("length", "?"),
        limit=e.details.get("limit", 1024),
    ),
    "variants": lambda t, e: t("There can be at most {most} variants. Remove one first.", **e.details),
    "button_line": lambda t, e: t(
        "I cannot read this button: {line}. Write it like this: Our site - https://example.com",
        line=e.details["line"],
    ),
    "button_url": lambda t, e: t(
        "A button cannot open {url}. It takes a full address that begins with https://", url=e.details["url"]
    ),
    "button_label": lambda t, e: t("The words on a button must have 1 to {limit} characters.", **e.details),
    "button_count": lambda t, e: t(
        "There can be at most {rows} rows with {columns} buttons each.",
        rows=e.details["rows"],
        columns=e.details["columns"],
    ),
    "no_variant": lambda t, e: t("This variant is gone already. Open the list again."),
    "no_rules": lambda t, e: t("This chat has no rules written down yet."),
    "not_a_text": lambda t, e: t("Please send me a text, or a photo or video with a caption."),
}


def mark(text: str) -> str:
    """A short name for a variant, which stays right when somebody else changes the list meanwhile."""
    return sha256(text.encode()).hexdigest()[:8]


def any_chat(t: Translator) -> str:
    """What stands for a chat's title where all chats are meant."""
    return t("your chat")


def delay(t: Translator, seconds: int) -> str:
    """A delay in words."""
    if not seconds:
        return t("never")
    if seconds % 86_400 == 0:
        return t.plural("{n} day", "{n} days", seconds // 86_400)
    if seconds % 3600 == 0:
        return t.plural("{n} hour", "{n} hours", seconds // 3600)
    if seconds % 60 == 0:
        return t.plural("{n} minute", "{n} minutes", seconds // 60)
    return t.plural("{n} second", "{n} seconds", seconds)


def panel(
    t: Translator,
    chat_id: int,
    title: str | None,
    side: Side,
    settings: WelcomeSettings,
    *,
    inherits: bool,
    may_whisper: bool,
    saved: bool = False,
) -> Page:
    """All about one side, in one chat or (without a title) in all chats."""
    greeting = settings.of(side)
    heading = t("👋 Welcome") if side is Side.WELCOME else t("🚪 Goodbye")
    where = title if title is not None else t("All chats")
    lines = [f"{heading} · {bold(where)}", ""]
    if saved:
        lines.insert(0, t("✅ Saved."))
    lines.append(t("It is on.") if greeting.enabled else t("It is off."))
    lines.append(_texts_line(t, greeting.texts))
    if greeting.media is not None:
        lines.append(t("It comes with a picture or video."))
    if greeting.thread_id:
        lines.append(t("It goes to topic {n}.", n=greeting.thread_id))
    if side is Side.WELCOME and settings.only_newcomer and not may_whisper:
        lines.append(
            t(
                "⚠️ For a greeting only the newcomer sees, the bot needs the administrator right to send "
                "welcome messages. Until it has it, everybody sees the greeting."
            )
        )
    if inherits and chat_id:
        lines += ["", t("Nothing is set for this chat: it follows “All chats”.")]
    rows = _rows(t, chat_id, side, settings)
    return page("\n".join(lines), *rows)


def _texts_line(t: Translator, texts: Sequence[str]) -> str:
    if not texts:
        return t("It uses my own words: nobody has written a text yet.")
    if len(texts) == 1:
        return t("Text: {text}", text=esc(shorten(formatting.plain(texts[0]), 200)))
    return t.plural("{n} text", "{n} texts, one is picked each time", len(texts))


def _rows(t: Translator, chat_id: int, side: Side, settings: WelcomeSettings) -> list[list[Button]]:
    greeting, here = settings.of(side), f"{side}:{chat_id}"

    def switch(words: str, field: str, on: bool) -> Button:
        return Button(("✅ " if on else "▫️ ") + words, action=f"welcome:set:{here}:{field}:{0 if on else 1}")

    def write(words: str, part: Part) -> Button:
        return Button(words, action=f"welcome:write:{here}:{part}")

    first = switch(t("On"), "enabled", greeting.enabled)
    rows = [
        [first, Button(t("👁 Preview"), action=f"welcome:preview:{here}")],
        [write(t("✏️ Text"), Part.TEXT), Button(t("🎲 Variants"), action=f"welcome:variants:{here}")],
        [
            write(t("🔗 Buttons"), Part.BUTTONS),
            Button(
                t("⏱ Delete: {delay}", delay=delay(t, greeting.delete_after)), action=f"welcome:timer:{here}"
            ),
        ],
        [
            switch(t("Delete the previous one"), "delete_previous", greeting.delete_previous),
            switch(t("Without a sound"), "silent", greeting.silent),
        ],
    ]
    if greeting.media is not None:
        rows.append([Button(t("🖼 Remove the picture"), action=f"welcome:clear:{here}:{Part.MEDIA}")])
    if side is Side.WELCOME:
        rows += [
            [switch(t("Only the newcomer sees it"), "only_newcomer", settings.only_newcomer)],
            [write(t("🔁 For returners"), Part.BACK), write(t("📜 Rules"), Part.RULES)],
            [
                switch(t("Rules button"), "rules_button", settings.rules_button),
                switch(t("Hide “… joined”"), "clean_service", settings.clean_service),
            ],
        ]
    if chat_id:
        rows.append([Button(t("↩️ Like all chats"), action=f"welcome:ask_reset:{here}")])
    rows.append([Button(t("‹ Back"), action=f"settings:open:{chat_id}")])
    return rows


def variants(t: Translator, chat_id: int, side: Side, texts: Sequence[str]) -> Page:
    """All variants, each with a button that removes it."""
    here = f"{side}:{chat_id}"
    lines = [t("One of these is picked for each greeting:") if texts else t("There is no text yet."), ""]
    lines += [f"{n}. {esc(shorten(formatting.plain(text), 250))}" for n, text in enumerate(texts, 1)]
    drops = [Button(f"🗑 {n}", action=f"welcome:drop:{here}:{mark(text)}") for n, text in enumerate(texts, 1)]
    rows = [drops[i : i + 5] for i in range(0, len(drops), 5)]
    return page(
        "\n".join(lines),
        *rows,
        [Button(t("➕ Add a variant"), action=f"welcome:write:{here}:{Part.VARIANT}")],
        [Button(t("‹ Back"), action=f"welcome:panel:{here}")],
    )


def timer(t: Translator, chat_id: int, side: Side, now: int) -> Page:
    """When greetings are deleted."""
    here = f"{side}:{chat_id}"
    choices = [
        Button(
            ("• " if seconds == now else "") + delay(t, seconds),
            action=f"welcome:set:{here}:delete_after:{seconds}",
        )
        for seconds in DELAYS
    ]
    rows = [choices[i : i + 3] for i in range(0, len(choices), 3)]
    back = [Button(t("‹ Back"), action=f"welcome:panel:{here}")]
    return page(t("How long shall a greeting stay in the chat?"), *rows, back)


def ask_reset(t: Translator, chat_id: int, side: Side) -> Page:
    """Ask before forgetting what was set."""
    here = f"{side}:{chat_id}"
    return page(
        t("Forget what is set here, and follow “All chats”?"),
        [
            Button(t("Yes, forget it"), action=f"welcome:reset:{here}"),
            Button(t("No"), action=f"welcome:panel:{here}"),
        ],
    )


def ask(t: Translator, chat_id: int, side: Side, part: Part, settings: WelcomeSettings) -> Page:
    """Ask for a part to be written."""
    greeting = settings.of(side)
    placeholders = code(" ".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS))
    present: object = {
        Part.BUTTONS: greeting.buttons,
        Part.BACK: settings.back_text,
        Part.RULES: settings.rules_text,
        Part.TEXT: greeting.texts,
    }.get(part)
    match part:
        case Part.BUTTONS:
            text = _ask_buttons(t, greeting.buttons)
        case Part.RULES:
            text = t("Send me the rules of the chat.") + "\n\n"
            text += t(
                "You can use {placeholders}.",
                placeholders=code(" ".join(f"{{{{{name}}}}}" for name in RULES_PLACEHOLDERS)),
            )
        case Part.BACK:
            text = t("Send me the text for people who have been here before.") + "\n\n"
            text += t("You can use {placeholders}.", placeholders=placeholders)
        case _:
            text = t(
                "Send me the text, formatted as you like it. A photo or video with a caption works, too."
            )
            text += "\n\n" + t("You can use {placeholders}.", placeholders=placeholders)
    clear = [Button(t("🗑 Remove"), action=f"welcome:clear:{side}:{chat_id}:{part}")] if present else []
    return page(text, clear, [Button(t("Cancel"), action="start:cancel")])


def _ask_buttons(t: Translator, rows: Rows) -> str:
    example = code(t("Our site - https://example.com | Chat - https://t.me/example"))
    text = t(
        "Send me the buttons, one row per line:\n{example}\nThe | puts two buttons next to each other.",
        example=example,
    )
    if rows:
        text += "\n\n" + t("The buttons now:") + "\n" + code(shorten(link_rows.written(rows), 2000))
    return text


def moved_here(t: Translator, side: Side) -> Page:
    """Greetings go to this topic."""
    if side is Side.WELCOME:
        return page(t("✅ I welcome people here from now on."))
    return page(t("✅ I say goodbye here from now on."))


def rules(t: Translator, title: str, html: str) -> Page:
    """The rules of a chat. `html` has been checked when it was saved."""
    return page(t("📜 Rules of {chat}", chat=bold(shorten(title, 100))) + "\n\n" + html)
