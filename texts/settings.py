"""Wording of `/settings`, and the table of what can be set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.actor import Right, Translator
from domain.page import Button, Page, page
from texts.markup import bold, shorten

PER_PAGE = 8  # chats


@dataclass(frozen=True, slots=True)
class Entry:
    """A feature in the settings of a chat: its button, and the right one needs to change it.

    `action` is the button's action without the chat id that follows it.
    """

    action: str
    right: Right
    label: Callable[[Translator], str]


# A feature plugs in with a line here and a handler for its button.
ENTRIES = (
    Entry("welcome:panel:welcome", Right.CHANGE_INFO, lambda t: t("👋 Welcome")),
    Entry("welcome:panel:goodbye", Right.CHANGE_INFO, lambda t: t("🚪 Goodbye")),
    Entry("verification:panel", Right.RESTRICT_MEMBERS, lambda t: t("🧩 Newcomers")),
    Entry("autoreplies:panel", Right.CHANGE_INFO, lambda t: t("💬 Auto-replies")),
    Entry("antispam:panel", Right.RESTRICT_MEMBERS, lambda t: t("🛡 Anti-spam")),
)


def open_in_private(t: Translator, username: str, payload: str) -> Page:
    """In a group: the settings are opened elsewhere, so that the group stays clean."""
    return page(
        t("Let us talk about the settings in private, so that the chat stays clean."),
        [Button(t("⚙️ Open the settings"), url=f"https://t.me/{username}?start={payload}")],
    )


def not_yours(t: Translator) -> Page:
    """Somebody without rights asked for the settings in a group."""
    return page(t("Only administrators of this chat can change my settings. Ask one of them."))


def choose_chat(t: Translator, chats: Sequence[tuple[int, str]], *, owner: bool, first: int) -> Page:
    """Pick the chat to set up: (chat id, title); `first` is where this page of the list begins."""
    if not chats and not owner:
        return page(
            t(
                "I know of no group that you look after. Add me to your group as an administrator, "
                "then send /settings there."
            )
        )
    rows = [[Button(shorten(title, 60), action=f"settings:open:{chat_id}")] for chat_id, title in chats]
    shown = rows[first : first + PER_PAGE]
    if owner and first == 0:
        shown.insert(0, [Button(t("⭐ All chats"), action="settings:open:0")])
    turn = []
    if first > 0:
        turn.append(Button("‹", action=f"settings:list:{max(0, first - PER_PAGE)}"))
    if first + PER_PAGE < len(rows):
        turn.append(Button("›", action=f"settings:list:{first + PER_PAGE}"))
    return page(t("Which chat shall we set up?"), *shown, turn)


def panel(t: Translator, chat_id: int, title: str | None, entries: Sequence[Entry]) -> Page:
    """What can be set in a chat; without a title: in all chats."""
    heading = t("⚙️ Settings of {chat}", chat=bold(title)) if title is not None else t("⚙️ All chats")
    lines = [heading]
    if title is None:
        lines += ["", t("What is set here works in every chat that has nothing of its own.")]
    buttons = [Button(entry.label(t), action=f"{entry.action}:{chat_id}") for entry in entries]
    rows = [buttons[i : i + 2] for i in range(0, len(buttons), 2)]
    return page("\n".join(lines), *rows, [Button(t("‹ Chats"), action="settings:list:0")])
