"""API keys: shown once, kept as digests, replaced without a break or at once."""

import secrets
from datetime import timedelta

from domain.actor import Actor
from domain.clock import Clock
from services.access import Access, Guarded, Permission, needs
from services.vault import digest
from services.work import UnitOfWork, Work
from storage import accounts
from storage.accounts import KeyOwner
from storage.database import Database
from texts import accounts as wording

OVERLAP = timedelta(days=1)
PREFIX = "gh_"


class AccountService(Guarded):
    """Accounts and their keys."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, clock: Clock) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock

    @needs(Permission.ACCOUNT)
    async def new_account_key(self, actor: Actor, *, at_once: bool) -> str:
        """A new key that opens everything the actor owns; earlier ones end in a day, or `at_once`."""
        return await self._issue(actor, None, at_once)

    @needs(Permission.OWNER)
    async def new_bot_key(self, actor: Actor, bot_id: int, *, at_once: bool) -> str:
        """A new key that opens the membership API of one bot only."""
        return await self._issue(actor, bot_id, at_once)

    async def whose(self, key: str) -> KeyOwner | None:
        """Whom a key speaks for; None for an unknown or ended one."""
        async with self._db.read() as tx:
            return await accounts.key_owner(tx, digest(key), self._clock.now())

    async def _issue(self, actor: Actor, bot_id: int | None, at_once: bool) -> str:
        async with self._work(actor) as work:
            await accounts.ensure(work.tx, actor.user_id, work.now)
            await accounts.expire_keys(
                work.tx, actor.user_id, bot_id, work.now if at_once else work.now + OVERLAP
            )
            key = await add_key(work, actor.user_id, bot_id)
            work.reply(
                wording.new_key(actor.t, key, for_bot=bot_id is not None, at_once=at_once), sealed=True
            )
        return key


async def add_key(work: Work, owner_id: int, bot_id: int | None) -> str:
    """One more key of an account, or of one of its bots; those there are stay."""
    key = PREFIX + secrets.token_urlsafe(32)
    await accounts.issue_key(work.tx, digest(key), key[-4:], owner_id, bot_id, work.now)
    return key
