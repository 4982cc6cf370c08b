"""Wording about where an automatic reply of all groups answers."""

from collections.abc import Sequence

from domain.actor import Translator
from domain.autoreplies import Rule
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.markup import code, shorten

PER_PAGE = 8  # groups

REASONS |= {
    "reply_places": lambda t, e: t(
        "Only a reply for all groups can be kept to some of them. Make it for all groups."
    ),
}


def where(t: Translator, rule: Rule) -> str:
    """In which groups it answers."""
    if not rule.chats:
        return t("Where: in all groups")
    return t.plural("Where: in {n} group", "Where: in {n} groups", len(rule.chats))


def places(t: Translator, rule: Rule, groups: Sequence[tuple[int, str]], first: int) -> Page:
    """The groups to choose among: (chat id, title); `first` is where this page of the list begins."""

    def turn(chat_id: int, label: str, on: bool) -> list[Button]:
        return [
            Button(
                f"{'✅' if on else '⬜'} {shorten(label, 55)}",
                action=f"autoreplies:place:{rule.id}:{chat_id}:{first}",
            )
        ]

    def leaf(label: str, to: int) -> Button:
        return Button(label, action=f"autoreplies:places:{rule.id}:{to}")

    shown = groups[first : first + PER_PAGE]
    leaves = [leaf("‹", max(0, first - PER_PAGE))] if first else []
    if first + PER_PAGE < len(groups):
        leaves.append(leaf("›", first + PER_PAGE))
    lines = [
        t("Where shall I answer to {keyword}?", keyword=code(shorten(" · ".join(rule.keywords), 100))),
        "",
        t("Choose groups. While none is chosen, I answer in all of them."),
    ]
    return page(
        "\n".join(lines),
        turn(0, t("In all groups"), not rule.chats),
        *(turn(chat_id, title, chat_id in rule.chats) for chat_id, title in shown),
        leaves,
        [Button(t("‹ Back"), action=f"autoreplies:open:0:{rule.id}")],
    )
