"""The checks: each looks at one thing and says what it has found.

A factory takes the check's settings and returns the check; the pipeline builds those that are switched on.
"""

import re
from collections.abc import Callable
from datetime import datetime

import msgspec

from domain.antispam import classifier
from domain.antispam.evidence import ENOUGH, Evidence
from domain.antispam.links import is_allowed, parse_link
from domain.antispam.memory import Repeats
from domain.antispam.spammers import Listed
from domain.antispam.words import WordList
from domain.post import Post

MIXED_POINTS, HINT_POINTS, STYLE_POINTS = 60, 40, 20
REPEATED_LETTERS = 12  # folded letters of a text worth comparing: "thank you" may be said by many
LONG_TEXT = 1_500  # characters
SHOUTED_LETTERS, SHOUTED_PERCENT = 20, 70
MANY_EMOJIS = 6


_ONCE = Repeats(1, 1)


class Look(msgspec.Struct, frozen=True, gc=False):
    """A message as checks see it: with its folded text and what the chat remembers."""

    post: Post
    squeezed: str = ""
    burst: int = 1
    repeats: Repeats = _ONCE


Check = Callable[[Look], Evidence | None]


def known_spammer(host: str) -> Evidence:
    """Somebody is on a list of spammers, which that host publishes."""
    return Evidence("known_spammer", data={"list": host})


def known_spammers(listed: Listed) -> Check:
    """An author who is on a list of spammers. Chats that speak are on none."""

    def check(look: Look) -> Evidence | None:
        post = look.post
        host = listed(post.user_id) if post.sender_chat_id is None else None
        return None if host is None else known_spammer(host)

    return check


def flood(limit: int, seconds: int) -> Check:
    """More than `limit` messages of one person within `seconds`."""

    def check(look: Look) -> Evidence | None:
        if look.burst <= limit:
            return None
        return Evidence("flood", data={"count": look.burst, "seconds": seconds})

    return check


def duplicates(limit: int) -> Check:
    """The same text `limit` times, by one person or by several."""

    def check(look: Look) -> Evidence | None:
        if look.repeats.count < limit:
            return None
        return Evidence("duplicates", data={"count": look.repeats.count, "people": look.repeats.people})

    return check


def links(allowed: frozenset[str]) -> Check:
    """An address that is not on the allow-list."""

    def check(look: Look) -> Evidence | None:
        for url in look.post.links:
            if not is_allowed(parse_link(url), allowed, look.post.chat_id):
                return Evidence("link", data={"url": url[:100]})
        return None

    return check


def invites(look: Look) -> Evidence | None:
    """An invite link to a chat or a folder of chats."""
    for url in look.post.links:
        if parse_link(url).invite:
            return Evidence("invite", data={"url": url[:100]})
    return None


def forwards(look: Look) -> Evidence | None:
    """A message forwarded from elsewhere."""
    return Evidence("forward") if look.post.forwarded else None


def via_bot(look: Look) -> Evidence | None:
    """A message sent through an inline bot."""
    return Evidence("via_bot") if look.post.via_bot else None


def stories(look: Look) -> Evidence | None:
    """A shared story."""
    return Evidence("story") if look.post.kind == "story" else None


def contacts(look: Look) -> Evidence | None:
    """A shared contact."""
    return Evidence("contact") if look.post.kind == "contact" else None


def keyboards(look: Look) -> Evidence | None:
    """A message with buttons under it, which people cannot write by themselves."""
    return Evidence("keyboard") if look.post.buttons else None


def channels(look: Look) -> Evidence | None:
    """A message in the name of a channel."""
    return Evidence("channel") if look.post.sender_chat_id is not None else None


def words(banned: WordList) -> Check:
    """A banned word or phrase, in any disguise."""

    def check(look: Look) -> Evidence | None:
        if not look.squeezed:
            return None
        found = banned.find(look.post.text, look.squeezed)
        return None if found is None else Evidence("word", data={"word": found})

    return check


# Latin letters that have a Cyrillic double, between Cyrillic ones: nobody types them by accident, while
# "PDFка" and "IT-отдел" are honest words.
_DOUBLES = re.compile("[aceiopxyABCEHIKMOPTXY]+(?=[\u0400-\u04ff])")
_WORD_END, _WORD_START = re.compile(r"\w*"), re.compile(r"\w*\Z")


def mixed(look: Look) -> Evidence | None:
    """Letters of two alphabets in one word."""
    text = look.post.text
    if text.isascii():
        return None
    for found in _DOUBLES.finditer(text):
        if "\u0400" <= text[found.start() - 1 : found.start()] <= "\u04ff":
            before, after = _WORD_START.search(text[: found.start()]), _WORD_END.match(text, found.start())
            word = (before[0] if before else "") + (after[0] if after else "")
            return Evidence("mixed", MIXED_POINTS, {"word": word[:40]})
    return None


FEWEST_LETTERS = 8  # characters of a text that can be weighed: "thanks!" says nothing


ADDRESS = re.compile(
    r"(?:https?://|tg://)\S+|(?<![\w-])(?:[\w-]{1,63}\.){1,8}[a-z]{2,}(?:/\S*)?", re.IGNORECASE
)


def learned(look: Look, lean: float = 0.0) -> Evidence | None:
    """A text like those that were spam. Above the classifier's threshold it is enough, close to it a part.

    An address decides nothing by itself: the words around it have to be suspicious, too. `lean` is what the
    lessons of administrators add to the classifier's logit.
    """
    text = look.post.text
    found = classifier.judge(text, lean)
    if not found.hint:
        return None
    enough = found.spam
    if enough and (words := ADDRESS.sub(" ", text)) != text:
        enough = classifier.judge(words, lean).hint
    signs = "\n".join(f"{one.kind}:{one.value}" for one in classifier.signs(text, spam=True))
    points = ENOUGH if enough else HINT_POINTS
    return Evidence("learned", points, {"percent": int(100 * found.score), "signs": signs})


def similar(at: datetime) -> Evidence:
    """A text that holds one which an administrator called spam, at that time."""
    return Evidence("similar", data={"at": int(at.timestamp())})


# What follows is style: it only ever adds to other findings, and is not looked at without one.

_EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b06\u2757]")


def emojis(look: Look) -> Evidence | None:
    """Very many emojis."""
    count = len(_EMOJI.findall(look.post.text)) + look.post.emojis
    return Evidence("emojis", STYLE_POINTS, {"count": count}) if count >= MANY_EMOJIS else None


def capitals(look: Look) -> Evidence | None:
    """A text in capitals."""
    letters = [char for char in look.post.text if char.isalpha()]
    if len(letters) < SHOUTED_LETTERS:
        return None
    percent = 100 * sum(map(str.isupper, letters)) // len(letters)
    return Evidence("capitals", STYLE_POINTS, {"percent": percent}) if percent >= SHOUTED_PERCENT else None


def length(look: Look) -> Evidence | None:
    """A very long text."""
    size = len(look.post.text)
    return Evidence("long", STYLE_POINTS, {"length": size}) if size >= LONG_TEXT else None


STYLE: tuple[Check, ...] = (emojis, capitals, length)

# What weighs more when a newcomer does it. Links and forwards are what spam accounts come for.
NEWCOMER_LINK = Evidence("newcomer_link", ENOUGH)
NEWCOMER_FORWARD = Evidence("newcomer_forward", ENOUGH)
NEWCOMER_MEDIA = Evidence("newcomer_media", 60)
NEWCOMER = Evidence("newcomer", 40)
_MEDIA = frozenset(("photo", "video", "animation", "document", "video_note", "voice", "audio", "paid_media"))


def newcomer(post: Post, evidence: tuple[Evidence, ...], allowed: frozenset[str]) -> tuple[Evidence, ...]:
    """What it means that the author is a newcomer, beside what was found already."""
    found: list[Evidence] = []
    if any(not is_allowed(parse_link(url), allowed, post.chat_id) for url in post.links):
        found.append(NEWCOMER_LINK)
    if post.forwarded:
        found.append(NEWCOMER_FORWARD)
    if post.kind in _MEDIA:
        found.append(NEWCOMER_MEDIA)
    if evidence and not found:
        found.append(NEWCOMER)
    return tuple(found)


def tempts_newcomers(post: Post) -> bool:
    """Whether it matters that the author may be a newcomer."""
    return bool(post.links) or post.forwarded or post.kind in _MEDIA
