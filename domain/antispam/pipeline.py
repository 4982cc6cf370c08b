"""The checks of a chat, compiled from its settings: quick for innocent messages, which are nearly all."""

import re
from dataclasses import dataclass

from domain.antispam import checks, classifier
from domain.antispam.checks import Check, Look
from domain.antispam.evidence import ENOUGH, Evidence, is_spam
from domain.antispam.fingerprints import Reading
from domain.antispam.folding import squeeze
from domain.antispam.lessons import FEWEST_LETTERS, Lessons, Match, is_common
from domain.antispam.memory import ChatMemory, Repeats
from domain.antispam.settings import AntiSpamSettings
from domain.antispam.spammers import Listed, nobody
from domain.antispam.words import WordList
from domain.post import Post


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message worth a closer look: what was found, and what only the database or Telegram can tell.

    `newcomer`: it depends on whether the author is one. `mentions`: whether these names are outsiders.
    `profile`: on what a newcomer writes about himself. `opinion`: on what a language model says of the text.
    `common`: a text was called spam that others may well write, too: only newcomers are taken at it.
    """

    evidence: tuple[Evidence, ...]
    newcomer: bool = False
    mentions: tuple[str, ...] = ()
    profile: bool = False
    opinion: bool = False
    common: bool = False

    @property
    def certain(self) -> bool:
        """True when it is spam whatever else comes to light."""
        return is_spam(self.evidence)


def outsider(name: str) -> Evidence:
    """A mention of a channel, group or bot that is not of this chat."""
    return Evidence("mention", ENOUGH, {"name": name})


# What stays in question when an administrator has called this very text innocent: the way it is sent.
_CONDUCT = frozenset(
    (
        "flood", "duplicates", "forward", "via_bot", "channel", "story", "contact", "keyboard",
        "known_spammer",
    )
)  # fmt: skip
# What does not count any more when he called a text innocent that is much like it.
_GUESSES = frozenset(("learned", "similar", "mixed", "emojis", "capitals", "long"))


class Pipeline:
    """Checks that are switched on. `own` are allow-list entries the chat brings along (its own name),
    `lessons` what the administrators of its owner's chats have taught, `listed` who is a known spammer."""

    def __init__(
        self,
        settings: AntiSpamSettings,
        own: frozenset[str] = frozenset(),
        lessons: Lessons | None = None,
        listed: Listed = nobody,
    ) -> None:
        self.settings = settings
        self._lessons = lessons if lessons is not None else Lessons()
        self.allowed = own | frozenset(settings.allowed_links)
        self.profile_words = WordList(settings.profile_words) if settings.profile_words else None
        self._checks = _compile(settings, self.allowed, listed)
        self._folds = settings.block_duplicates or (settings.block_words and bool(settings.banned_words))

    def examine(self, post: Post, memory: ChatMemory) -> Doubt | None:
        """Look at a message, and note it in the chat's memory; None when there is nothing to see."""
        settings, look = self.settings, self._look(post, memory)
        found = [evidence for check in self._checks if (evidence := check(look)) is not None]
        seen = self._read(post)
        taught = self._lessons.spam(seen) if settings.block_learned and seen is not None else None
        if taught is not None:
            found.append(checks.similar(taught.lesson.at))
            memory.suspected(post.author_id)
        elif settings.block_learned and (evidence := self._learned(look, memory, seen)) is not None:
            found.append(evidence)
        newcomer = (
            settings.block_newcomers
            and post.sender_chat_id is None
            and (bool(found) or checks.tempts_newcomers(post))
            and not memory.is_regular(post.user_id)
        )
        mentions = self._strange(post.mentions) if settings.block_mentions and post.mentions else ()
        profile = (
            settings.block_profiles and post.sender_chat_id is None and not memory.is_regular(post.user_id)
        )
        if not found and not newcomer and not mentions and not profile:
            return None
        opinion = settings.block_judged and any(one.code == "learned" for one in found)
        found += [evidence for check in checks.STYLE if (evidence := check(look)) is not None]
        common = seen is not None and taught is not None and _is_common(post, seen, taught)
        doubt = Doubt(tuple(found), newcomer, mentions, profile, opinion, common)
        innocent = self._lessons.ham(seen, taught) if seen is not None else None
        return doubt if innocent is None else _forgiven(doubt, post, innocent)

    def as_newcomer(self, post: Post, doubt: Doubt) -> tuple[Evidence, ...]:
        """All evidence, once it is known that the author is a newcomer."""
        strong = tuple(one for one in doubt.evidence if one.points > checks.STYLE_POINTS)
        return doubt.evidence + checks.newcomer(post, strong, self.allowed)

    def _read(self, post: Post) -> Reading | None:
        """The message as lessons see it; None when there is nothing to compare."""
        if not len(self._lessons) or len(post.text) < FEWEST_LETTERS:
            return None
        return Reading(post.text, post.links)

    def _learned(self, look: Look, memory: ChatMemory, seen: Reading | None) -> Evidence | None:
        """What the classifier says of those who are not known well; most messages are of those who are."""
        post = look.post
        author = post.author_id
        if len(post.text) < checks.FEWEST_LETTERS or memory.is_regular(author):
            return None
        if memory.is_familiar(author, post.message_id) and not post.edited:
            return None
        evidence = checks.learned(look, self._lessons.lean(seen) if seen is not None else 0.0)
        if evidence is not None:
            memory.suspected(author)
        elif not post.edited:
            memory.innocent(author, post.message_id)
        return evidence

    def _look(self, post: Post, memory: ChatMemory) -> Look:
        settings, author = self.settings, post.sender_chat_id or post.user_id
        squeezed = squeeze(post.text) if self._folds and post.text else ""
        burst, repeats = 1, Repeats(1, 1)
        if not post.edited:
            if settings.block_flood:
                burst = memory.burst(
                    author, post.message_id, post.date, settings.flood_seconds, post.media_group_id
                )
            if settings.block_duplicates and len(squeezed) >= checks.REPEATED_LETTERS:
                repeats = memory.repeats(
                    squeezed, author, post.message_id, post.date, settings.duplicate_seconds
                )
        return Look(post, squeezed, burst, repeats)

    def _strange(self, mentions: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in mentions if name.lower() not in self.allowed)


def _is_common(post: Post, seen: Reading, taught: Match) -> bool:
    """Whether a message is like spam only by words that nobody would find suspicious."""
    if post.forwarded or post.sender_chat_id is not None or not is_common(taught, seen):
        return False
    return not classifier.judge(post.text).hint


def _forgiven(doubt: Doubt, post: Post, innocent: Match) -> Doubt | None:
    """What is left of a doubt about a text that an administrator called innocent, or one much like it."""
    if innocent.same:
        left = tuple(one for one in doubt.evidence if one.code in _CONDUCT)
        forwarded = doubt.newcomer and post.forwarded  # its head names, and leads to, whoever wrote it first
        return Doubt(left, forwarded, profile=doubt.profile) if left or forwarded or doubt.profile else None
    left = tuple(one for one in doubt.evidence if one.code not in _GUESSES)
    newcomer = doubt.newcomer and (bool(left) or checks.tempts_newcomers(post))
    rest = Doubt(left, newcomer, doubt.mentions, doubt.profile)
    return rest if left or newcomer or doubt.mentions or doubt.profile else None


def _compile(settings: AntiSpamSettings, allowed: frozenset[str], listed: Listed) -> tuple[Check, ...]:
    banned = WordList(settings.banned_words)
    every: list[tuple[bool, Check]] = [
        (settings.block_known, checks.known_spammers(listed)),
        (settings.block_flood, checks.flood(settings.flood_limit, settings.flood_seconds)),
        (settings.block_duplicates, checks.duplicates(settings.duplicate_limit)),
        (settings.block_words and bool(settings.banned_words), checks.words(banned)),
        (settings.block_links, checks.links(allowed)),
        (settings.block_invites, checks.invites),
        (settings.block_forwards, checks.forwards),
        (settings.block_via_bot, checks.via_bot),
        (settings.block_mixed, checks.mixed),
        (settings.block_stories, checks.stories),
        (settings.block_contacts, checks.contacts),
        (settings.block_keyboards, checks.keyboards),
        (settings.block_channels, checks.channels),
    ]
    return tuple(check for on, check in every if on)


def names_a_bot(mention: str) -> bool:
    """Whether an @username is a bot's: theirs all end so (https://core.telegram.org/bots/features)."""
    return mention.lower().endswith("bot")


_MENTION = re.compile(r"(?<!\w)@[A-Za-z]\w{2,31}")


def post_of_text(bot_id: int, chat_id: int, user_id: int, text: str) -> Post:
    """A bare text as a post, to try what the checks make of it: addresses and names are found by eye."""
    return Post(
        bot_id=bot_id,
        update_id=0,
        chat_id=chat_id,
        message_id=1,
        user_id=user_id,
        name="",
        username=None,
        is_bot=False,
        text=text,
        date=0,
        links=tuple(checks.ADDRESS.findall(text)),
        mentions=tuple(_MENTION.findall(text)),
    )
