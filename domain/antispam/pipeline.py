"""The checks of a chat, compiled from its settings: quick for innocent messages, which are nearly all."""

import re
from dataclasses import dataclass

from domain.antispam import checks
from domain.antispam.checks import Check, Look
from domain.antispam.evidence import ENOUGH, Evidence, is_spam
from domain.antispam.folding import squeeze
from domain.antispam.memory import ChatMemory, Repeats
from domain.antispam.settings import AntiSpamSettings
from domain.antispam.words import WordList
from domain.post import Post


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message worth a closer look: what was found, and what only the database or Telegram can tell.

    `newcomer`: it depends on whether the author is one. `mentions`: whether these names are outsiders.
    """

    evidence: tuple[Evidence, ...]
    newcomer: bool = False
    mentions: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """True when it is spam whatever else comes to light."""
        return is_spam(self.evidence)


def outsider(name: str) -> Evidence:
    """A mention of a channel, group or bot that is not of this chat."""
    return Evidence("mention", ENOUGH, {"name": name})


class Pipeline:
    """Checks that are switched on. `own` are allow-list entries the chat brings along (its own name)."""

    def __init__(self, settings: AntiSpamSettings, own: frozenset[str] = frozenset()) -> None:
        self.settings = settings
        self.allowed = own | frozenset(settings.allowed_links)
        self._checks = _compile(settings, self.allowed)
        self._folds = settings.block_duplicates or (settings.block_words and bool(settings.banned_words))

    def examine(self, post: Post, memory: ChatMemory) -> Doubt | None:
        """Look at a message, and note it in the chat's memory; None when there is nothing to see."""
        settings, look = self.settings, self._look(post, memory)
        found = [evidence for check in self._checks if (evidence := check(look)) is not None]
        if settings.block_learned and (evidence := self._learned(look, memory)) is not None:
            found.append(evidence)
        newcomer = (
            settings.block_newcomers
            and post.sender_chat_id is None
            and (bool(found) or checks.tempts_newcomers(post))
            and not memory.is_regular(post.user_id)
        )
        mentions = self._strange(post.mentions) if settings.block_mentions and post.mentions else ()
        if not found and not newcomer and not mentions:
            return None
        found += [evidence for check in checks.STYLE if (evidence := check(look)) is not None]
        return Doubt(tuple(found), newcomer, mentions)

    def as_newcomer(self, post: Post, doubt: Doubt) -> tuple[Evidence, ...]:
        """All evidence, once it is known that the author is a newcomer."""
        strong = tuple(one for one in doubt.evidence if one.points > checks.STYLE_POINTS)
        return doubt.evidence + checks.newcomer(post, strong, self.allowed)

    def _learned(self, look: Look, memory: ChatMemory) -> Evidence | None:
        """What the classifier says of those who are not known well; most messages are of those who are."""
        post = look.post
        author = post.author_id
        if len(post.text) < checks.FEWEST_LETTERS or memory.is_regular(author):
            return None
        if memory.is_familiar(author, post.message_id) and not post.edited:
            return None
        evidence = checks.learned(look)
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


def _compile(settings: AntiSpamSettings, allowed: frozenset[str]) -> tuple[Check, ...]:
    banned = WordList(settings.banned_words)
    every: list[tuple[bool, Check]] = [
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
