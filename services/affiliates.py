"""Affiliates: members whose link brings invitees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain import calls
from domain.actor import Actor
from domain.affiliates import Counts, Ranked, affiliate_link, check_affiliate_id, new_affiliate_id
from domain.bots import Bot
from domain.clock import Clock
from domain.commissions import Account
from domain.errors import Conflict, NotFound, Refused
from domain.memberships import SETTINGS, Settings
from domain.money import Money
from domain.page import Button
from domain.sheets import to_csv
from services.access import Access, Guarded, Permission, needs
from services.commissions import read_terms
from services.directory import BotDirectory
from services.grants import read_settings
from services.work import UnitOfWork, Work
from storage import affiliates, commissions, credit, memberships, people, settings
from storage.database import Database
from texts import affiliates as wording
from texts import start as start_wording

PAGE = 10
MOST_IN_FILE = 50_000
_TRIES = 5  # of a random id; with 22 × 31⁷ of them a second one is hardly ever needed


@dataclass(frozen=True, slots=True)
class AffiliateLink:
    """A member's id and link, with what came of it: people, his money by currency, and his credit.

    `minimum` are the smallest payouts in minor units, by currency.
    """

    affiliate_id: str
    link: str
    counts: Counts
    accounts: Sequence[Account] = ()
    credit: Sequence[Money] = ()
    minimum: Mapping[str, int] = field(default_factory=dict)


class AffiliateService(Guarded):
    """Affiliates of a bot."""

    def __init__(
        self, access: Access, db: Database, work: UnitOfWork, clock: Clock, directory: BotDirectory
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._directory = db, work, clock, directory

    @needs(Permission.ANYONE)
    async def mine(self, actor: Actor, bot_id: int) -> AffiliateLink | None:
        """The actor's link; whoever asks for the first time becomes an affiliate.

        None, and only his money is shown, while affiliates are switched off. Raises `Refused`
        (affiliates_off) when he has none either.
        """
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            if not (await read_settings(work.tx, bot_id)).affiliates:
                accounts, held, minimum = await self._money(work, bot_id, actor.user_id)
                if not accounts and not held:
                    raise Refused("affiliates_off")
                work.show(wording.money(actor.t, accounts, held, minimum))
                return None
            shown = await self._ensure(work, bot, actor.user_id)
            work.show(wording.mine(actor.t, bot, shown))
        return shown

    @needs(Permission.ANYONE)
    async def ask_id(self, actor: Actor, bot_id: int) -> None:
        """Ask for the id the actor would like."""
        async with self._work(actor) as work:
            await self._require_on(work, bot_id)
            await work.ask("affiliates:id")
            work.show(wording.ask_id(actor.t))

    @needs(Permission.ANYONE)
    async def choose_id(self, actor: Actor, bot_id: int, text: str) -> AffiliateLink:
        """Take an id of one's own. Raises `Invalid` (affiliate_id), `Conflict` (affiliate_taken)."""
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            await self._require_on(work, bot_id)
            wanted = check_affiliate_id(text)
            if not await self._take(work, bot, actor.user_id, wanted):
                raise Conflict("affiliate_taken")
            await work.end_dialog()
            shown = await self._ensure(work, bot, actor.user_id)
            work.reply(wording.mine(actor.t, bot, shown))
        return shown

    @needs(Permission.OWNER)
    async def register(
        self, actor: Actor, bot_id: int, member_id: int, affiliate_id: str | None = None
    ) -> AffiliateLink:
        """Make a member the bot can write to an affiliate, by an id of choice in place of an earlier one.

        Raises `Invalid` (affiliate_id), `Refused` (affiliates_off), `NotFound` (member), `Conflict`
        (affiliate_taken).
        """
        bot = await self._bot(bot_id)
        wanted = None if affiliate_id is None else check_affiliate_id(affiliate_id)
        async with self._work(actor) as work:
            await self._require_on(work, bot_id)
            member = await people.get(work.tx, bot_id, member_id)
            if member is None or not member.reachable:
                raise NotFound("member")
            if wanted is not None and not await self._take(work, bot, member_id, wanted):
                raise Conflict("affiliate_taken")
            return await self._ensure(work, bot, member_id)

    @needs(Permission.ANYONE)
    async def followed(
        self, actor: Actor, bot_id: int, affiliate_id: str, rows: Sequence[list[Button]]
    ) -> None:
        """The actor came by an affiliate's link: greet him (`rows` are the greeting's buttons), count the
        click, and note whose invitee he is, unless he is or was a member. One's own link counts nothing.
        """
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            rules = await read_settings(work.tx, bot_id)
            owner = await affiliates.whose(work.tx, bot_id, affiliate_id) if rules.affiliates else None
            if owner == actor.user_id:
                raise Refused("affiliate_self")
            if owner is not None:
                await self._note(work, bot, actor, owner, rules)
            work.reply(start_wording.greeting(actor.t, bot, actor.name, rows))

    async def _note(self, work: Work, bot: Bot, actor: Actor, owner: int, rules: Settings) -> None:
        await memberships.lock_member(work.tx, bot.id, actor.user_id)
        await affiliates.note_click(work.tx, bot.id, owner, actor.user_id, work.now)
        changed = await affiliates.attribute(
            work.tx, bot.id, actor.user_id, owner, work.now, first_wins=rules.first_link_wins
        )
        if changed:
            work.event(bot.owner_id, bot.id, "affiliate.joined", affiliate=owner, member=actor.user_id)

    @needs(Permission.OWNER)
    async def top(self, actor: Actor, bot_id: int, page: int) -> tuple[Sequence[Ranked], bool, Settings]:
        """A page (from 0) of the affiliates, the best first; whether there are more; the settings."""
        async with self._db.read() as tx:
            found = await affiliates.top(tx, bot_id, page * PAGE, PAGE + 1)
            return found[:PAGE], len(found) > PAGE, await read_settings(tx, bot_id)

    @needs(Permission.OWNER)
    async def export(self, actor: Actor, bot_id: int) -> None:
        """All affiliates as a CSV document."""
        async with self._db.read() as tx:
            found = await affiliates.top(tx, bot_id, 0, MOST_IN_FILE)
        rows = [
            (one.member_id, one.name, one.username or "", one.affiliate_id, one.counts.clicks,
             one.counts.visitors, one.counts.invited, one.counts.members)
            for one in found
        ]  # fmt: skip
        header = ("member_id", "name", "username", "affiliate_id", "clicks", "visitors", "invited", "members")
        async with self._work(actor) as work:
            if actor.door is not None:
                file = to_csv(header, rows)
                page = wording.exported(actor.t, len(rows))
                work.send(bot_id, calls.send_document(actor.door.chat_id, file, "affiliates.csv", page))

    @needs(Permission.OWNER)
    async def turn(self, actor: Actor, bot_id: int, on: bool) -> None:
        """Let members be affiliates, or not."""
        await self._set(actor, bot_id, {"affiliates": on})

    @needs(Permission.OWNER)
    async def set_winner(self, actor: Actor, bot_id: int, first: bool) -> None:
        """Whose invitee somebody is who used several links: of the first one's, or of the last one's."""
        await self._set(actor, bot_id, {"first_link_wins": first})

    async def _set(self, actor: Actor, bot_id: int, changes: dict[str, bool]) -> None:
        async with self._work(actor) as work:
            changed = await settings.change(
                work.tx, bot_id, settings.DEFAULT_CHAT, SETTINGS, changes, work.now
            )
            found = await affiliates.top(work.tx, bot_id, 0, PAGE + 1)
            shown = wording.top(actor.t, found[:PAGE], 0, len(found) > PAGE, Settings.read(changed))
            work.show(shown)

    async def _ensure(self, work: Work, bot: Bot, member_id: int) -> AffiliateLink:
        affiliate_id = await affiliates.id_of(work.tx, bot.id, member_id)
        for _ in range(_TRIES):
            if affiliate_id is not None:
                break
            await self._take(work, bot, member_id, new_affiliate_id())
            affiliate_id = await affiliates.id_of(work.tx, bot.id, member_id)
        if affiliate_id is None:
            raise Conflict("affiliate_taken")
        counts = await affiliates.counts(work.tx, bot.id, member_id)
        money = await self._money(work, bot.id, member_id)
        return AffiliateLink(affiliate_id, affiliate_link(bot.username, affiliate_id), counts, *money)

    async def _money(
        self, work: Work, bot_id: int, member_id: int
    ) -> tuple[Sequence[Account], Sequence[Money], Mapping[str, int]]:
        """What somebody earned, his credit, and from what amounts on payouts are made."""
        accounts = await commissions.accounts(work.tx, bot_id, member_id, work.now)
        held = await credit.balance(work.tx, bot_id, member_id)
        return accounts, held, (await read_terms(work.tx, bot_id)).minimum

    async def _take(self, work: Work, bot: Bot, member_id: int, wanted: str) -> bool:
        """Give a member an id, in place of an earlier one; his first one is news. False when it is taken."""
        await memberships.lock_member(work.tx, bot.id, member_id)  # asked twice at once, one is the first
        had = await affiliates.id_of(work.tx, bot.id, member_id)
        if not await affiliates.take_id(work.tx, bot.id, member_id, wanted, work.now):
            return False
        if had is None:
            work.event(bot.owner_id, bot.id, "affiliate.registered", member=member_id, affiliate_id=wanted)
        return True

    async def _require_on(self, work: Work, bot_id: int) -> None:
        if not (await read_settings(work.tx, bot_id)).affiliates:
            raise Refused("affiliates_off")

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot
