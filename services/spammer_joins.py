"""Known spammers at a chat's door: those who come, and those who ask to be let in."""

from dataclasses import dataclass
from datetime import timedelta

from domain.actor import Right
from domain.antispam import sanctions
from domain.antispam.checks import known_spammer
from domain.antispam.hits import JOIN, REQUEST, Hit, State
from domain.antispam.sanctions import Action
from domain.antispam.settings import AntiSpamSettings, Mode
from domain.antispam.views import Penalty
from domain.bots import Bot
from domain.movements import Movement
from services import penalties
from services.antispam import settings_of
from services.directory import BotDirectory
from services.doorkeeper import Doorkeeper
from services.gate import JoinRequest
from services.spamlog import SpamLog
from services.spammers import Spammers
from services.work import Work
from storage import antispam, chats, memberships, moderation, people

TOLD_WITHIN = timedelta(hours=1)
MOST_TOLD = 20  # entries of a chat's log within that time: a raid of known spammers must not bury the rest


@dataclass(frozen=True, slots=True)
class _Case:
    """A known spammer at a door. `acts`: what the settings have for him is done, rather than only told;
    `able`: the bot has the right to."""

    tenant: Bot
    settings: AntiSpamSettings
    host: str
    acts: bool
    able: bool


class SpammerJoins:
    """What becomes of them, each within a unit of work of others."""

    def __init__(
        self, spammers: Spammers, directory: BotDirectory, doorkeeper: Doorkeeper, log: SpamLog
    ) -> None:
        self._spammers, self._directory, self._doorkeeper, self._log = spammers, directory, doorkeeper, log

    async def came(self, work: Work, movement: Movement) -> bool:
        """Somebody came; True when he was dealt with, and is neither asked nor greeted.

        Where spam leads to a warning, his first message does. Whom an administrator brought or let in is
        left in peace until then: he may know better than a list.
        """
        bot_id, chat_id, user_id = movement.bot_id, movement.chat_id, movement.user_id
        case = await self._case(work, bot_id, chat_id, user_id, Right.RESTRICT_MEMBERS)
        if case is None or await self._doorkeeper.is_vouched(work, movement):
            return False
        action = case.settings.action
        possible = bool(sanctions.punish(action, chat_id, user_id))
        if not possible and action is Action.MUTE:
            action = Action.DELETE  # of his first message: in a basic group nobody can be muted
        acts = case.acts and possible
        hit = _hit(work, case, JOIN, f"j{movement.update_id}", chat_id, user_id, movement.name, action, acts)
        await self._note(work, case, hit)
        return acts

    async def requested(self, work: Work, tenant: Bot, request: JoinRequest) -> bool:
        """Somebody asks to be let in where people have to ask; True when he is to be declined."""
        chat_id, user_id = request.chat_id, request.user_id
        case = await self._case(work, tenant.id, chat_id, user_id, Right.INVITE_USERS)
        if case is None:
            return False
        person = await people.get(work.tx, tenant.id, user_id)
        name = person.full_name if person is not None else ""
        unit = f"r{work.door.update_id if work.door is not None else user_id}"
        # There is nothing to undo: he may ask again, and is let through once he is approved.
        hit = _hit(work, case, REQUEST, unit, chat_id, user_id, name, Action.DELETE, case.acts)
        await self._note(work, case, hit)
        return case.acts

    async def _case(self, work: Work, bot_id: int, chat_id: int, user_id: int, right: Right) -> _Case | None:
        """Who is known, where that counts: not approved people, administrators, and who has paid the owner.

        A ban may count in all of the owner's chats, so whoever has paid for one is left in peace in all.
        """
        await self._spammers.load()
        host = self._spammers.listed(user_id)
        tenant = await self._directory.get(bot_id)
        if host is None or tenant is None or user_id == tenant.owner_id:
            return None
        settings = await settings_of(work.tx, bot_id, chat_id)
        if settings.mode is Mode.OFF or not settings.block_known:
            return None
        admins = await chats.admins(work.tx, bot_id, chat_id, chats.NEVER) or {}
        if user_id in admins or await moderation.is_approved(work.tx, bot_id, chat_id, user_id):
            return None
        if await memberships.is_customer(work.tx, tenant.owner_id, user_id, work.now):
            return None
        chat = await chats.get(work.tx, bot_id, chat_id)
        able = chat is not None and right in chat.rights
        since = await antispam.guard(work.tx, bot_id, chat_id, work.now)
        acts = able and settings.mode_at(work.now, since) is Mode.ON
        return _Case(tenant, settings, host, acts, able)

    async def _note(self, work: Work, case: _Case, hit: Hit) -> None:
        """Log him, and do what is to be done to who came. A request is declined by its own service."""
        told = await antispam.at_the_door(work.tx, case.tenant.id, hit.chat_id, work.now - TOLD_WITHIN)
        await antispam.record(work.tx, case.tenant.id, hit)
        penalty = Penalty(hit.action)
        if hit.state is State.ACTED and hit.kind == JOIN:
            penalty = await penalties.punish(work, case.tenant.id, hit, case.settings)
        work.event(
            case.tenant.owner_id, case.tenant.id, f"spam.{hit.state}", chat=hit.chat_id, user=hit.author_id,
            reasons=[one.code for one in hit.evidence], action=penalty.action.value,
        )  # fmt: skip
        if hit.author_id not in told and len(told) < MOST_TOLD:
            place = await self._log.place(case.tenant, hit.chat_id, case.settings)
            self._log.write(work, case.tenant, hit, penalty, place, able=case.able)


def _hit(
    work: Work,
    case: _Case,
    kind: str,
    unit: str,
    chat_id: int,
    user_id: int,
    name: str,
    action: Action,
    acts: bool,
) -> Hit:
    return Hit(
        chat_id=chat_id,
        unit=unit,
        message_id=0,
        thread_id=None,
        author_id=user_id,
        name=name[:160],
        kind=kind,
        text="",
        evidence=(known_spammer(case.host),),
        action=action,
        state=State.ACTED if acts else State.OBSERVED,
        at=work.now,
    )
