"""Messages taken for spam: acted on and logged, in one unit of work each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import calls
from domain.actor import Door
from domain.antispam.evidence import Evidence
from domain.antispam.hits import BURST, State, hit_of
from domain.antispam.settings import AntiSpamSettings, Mode
from domain.antispam.views import Penalty
from domain.bots import Bot
from domain.calls import Priority
from domain.post import Post
from services import penalties
from services.spamlog import SpamLog
from services.work import UnitOfWork
from storage import antispam


@dataclass(frozen=True, slots=True)
class Protection:
    """How a chat is protected. `able`: the bot has the rights for it, as far as we know."""

    settings: AntiSpamSettings
    since: datetime
    able: bool = True

    def acts(self, now: datetime) -> bool:
        """Whether spam is acted on, rather than only observed."""
        return self.able and self.settings.mode_at(now, self.since) is Mode.ON


class HitService:
    """What the checks find. Nobody asks for it: it happens to a message, in the rights of the house."""

    def __init__(self, work: UnitOfWork, log: SpamLog) -> None:
        self._work, self._log = work, log

    async def catch(
        self,
        tenant: Bot,
        post: Post,
        protection: Protection,
        evidence: Sequence[Evidence],
        album: Sequence[int] = (),
    ) -> bool:
        """A message is spam: do what the chat wants done, log it, tell the administrators and the group.

        `album` are the messages that go with it. Returns whether it was acted on, rather than observed.
        An author who goes on is dealt with each time, but reported once a minute.
        """
        settings = protection.settings
        place = await self._log.place(tenant, post.chat_id, settings)
        async with self._work(door=door_of(post)) as work:
            acts = protection.acts(work.now)
            state = State.ACTED if acts else State.OBSERVED
            hit = hit_of(post, tuple(evidence), settings.action, state, work.now)
            going_on = await antispam.hits_since(
                work.tx, tenant.id, hit.chat_id, hit.author_id, work.now - BURST
            )
            fresh = await antispam.record(work.tx, tenant.id, hit)
            if acts:
                for message_id in sorted({post.message_id, *album}):
                    work.send(tenant.id, calls.delete(post.chat_id, message_id), priority=Priority.MODERATION)
            if not fresh:
                return acts
            penalty = Penalty(hit.action)
            if acts:
                penalty = await penalties.punish(work, tenant.id, hit, settings)
            work.event(
                tenant.owner_id, tenant.id, f"spam.{state}", chat=hit.chat_id, user=hit.author_id,
                reasons=[one.code for one in evidence], action=penalty.action.value,
            )  # fmt: skip
            if not going_on:
                self._log.write(work, tenant, hit, penalty, place, able=protection.able)
                if acts:
                    self._log.notice(work, tenant, hit, penalty, settings, post.language_code)
            return acts

    async def discard(self, tenant: Bot, post: Post) -> None:
        """A further part of an album that was taken for spam."""
        async with self._work(door=door_of(post)) as work:
            work.send(tenant.id, calls.delete(post.chat_id, post.message_id), priority=Priority.MODERATION)


def door_of(post: Post) -> Door:
    """The update a post came by."""
    return Door(
        post.bot_id, post.update_id, post.chat_id, post.message_id, thread_id=post.thread_id, private=False
    )
