"""What people write about themselves, asked of Telegram where a chat wants it looked at."""

from collections import OrderedDict
from dataclasses import replace

from domain.antispam.evidence import Evidence, is_spam
from domain.antispam.pipeline import Pipeline
from domain.antispam.profiles import Profile, advertising_name, inviting_bio, profile_words
from domain.errors import TelegramError
from domain.post import Post
from domain.telegram import Telegram

FRESH = 600  # seconds a bio is believed
MOST_BIOS = 5_000


class Profiles:
    """Looks at names, which come with messages, and at bios, which have to be asked for."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._bios: OrderedDict[tuple[int, int], tuple[int, str]] = OrderedDict()

    async def look(
        self, post: Post, pipeline: Pipeline, evidence: tuple[Evidence, ...]
    ) -> tuple[Evidence, ...]:
        """The evidence with what the author's profile adds to it. Telegram is asked only while that is not
        enough; what it does not tell is no evidence."""
        profile = Profile(post.name, post.username)
        found = _findings(pipeline, profile)
        if not is_spam((*evidence, *found)) and (bio := await self._bio(post)):
            found = _findings(pipeline, replace(profile, bio=bio))
        return (*evidence, *found)

    async def _bio(self, post: Post) -> str:
        """The author's bio; empty where he has none, or Telegram does not say."""
        key = post.bot_id, post.user_id
        at, bio = self._bios.get(key, (0, ""))
        if at and abs(post.date - at) < FRESH:
            return bio
        try:
            chat = await self._telegram.ask(post.bot_id, "getChat", chat_id=post.user_id)
        except TelegramError:
            return ""
        bio = str(chat.get("bio") or "")
        self._bios[key] = post.date, bio
        self._bios.move_to_end(key)
        if len(self._bios) > MOST_BIOS:
            self._bios.popitem(last=False)
        return bio


def _findings(pipeline: Pipeline, profile: Profile) -> tuple[Evidence, ...]:
    """A chat that lists words wants those found; one without a list, what advertisements look like."""
    if pipeline.profile_words is not None:
        found = [profile_words(profile, pipeline.profile_words)]
    else:
        found = [advertising_name(profile, pipeline.allowed), inviting_bio(profile)]
    return tuple(one for one in found if one is not None)
