"""Access tokens: made by the owner, redeemed once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import calls, durations
from domain.actor import Actor
from domain.bots import Bot
from domain.durations import Term, extend
from domain.errors import Invalid, NotFound, Refused
from domain.plans import Origin, Plan
from domain.qr import qr_png
from domain.tokens import MOST_AT_ONCE, AccessToken, new_secret, read_secret, token_link
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.grants import Given, give_plan
from services.people import PeopleService
from services.vault import digest
from services.ways import Way, Ways, missing
from services.work import UnitOfWork, Work
from storage import gates, people, plans, tokens
from storage.database import Database
from storage.people import Person
from storage.tokens import NewToken
from texts import errors
from texts import memberships as member_wording
from texts import tokens as wording

PAGE = 10
WRONG_TRIES = 10
WRONG_WITHIN = timedelta(hours=1)
_VALID_FOR = re.compile(r"\s+(?:for|на)\s+(\d+\s*[^\W\d_]+\.?)$", re.IGNORECASE)
_PERSON = re.compile(r"\s+(@\w{1,64}|\d{5,19})$")


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """What `/token` asks for: a plan, perhaps for one person only, perhaps to be used in time."""

    plan: Plan
    member: Person | None
    valid_for: durations.Duration | None


class TokenService(Guarded):
    """Access tokens of a bot."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        directory: BotDirectory,
        known: PeopleService,
        ways: Ways,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._directory = db, work, directory
        self._people, self._ways = known, ways

    @needs(Permission.OWNER)
    async def order(self, actor: Actor, bot_id: int, text: str) -> TokenOrder:
        """Read `<plan> [@user|id] [for <duration>]` (in Russian `на <срок>`); the plan by its id or name.

        Raises `NotFound` (plan, member) or `Invalid` (duration).
        """
        valid_for = None
        if found := _VALID_FOR.search(text):
            valid_for = durations.parse(found[1])
            text = text[: found.start()]
        async with self._db.read() as tx:
            matching = await plans.by_name(tx, bot_id, " ".join(text.split()))
            who = None
            if not matching and (found := _PERSON.search(text)):
                who, text = found[1], text[: found.start()]
                matching = await plans.by_name(tx, bot_id, " ".join(text.split()))
            word = text.strip()
            if not matching and word.isascii() and word.isdigit() and len(word) < 19:
                by_id = await plans.get(tx, bot_id, int(word))
                matching = [by_id] if by_id is not None else []
        if not matching:
            raise NotFound("plan")
        return TokenOrder(matching[0], await self._person(bot_id, who), valid_for)

    async def _person(self, bot_id: int, who: str | None) -> Person | None:
        if who is None:
            return None
        person = await self._people.find(bot_id, who)
        if person is None:
            raise NotFound("member")
        return person

    @needs(Permission.OWNER)
    async def create(
        self,
        actor: Actor,
        bot_id: int,
        plan_id: int,
        member_id: int | None = None,
        valid_for: durations.Duration | None = None,
        *,
        reachable: bool = False,
    ) -> str:
        """A new token, told once with its link and QR picture; only its digest is kept.

        With `reachable`, `member_id` must be somebody the bot can write to. Raises `NotFound` (plan, member).
        """
        bot = await self._bot(bot_id)
        secret = new_secret()
        picture = qr_png(token_link(bot.username, secret)) if actor.door is not None else b""
        async with self._work(actor) as work:
            plan = await self._plan(work, bot_id, plan_id)
            member = await people.get(work.tx, bot_id, member_id) if member_id is not None else None
            if member_id is not None and (member is None or (reachable and not member.reachable)):
                raise NotFound("member")
            expires = _expiry(valid_for, work.now)
            await tokens.create(work.tx, bot_id, [_new(secret)], plan_id, member_id, expires, work.now)
            self._log_created(work, bot, plan, 1)
            if actor.door is not None:
                name = member.full_name if member is not None else None
                page = wording.created(actor.t, bot, plan, secret, name, expires)
                photo = calls.send_photo(actor.door.chat_id, picture, "access-token.png", page)
                work.send(bot_id, photo, sealed=True)
        return secret

    @needs(Permission.OWNER)
    async def ask_many(self, actor: Actor, bot_id: int, plan_id: int) -> None:
        """Ask how many tokens to make."""
        async with self._work(actor) as work:
            plan = await self._plan(work, bot_id, plan_id)
            await work.ask("tokens:many", {"plan": plan_id})
            work.show(wording.ask_many(actor.t, plan))

    @needs(Permission.OWNER)
    async def create_many(self, actor: Actor, bot_id: int, text: str) -> list[str]:
        """As many tokens as were asked for (1 to 500), as a file. Raises `Invalid` (token_count)."""
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            plan_id: int = (await work.asked("tokens:many"))["plan"]
            count = _count(text)
            plan = await self._plan(work, bot_id, plan_id)
            made = [new_secret() for _ in range(count)]
            await tokens.create(work.tx, bot_id, [_new(s) for s in made], plan_id, None, None, work.now)
            self._log_created(work, bot, plan, count)
            await work.end_dialog()
            if actor.door is not None:
                document = "".join(f"{token_link(bot.username, secret)}\n" for secret in made).encode()
                page = wording.created_many(actor.t, plan, count)
                file = calls.send_document(actor.door.chat_id, document, "access-tokens.txt", page)
                work.send(bot_id, file, sealed=True)
        return made

    @needs(Permission.OWNER)
    async def listing(self, actor: Actor, bot_id: int, page: int) -> tuple[Sequence[AccessToken], bool]:
        """A page (from 0) of the bot's tokens, and whether there are more."""
        async with self._db.read() as tx:
            found = await tokens.listing(tx, bot_id, max(page, 0) * PAGE, PAGE + 1)
        return found[:PAGE], len(found) > PAGE

    @needs(Permission.OWNER)
    async def get(self, actor: Actor, bot_id: int, token_id: int) -> AccessToken:
        """One token."""
        async with self._db.read() as tx:
            found = await tokens.get(tx, bot_id, token_id)
        if found is None:
            raise NotFound("token")
        return found

    @needs(Permission.OWNER)
    async def delete(self, actor: Actor, bot_id: int, token_id: int) -> None:
        """Delete a token; one that was not used opens nothing any more."""
        async with self._work(actor) as work:
            if not await tokens.remove(work.tx, bot_id, token_id):
                raise NotFound("token")
            found = await tokens.listing(work.tx, bot_id, 0, PAGE + 1)
            work.show(wording.listing(actor.t, found[:PAGE], 0, len(found) > PAGE, work.now))

    @needs(Permission.ANYONE)
    async def ask_token(self, actor: Actor, bot_id: int) -> None:
        """Ask for the token to redeem."""
        async with self._work(actor) as work:
            await work.ask("tokens:redeem")
            work.show(wording.ask_token(actor.t))

    @needs(Permission.ANYONE)
    async def redeem(self, actor: Actor, bot_id: int, text: str) -> Given | None:
        """Use a token: the plan's membership, and the ways into its chats.

        None when the token is unknown or somebody else's: that is counted, so that nobody can guess.
        Raises `Refused` for one that is used up or expired, for what the plan's rules forbid (the token
        stays unused), and after too many wrong ones.
        """
        bot = await self._bot(bot_id)
        secret = read_secret(text)
        key = digest(secret) if secret is not None else b""
        ways = await self._ways_for(actor, bot_id, key)
        async with self._work(actor) as work:
            since = work.now - WRONG_WITHIN
            if await tokens.wrong_tries(work.tx, bot_id, actor.user_id, since) >= WRONG_TRIES:
                raise Refused("token_tries")
            used = await tokens.consume(work.tx, bot_id, key, actor.user_id, work.now)
            if used is None:
                await self._turn_down(work, actor, bot_id, key)
                return None
            plan, given = await give_plan(work, bot, actor.user_id, used.plan_id, Origin.TOKEN, used.id)
            work.event(
                bot.owner_id, bot_id, "token.redeemed", token=used.id, plan=plan.id, member=actor.user_id
            )
            await work.end_dialog()
            for chat_id in missing(ways):
                await gates.owe(work.tx, bot_id, chat_id, actor.user_id, gates.INVITE, work.now, work.now)
            ways = [way for way in ways if way.chat_id not in given.let_in]
            page = member_wording.given(actor.t, plan, given.membership, ways, given.extended)
            work.reply(page, sealed=True)
        return given

    async def _ways_for(self, actor: Actor, bot_id: int, key: bytes) -> list[Way]:
        """The ways into the chats, made beforehand: only for a token that looks as if it will do."""
        async with self._db.read() as tx:
            found = await tokens.by_digest(tx, bot_id, key)
            if found is None or found.used_at is not None or found.member_id not in (None, actor.user_id):
                return []
            plan = await plans.get(tx, bot_id, found.plan_id)
        if plan is None or not plan.enabled:
            return []
        return await self._ways.into(bot_id, actor.user_id, plan.project_id)

    async def _turn_down(self, work: Work, actor: Actor, bot_id: int, key: bytes) -> None:
        found = await tokens.by_digest(work.tx, bot_id, key)
        if found is not None and found.member_id in (None, actor.user_id):
            if found.used_at is not None:
                raise Refused("token_used_by_you" if found.used_by == actor.user_id else "token_used")
            raise Refused("token_expired" if found.expired(work.now) else "plan_disabled")
        await tokens.note_wrong(work.tx, bot_id, actor.user_id, work.now, WRONG_WITHIN)
        reason = Refused("token_unknown" if found is None else "token_bound")
        work.reply(wording.turned_down(actor.t, errors.sentence(actor.t, reason)))

    def _log_created(self, work: Work, bot: Bot, plan: Plan, count: int) -> None:
        work.event(bot.owner_id, bot.id, "token.created", plan=plan.id, count=count)

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot

    async def _plan(self, work: Work, bot_id: int, plan_id: int) -> Plan:
        plan = await plans.get(work.tx, bot_id, plan_id)
        if plan is None:
            raise NotFound("plan")
        return plan


def _new(secret: str) -> NewToken:
    return NewToken(digest(secret), secret[-4:])


def _expiry(valid_for: durations.Duration | None, now: datetime) -> datetime | None:
    return None if valid_for is None else extend(Term(now), valid_for, now).end


def _count(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST_AT_ONCE):
        raise Invalid("count", "token_count")
    return int(text)
