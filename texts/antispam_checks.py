"""What the checks and the numbers of the anti-spam are called."""

from collections.abc import Callable

from domain.actor import Translator

NAMES: dict[str, Callable[[Translator], str]] = {
    "known": lambda t: t("Known spammers"),
    "flood": lambda t: t("Flood"),
    "duplicates": lambda t: t("Repeated texts"),
    "newcomers": lambda t: t("Newcomers' links and forwards"),
    "words": lambda t: t("Banned words"),
    "learned": lambda t: t("Looks like spam"),
    "judged": lambda t: t("Ask a language model"),
    "profiles": lambda t: t("Newcomers' names and bios"),
    "links": lambda t: t("Links"),
    "invites": lambda t: t("Invite links"),
    "mentions": lambda t: t("Mentions of outsiders"),
    "forwards": lambda t: t("Forwards"),
    "via_bot": lambda t: t("Through other bots"),
    "mixed": lambda t: t("Mixed alphabets"),
    "stories": lambda t: t("Stories"),
    "contacts": lambda t: t("Contacts"),
    "keyboards": lambda t: t("Messages with buttons"),
    "channels": lambda t: t("Speaking as a channel"),
}

FIELD_NAMES: dict[str, Callable[[Translator], str]] = {
    "flood_limit": lambda t: t("Messages"),
    "flood_seconds": lambda t: t("Within"),
    "duplicate_limit": lambda t: t("Times"),
    "duplicate_seconds": lambda t: t("Within"),
    "newcomer_messages": lambda t: t("First messages"),
    "newcomer_seconds": lambda t: t("After joining"),
    "mute_seconds": lambda t: t("Mute lasts"),
    "ban_seconds": lambda t: t("Ban lasts"),
    "warn_limit": lambda t: t("Warnings"),
    "warn_seconds": lambda t: t("The last one's lasts"),
    "notice_seconds": lambda t: t("Notice stays"),
}
