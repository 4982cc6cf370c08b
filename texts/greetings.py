"""Values for the texts owners write, and the message that comes of them."""

from collections.abc import Callable, Mapping, Sequence

from domain import formatting
from domain.actor import Translator
from domain.cleaning import is_visible
from domain.greetings import Guest
from domain.page import Button, Page, page
from domain.templates import WIDEST
from domain.welcome import Greeting, Side
from texts.markup import esc, mention, plain


def shown_name(t: Translator, guest: Guest) -> str:
    """A name people can read and tap: cut to its widest, and never empty. Plain text."""
    name = plain(guest.name).strip()
    if not is_visible(name):
        return t("Member {id}", id=guest.user_id)
    return formatting.cut(name, WIDEST["name"])


def default_text(t: Translator, side: Side) -> str:
    """What is said when nobody has written anything."""
    if side is Side.WELCOME:
        return t("👋 Welcome to {chat}, {name}!", chat="{{chat}}", name="{{mention}}")
    return t("{name} has left. Farewell!", name="{{name}}")


def values(
    t: Translator, guests: Sequence[Guest], chat: str, members: int | None, inviter: str
) -> Callable[[int], Mapping[str, str]]:
    """The values of all placeholders but `rules`, escaped, with at most so many guests named."""
    common = {
        "chat": esc(formatting.cut(chat, WIDEST["chat"])),
        "count": "" if members is None else str(members),
        "inviter": esc(formatting.cut(inviter, WIDEST["inviter"])),
    }

    def of(shown: int) -> Mapping[str, str]:
        named = guests[:shown]
        names = [shown_name(t, guest) for guest in named]
        mentions = [mention(guest.user_id, name) for guest, name in zip(named, names, strict=True)]
        usernames = [
            f"@{esc(guest.username)}" if guest.username else one
            for guest, one in zip(named, mentions, strict=True)
        ]
        first, last = _parts(guests[0], names[0]) if len(guests) == 1 else ("", "")
        more = len(guests) - len(named)
        return common | {
            "name": _together(t, [esc(name) for name in names], more),
            "first": esc(first) or _together(t, [esc(name) for name in names], more),
            "last": esc(last),
            "username": _together(t, usernames, more),
            "mention": _together(t, mentions, more),
            "id": str(guests[0].user_id) if len(guests) == 1 else "",
        }

    return of


def _parts(guest: Guest, shown: str) -> tuple[str, str]:
    """First and last name; split at the first space where only the whole is known."""
    if is_visible(guest.first):
        last = formatting.cut(plain(guest.last), WIDEST["last"])
        return formatting.cut(plain(guest.first), WIDEST["first"]), last
    first, _, last = shown.partition(" ")
    return first, last


def _together(t: Translator, names: Sequence[str], more: int) -> str:
    listed = ", ".join(names)
    if not more:
        return listed
    return t.plural("{names} and {n} more", "{names} and {n} more", more, names=listed)


def greeting(t: Translator, set_up: Greeting, html: str, rules_url: str | None) -> Page:
    """The message with its buttons."""
    rows = [[Button(one.text, url=one.url) for one in row] for row in set_up.buttons]
    rules = [Button(t("📜 Rules"), url=rules_url)] if rules_url else []
    return page(html, *rows, rules)
