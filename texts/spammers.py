"""Wording about people rather than messages: known spammers, profiles, what a language model says."""

from collections.abc import Callable

from domain.actor import Translator
from domain.antispam.evidence import Evidence
from domain.antispam.hits import REQUEST, Hit, State
from domain.antispam.sanctions import Action
from texts.errors import REASONS
from texts.markup import bold

REASONS |= {
    "judge_owner": lambda t, e: t(
        "Texts of your group would leave this server, so only the bot's owner may switch this on."
    ),
}

_PROFILE: dict[str, Callable[[Translator, str | int], str]] = {
    "name_word": lambda t, found: t("a listed word in the name: {found}", found=found),
    "username_word": lambda t, found: t("a listed word in the username: {found}", found=found),
    "bio_word": lambda t, found: t("a listed word in the bio: {found}", found=found),
    "name_link": lambda t, found: t("a link in the name: {found}", found=found),
    "name_mention": lambda t, found: t("somebody's @username in the name: {found}", found=found),
    "bio_invite": lambda t, found: t("an invite link in the bio: {found}", found=found),
}


def _profile(t: Translator, evidence: Evidence) -> str:
    words = _PROFILE.get(str(evidence.data["what"]))
    return words(t, evidence.data["found"]) if words is not None else _shown(t)


def _judged(t: Translator, evidence: Evidence) -> str:
    words = evidence.data["words"]
    return t("the language model says: {words}", words=words) if words else _called(t)


def _shown(t: Translator) -> str:
    return t("what the author's profile says")


def _called(t: Translator) -> str:
    return t("the language model calls it spam")


WORDS: dict[str, Callable[[Translator, Evidence], str]] = {
    "known_spammer": lambda t, e: t("a known spammer, by the list of {host}", host=e.data["list"]),
    "profile": _profile,
    "judged": _judged,
}

# What is said in the group instead, so that the bot does not repeat what spammers would like to be read.
IN_PUBLIC: dict[str, Callable[[Translator], str]] = {"profile": _shown, "judged": _called}


def head(t: Translator, hit: Hit, chat: str) -> str:
    """The first line of an entry about somebody at the door."""
    if hit.kind == REQUEST:
        return t("🛡 A known spammer asks to join {chat}", chat=bold(chat))
    return t("🛡 A known spammer came to {chat}", chat=bold(chat))


def at_door(t: Translator, hit: Hit, able: bool) -> str | None:
    """What came of it; None where that is said as of a message."""
    if hit.state is State.ACTED:
        return t("🧹 Done: the request was declined.") if hit.kind == REQUEST else None
    if not able:
        return t("⚠️ I lack the rights for more there: to restrict members, and to invite people.")
    if hit.kind == REQUEST:
        return t("👀 I only observe. I would decline the request.")
    match hit.action:
        case Action.MUTE:
            return t("👀 I only observe. I would mute this person.")
        case Action.KICK:
            return t("👀 I only observe. I would remove this person.")
        case Action.BAN:
            return t("👀 I only observe. I would ban this person.")
        case _:
            return t("⏳ Nothing was done yet. Whatever this person writes counts as spam.")
