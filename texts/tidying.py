"""Wording of /purge."""

from domain.actor import Translator
from domain.page import Page, page
from domain.tidying import Purge


def purged(t: Translator, done: Purge) -> Page:
    """How a purge went, and what is left."""
    lines = [] if done.deleted == 0 else [t("🧹 Deleted, from there to here.")]
    if done.kept:
        lines.append(
            t.plural(
                "{n} message could not be deleted: Telegram keeps it.",
                "{n} messages could not be deleted: Telegram keeps them.",
                done.kept,
            )
        )
    if done.rest:
        lines.append(
            t.plural(
                "{n} more is left: I delete 100 at once. Reply with /purge again.",
                "{n} more are left: I delete 100 at once. Reply with /purge again.",
                done.rest,
            )
        )
    if done.in_topic:
        lines.append(
            t("In a topic I delete only what I have seen there: older messages and those of bots stay.")
        )
    return page("\n".join(lines))
