"""What a sanction does within a unit of work, whoever decided on it: the checks or a moderator."""

from dataclasses import dataclass, replace
from datetime import timedelta

from domain.antispam import sanctions
from domain.antispam.evidence import strongest
from domain.antispam.hits import Hit
from domain.antispam.sanctions import Action
from domain.antispam.settings import AntiSpamSettings
from domain.antispam.views import Penalty
from domain.calls import Priority
from services.work import Work
from storage import antispam, federation, moderation, verification
from storage.federation import Place
from storage.moderation import Ban, Note


@dataclass(frozen=True, slots=True)
class Culprit:
    """Whom a sanction is about, in which chat of which bot. `user_id` is negative for a chat that speaks."""

    bot_id: int
    chat_id: int
    user_id: int
    name: str


def seconds_of(settings: AntiSpamSettings, action: Action) -> int:
    """How long a sanction lasts by the settings; 0 is for ever (or has no length)."""
    return {Action.MUTE: settings.mute_seconds, Action.BAN: settings.ban_seconds}.get(action, 0)


async def apply(
    work: Work, culprit: Culprit, action: Action, seconds: int, *, by: int, reason: str
) -> Penalty:
    """Do it, and remember a ban. Where the owner wants that, a ban counts in all his chats."""
    until = int(work.now.timestamp()) + seconds if seconds else 0
    places = [Place(culprit.bot_id, culprit.chat_id)]
    if action is Action.MUTE and await verification.drop(
        work.tx, culprit.bot_id, culprit.chat_id, culprit.user_id, verification.WAITING
    ):
        # A newcomer: the answer to his question would lift this mute. So he is not asked any more.
        await verification.touch(work.tx, culprit.bot_id, culprit.chat_id, work.now)
    if action is Action.BAN:
        places += await _elsewhere(work, culprit)
        ends = work.now + timedelta(seconds=seconds) if seconds else None
        for place in places:
            ban = Ban(place.chat_id, culprit.user_id, culprit.name, reason, by, work.now, ends)
            await moderation.put_ban(work.tx, place.bot_id, ban)
    for place in places:
        for call in sanctions.punish(action, place.chat_id, culprit.user_id, until):
            work.send(place.bot_id, call, priority=Priority.MODERATION)
    return Penalty(action, seconds, elsewhere=len(places) - 1)


async def _elsewhere(work: Work, culprit: Culprit) -> list[Place]:
    """The owner's other chats, where bans count in all of them."""
    if not await federation.is_on(work.tx, culprit.bot_id):
        return []
    found = await federation.places(work.tx, culprit.bot_id, culprit.user_id)
    return [place for place in found if place.chat_id != culprit.chat_id]


async def warn(work: Work, culprit: Culprit, settings: AntiSpamSettings, note: Note, *, by: int) -> Penalty:
    """One more warning; the last one leads to what the settings say, and counting begins anew."""
    where = culprit.bot_id, culprit.chat_id, culprit.user_id
    notes = await moderation.warn(work.tx, *where, note, work.now)
    if len(notes) < settings.warn_limit:
        return Penalty(Action.WARN, 0, len(notes), settings.warn_limit)
    await moderation.clear_warnings(work.tx, *where)
    done = await apply(
        work, culprit, settings.warn_action, settings.warn_seconds, by=by, reason=str(note["reason"])
    )
    return replace(done, warning=len(notes), limit=settings.warn_limit)


@dataclass(frozen=True, slots=True)
class Lifted:
    """What was undone: whether a ban was known here, and in how many other chats it was lifted, too."""

    known: bool = False
    elsewhere: int = 0


async def lift(work: Work, culprit: Culprit, action: Action) -> Lifted:
    """Undo a sanction, and forget the ban: everywhere the same decision banned, and where bans count in all
    chats of the owner in all of them."""
    places = {culprit.chat_id: Place(culprit.bot_id, culprit.chat_id)}
    known = False
    if action is Action.BAN:
        where = culprit.bot_id, culprit.chat_id, culprit.user_id
        others = await federation.of_one_decision(work.tx, *where) + await _elsewhere(work, culprit)
        for place in others:
            places.setdefault(place.chat_id, place)
        for place in places.values():
            dropped = await moderation.drop_ban(work.tx, place.bot_id, place.chat_id, culprit.user_id)
            known |= dropped and place.chat_id == culprit.chat_id
    for place in places.values():
        for call in sanctions.pardon(action, place.chat_id, culprit.user_id):
            work.send(place.bot_id, call, priority=Priority.MODERATION)
    return Lifted(known, len(places) - 1)


def culprit_of(bot_id: int, hit: Hit) -> Culprit:
    """The author of a hit."""
    return Culprit(bot_id, hit.chat_id, hit.author_id, hit.name)


async def punish(work: Work, bot_id: int, hit: Hit, settings: AntiSpamSettings, *, by: int = 0) -> Penalty:
    """What the settings have for the author of a hit; `by` an administrator, or 0 for the checks."""
    culprit, main = culprit_of(bot_id, hit), strongest(hit.evidence)
    reason = main.code if main is not None else ""
    if hit.action is not Action.WARN:
        seconds = seconds_of(settings, hit.action)
        return await apply(work, culprit, hit.action, seconds, by=by, reason=reason)
    note = {"at": int(work.now.timestamp()), "by": "", "reason": reason, "unit": hit.unit}
    penalty = await warn(work, culprit, settings, note, by=by)
    if penalty.action is not Action.WARN:
        await antispam.escalate(work.tx, bot_id, hit, penalty.action)
    return penalty
