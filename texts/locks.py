"""Wording of /lock and /unlock."""

from collections.abc import Callable, Sequence

from domain.actor import Translator
from domain.locks import ALL, KINDS
from domain.page import Page, page
from texts.errors import REASONS
from texts.markup import esc

_NAMES: dict[str, Callable[[Translator], str]] = {
    ALL: lambda t: t("all messages"),
    "text": lambda t: t("text"),
    "media": lambda t: t("photos, videos, music, files and voice messages"),
    "photos": lambda t: t("photos"),
    "videos": lambda t: t("videos"),
    "music": lambda t: t("music"),
    "files": lambda t: t("files"),
    "voice": lambda t: t("voice and video messages"),
    "stickers": lambda t: t("stickers, GIFs and games"),
    "polls": lambda t: t("polls"),
    "links": lambda t: t("link previews"),
    "invites": lambda t: t("inviting people"),
    "pins": lambda t: t("pinning messages"),
    "info": lambda t: t("changing the group's name and picture"),
    "topics": lambda t: t("managing topics"),
}

REASONS |= {
    "lock_kind": lambda t, e: t(
        "I do not know what “{word}” is. You can lock: {kinds}.",
        word=e.details["word"],
        kinds=", ".join(KINDS),
    ),
    "locked_already": lambda t, e: t("That is closed to members already."),
    "not_locked": lambda t, e: t(
        "I have not locked that. What Telegram itself forbids is in the permissions of the group."
    ),
}


def _named(t: Translator, kinds: Sequence[str]) -> str:
    return esc("; ".join(_NAMES[kind](t) for kind in kinds))


def locked(t: Translator, kinds: Sequence[str]) -> Page:
    """Members may not send that for now."""
    return page(t("🔒 Locked: {what}. /unlock opens it again.", what=_named(t, kinds)))


def unlocked(t: Translator, kinds: Sequence[str]) -> Page:
    """Members may do again what they could before."""
    if list(kinds) == [ALL]:
        return page(t("🔓 Unlocked: members may do again what they could before."))
    return page(t("🔓 Unlocked: {what}.", what=_named(t, kinds)))
