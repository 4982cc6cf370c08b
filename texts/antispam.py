"""Wording about spam: reasons, entries of the log, notices in the group."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from domain.actor import Translator
from domain.antispam.evidence import Evidence, score, strongest
from domain.antispam.hits import DOOR, Hit, State
from domain.antispam.sanctions import Action
from domain.antispam.views import Penalty
from domain.page import Button, Page, page
from texts import spammers
from texts.errors import REASONS
from texts.formats import day
from texts.markup import bold, esc, mention, shorten

SHOWN_TEXT = 600  # characters of a message in a log entry
RESTORED_TEXT = 3_000

REASONS |= {
    "no_hit": lambda t, e: t("I do not know this message any more: the log keeps 30 days."),
    "restored_already": lambda t, e: t("{by} has restored this already.", by=e.details["by"]),
    "banned_already": lambda t, e: t("{by} has banned the author already.", by=e.details["by"]),
    "undo_late": lambda t, e: t(
        "More than 24 hours have passed, so I cannot undo this as a whole. Use /unban or /unmute and /ham in "
        "the group."
    ),
    "spam_already": lambda t, e: t("This message was dealt with already."),
    "reported_already": lambda t, e: t("Thank you, the administrators know about this message already."),
    "target_admin": lambda t, e: t("That is an administrator of this chat. I leave administrators alone."),
}

_WORDS: dict[str, Callable[[Translator, Evidence], str]] = {
    "flood": lambda t, e: t.plural(
        "{n} message within {seconds} s", "{n} messages within {seconds} s", int(e.data["count"]),
        seconds=e.data["seconds"],
    ),
    "duplicates": lambda t, e: t(
        "the same text {count} times (people: {people})", count=e.data["count"], people=e.data["people"]
    ),
    "link": lambda t, e: t("a link that is not allowed: {url}", url=e.data["url"]),
    "invite": lambda t, e: t("an invite to another chat: {url}", url=e.data["url"]),
    "mention": lambda t, e: t("a mention of {name}, who does not belong here", name=e.data["name"]),
    "forward": lambda t, e: t("a forwarded message"),
    "via_bot": lambda t, e: t("sent through another bot"),
    "word": lambda t, e: t("a banned word: {word}", word=e.data["word"]),
    "learned": lambda t, e: t(
        "looks like spam ({percent}%): {signs}", percent=e.data["percent"], signs=_signs(t, e.data["signs"])
    ),
    "similar": lambda t, e: t(
        "like a message that was called spam here on {day}", day=day(t, _moment(e.data["at"]))
    ),
    "mixed": lambda t, e: t("letters of two alphabets in one word: {word}", word=e.data["word"]),
    "story": lambda t, e: t("a story"),
    "contact": lambda t, e: t("a contact"),
    "keyboard": lambda t, e: t("a message with buttons"),
    "channel": lambda t, e: t("written in the name of a channel"),
    "newcomer_link": lambda t, e: t("a newcomer's first messages hold a link"),
    "newcomer_forward": lambda t, e: t("a newcomer's first messages are forwarded"),
    "newcomer_media": lambda t, e: t("a newcomer's first messages are pictures or files"),
    "newcomer": lambda t, e: t("the author is a newcomer"),
    "emojis": lambda t, e: t.plural("{n} emoji", "{n} emojis", int(e.data["count"])),
    "capitals": lambda t, e: t("{percent}% capital letters", percent=e.data["percent"]),
    "long": lambda t, e: t.plural("{n} character long", "{n} characters long", int(e.data["length"])),
    **spammers.WORDS,
    "admin": lambda t, e: t("{name} said that it is spam", name=e.data["name"]),
    "report": lambda t, e: t("{name} asks you to look at it", name=e.data["name"]),
}  # fmt: skip

# Traits the classifier weighs (`domain.antispam.traits`), by their kind.
_TRAITS: dict[str, Callable[[Translator], str]] = {
    "url": lambda t: t("links"),
    "invite": lambda t: t("an invite link"),
    "telegram": lambda t: t("links to chats"),
    "name": lambda t: t("@usernames"),
    "phone": lambda t: t("a phone number"),
    "money": lambda t: t("sums of money"),
    "digits": lambda t: t("many digits"),
    "percent": lambda t: t("percentages"),
    "plus": lambda t: t("plus signs"),
    "emoji": lambda t: t("emojis"),
    "exclaim": lambda t: t("exclamation marks"),
    "mixed": lambda t: t("mixed alphabets"),
    "leet": lambda t: t("digits instead of letters"),
    "hidden": lambda t: t("invisible characters"),
    "strange": lambda t: t("strange letters"),
    "apart": lambda t: t("letters written apart"),
    "capitals": lambda t: t("capital letters"),
    "shouted": lambda t: t("capital letters"),
    "line": lambda t: t("its layout"),
}


def _moment(seconds: str | int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _signs(t: Translator, written: str | int) -> str:
    """What weighed most, as the classifier's check notes it: a line `word:…` or `trait:…` for each."""
    found: list[str] = []
    for line in str(written).splitlines():
        kind, _, value = line.partition(":")
        trait = _TRAITS.get(value)
        if kind == "word":
            found.append(t("“{word}”", word=value))
        else:
            found.append(trait(t) if trait is not None else t("its length"))
    return ", ".join(dict.fromkeys(found))


_KINDS: dict[str, Callable[[Translator], str]] = {
    "photo": lambda t: t("a photo"),
    "video": lambda t: t("a video"),
    "animation": lambda t: t("a GIF"),
    "document": lambda t: t("a file"),
    "sticker": lambda t: t("a sticker"),
    "voice": lambda t: t("a voice message"),
    "story": lambda t: t("a story"),
    "contact": lambda t: t("a contact"),
    "poll": lambda t: t("a poll"),
}


def reason(t: Translator, evidence: Evidence) -> str:
    """A finding in words. Plain text."""
    words = _WORDS.get(evidence.code)
    return words(t, evidence) if words is not None else evidence.code


def reasons_line(t: Translator, evidence: Iterable[Evidence]) -> str:
    """All findings in one line, the strongest first. Plain text."""
    return "; ".join(reason(t, one) for one in sorted(evidence, key=lambda one: -one.points))


def span(t: Translator, seconds: int) -> str:
    """A length of time in its largest whole unit; 0 is for ever."""
    if seconds == 0:
        return t("for ever")
    if seconds % 86_400 == 0:
        return t.plural("for {n} day", "for {n} days", seconds // 86_400)
    if seconds % 3600 == 0:
        return t.plural("for {n} hour", "for {n} hours", seconds // 3600)
    if seconds % 60 == 0:
        return t.plural("for {n} minute", "for {n} minutes", seconds // 60)
    return t.plural("for {n} second", "for {n} seconds", seconds)


def done(t: Translator, penalty: Penalty) -> str:
    """What was done to the author. Plain text."""
    match penalty.action:
        case Action.WARN if penalty.limit:
            return t("warned ({number} of {limit})", number=penalty.warning, limit=penalty.limit)
        case Action.WARN:
            return t("warned")
        case Action.MUTE:
            return t("muted {span}", span=span(t, penalty.seconds))
        case Action.KICK:
            return t("removed, free to return")
        case Action.BAN:
            return t("banned {span}", span=span(t, penalty.seconds))
        case _:
            return t("message deleted")


def _planned(t: Translator, action: Action) -> str:
    match action:
        case Action.WARN:
            return t("delete the message and warn the author")
        case Action.MUTE:
            return t("delete the message and mute the author")
        case Action.KICK:
            return t("delete the message and remove the author")
        case Action.BAN:
            return t("delete the message and ban the author")
        case _:
            return t("delete the message")


def _fate(t: Translator, hit: Hit, penalty: Penalty | None, able: bool) -> str:
    by = bold(hit.decided_by or "")
    if hit.kind in DOOR and hit.state in (State.ACTED, State.OBSERVED):
        said = spammers.at_door(t, hit, able)
        if said is not None:
            return said
    match hit.state:
        case State.RESTORED:
            return t("✅ Not spam, says {by}.", by=by)
        case State.BANNED:
            return t("⛔ Banned by {by}.", by=by)
        case State.REPORTED:
            return t("🔔 Nothing was done yet. Please decide.")
        case State.OBSERVED if not able:
            return t("⚠️ I lack the rights to delete messages or restrict members there, so nothing was done.")
        case State.OBSERVED:
            return t("👀 I only observe. I would: {plan}.", plan=_planned(t, hit.action))
        case _:
            return t("🧹 Done: {what}.", what=done(t, penalty or Penalty(hit.action)))


def _said(t: Translator, hit: Hit, limit: int) -> str:
    quoted = f"<blockquote>{esc(shorten(hit.text, limit))}</blockquote>" if hit.text else ""
    if hit.kind == "text" or hit.kind in DOOR:
        return quoted
    kind = _KINDS.get(hit.kind)
    named = kind(t) if kind is not None else t("an attachment")
    return f"[{esc(named)}]\n{quoted}".strip()


def author(t: Translator, hit: Hit) -> str:
    """The author: a person's name opens his profile."""
    if hit.author_id < 0:
        return bold(hit.name or t("a channel"))
    return mention(hit.author_id, hit.name or str(hit.author_id))


def entry(
    t: Translator,
    bot_id: int,
    hit: Hit,
    chat: str,
    *,
    penalty: Penalty | None = None,
    able: bool = True,
    explained: bool = False,
) -> Page:
    """An entry of the log, with what can still be done about it."""
    if hit.state is State.REPORTED:
        head = t("🔔 Report from {chat}", chat=bold(chat))
    elif hit.kind in DOOR:
        head = spammers.head(t, hit, chat)
    else:
        head = t("🛡 Spam in {chat}", chat=bold(chat))
    lines = [head, author(t, hit), _said(t, hit, SHOWN_TEXT)]
    main = strongest(hit.evidence)
    if explained:
        lines += ["", t("Why (points, 100 are enough):")]
        lines += [f"• {esc(reason(t, one))} — {one.points}" for one in hit.evidence]
        lines += [t("Together: {score}", score=score(hit.evidence))]
    elif main is not None:
        lines.append(t("Reason: {reason}", reason=esc(reason(t, main))))
    lines += ["", _fate(t, hit, penalty, able)]
    return page("\n".join(lines), *_buttons(t, bot_id, hit, explained))


def _buttons(t: Translator, bot_id: int, hit: Hit, explained: bool) -> list[list[Button]]:
    where = f"{bot_id}:{hit.chat_id}:{hit.unit}"
    why = [] if explained else [Button(t("❓ Why"), action=f"antispam:why:{where}")]
    if hit.state is State.RESTORED:
        return [why]
    label = t("Leave it") if hit.state is State.REPORTED else t("✅ Not spam")
    first = [Button(label, action=f"antispam:ham:{where}")]
    if hit.state is not State.BANNED:
        first.append(Button(t("⛔ Ban"), action=f"antispam:ban:{where}"))
    return [first, why]


def _in_public(t: Translator, evidence: Evidence) -> str:
    words = spammers.IN_PUBLIC.get(evidence.code)
    return words(t) if words is not None else reason(t, evidence)


def notice(t: Translator, hit: Hit, penalty: Penalty) -> Page:
    """A short word in the group."""
    main = strongest(hit.evidence)
    text = t(
        "🛡 A message of {author} was removed: {reason}.",
        author=author(t, hit),
        reason=esc(_in_public(t, main)) if main is not None else "",
    )
    if penalty.action is not Action.DELETE:
        text += "\n" + esc(t("The author is now {what}.", what=done(t, penalty)))
    return page(text)


def restored_text(t: Translator, hit: Hit, by: str) -> Page:
    """What was removed by mistake, posted again."""
    return page(f"{author(t, hit)}:\n{_said(t, hit, RESTORED_TEXT)}\n" + t("restored by {by}", by=bold(by)))


def condemned(t: Translator, hit: Hit, penalty: Penalty) -> Page:
    """Answer to /spam."""
    return page(t("🛡 Thank you. {author}: {what}.", author=author(t, hit), what=esc(done(t, penalty))))


def reported(t: Translator) -> Page:
    """Answer to /report."""
    return page(t("🔔 Thank you. The administrators have been told."))
