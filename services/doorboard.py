"""The question in the group that several newcomers share: one message, never more than one in a minute."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain import calls
from domain.actor import Translator
from domain.calls import Call, Priority
from domain.page import Page
from domain.verification import Challenge, Method, VerificationSettings, challenge, from_document, picture
from services.directory import BotDirectory
from services.reach import Speak
from services.work import Work
from storage import people, raids, settings, verification
from storage.database import Tx
from storage.verification import Held
from texts import verification as wording

FEATURE = "verification"  # the name of the settings document, and of the message in the group
STANDS = timedelta(minutes=1)  # a question is not replaced by a newer one before
LAG = timedelta(seconds=5)  # until the names in the message follow who came and who passed
NAMES = 10  # shown in the message
PICTURE = "letters.png"


async def setup_of(tx: Tx, bot_id: int, chat_id: int) -> VerificationSettings:
    """The settings that work in a chat."""
    return from_document(await settings.merged(tx, bot_id, chat_id, FEATURE))


class Doorboard:
    """Puts the question up, keeps its names right, and takes it down when nobody has to answer any more."""

    def __init__(self, directory: BotDirectory, speak: Speak) -> None:
        self._directory, self._speak = directory, speak

    async def join(self, work: Work, bot_id: int, chat_id: int, method: Method, minutes: int) -> None:
        """One more person has to answer: by the question that is up, or by a new one in its place."""
        question = challenge(method)
        if not await verification.post(work.tx, bot_id, chat_id, question, work.now, STANDS):
            await verification.touch(work.tx, bot_id, chat_id, work.now + LAG)
            return
        call = await self._call(work, bot_id, chat_id, question, minutes)
        work.send(bot_id, calls.delete(chat_id, None, about=FEATURE), priority=Priority.MODERATION)
        work.send(bot_id, replace(call, keep_as=FEATURE), priority=Priority.MODERATION)

    async def left(self, work: Work, bot_id: int, chat_id: int) -> None:
        """Somebody has answered, or went."""
        number, _ = await verification.at_board(work.tx, bot_id, chat_id, 0)
        raid = await raids.active(work.tx, bot_id, chat_id, work.now)
        if number or (raid is not None and raid.acts):  # the next ones come within seconds
            await verification.touch(work.tx, bot_id, chat_id, work.now + LAG)
        elif await verification.clear_board(work.tx, bot_id, chat_id):
            work.send(bot_id, calls.delete(chat_id, None, about=FEATURE), priority=Priority.MODERATION)

    async def refresh(self, work: Work, bot_id: int, chat_id: int) -> None:
        """Bring the names in the message up to date."""
        question = await verification.take_board(work.tx, bot_id, chat_id, work.now)
        if question is None:
            return
        number, _ = await verification.at_board(work.tx, bot_id, chat_id, 0)
        if not number:
            await self.left(work, bot_id, chat_id)
            return
        setup = await setup_of(work.tx, bot_id, chat_id)
        page = await self._page(work, bot_id, chat_id, question, setup.timeout_minutes)
        edit = calls.edit_caption if question.method is Method.PICTURE else calls.edit
        work.send(bot_id, edit(chat_id, None, page, about=FEATURE), priority=Priority.TRIGGERED)

    async def _page(self, work: Work, bot_id: int, chat_id: int, question: Challenge, minutes: int) -> Page:
        number, first = await verification.at_board(work.tx, bot_id, chat_id, NAMES)
        t = await self._language(work.tx, bot_id, first)
        return wording.question(t, chat_id, question, number, _names(first), minutes)

    async def _call(self, work: Work, bot_id: int, chat_id: int, question: Challenge, minutes: int) -> Call:
        number, first = await verification.at_board(work.tx, bot_id, chat_id, NAMES)
        t = await self._language(work.tx, bot_id, first)
        return asking(t, chat_id, question, number, first, minutes)

    async def _language(self, tx: Tx, bot_id: int, newcomers: Sequence[Held]) -> Translator:
        """The language all newcomers have in common, else the owner's."""
        tenant = await self._directory.get(bot_id)
        owner = tenant.owner_id if tenant is not None else 0
        spoken = {one.language_code for one in newcomers}
        if len(spoken) == 1:
            return await language(tx, self._speak, owner, newcomers[0])
        chief = await people.get(tx, bot_id, owner)
        return self._speak(*((chief.language, chief.language_code) if chief is not None else ()))


async def language(tx: Tx, speak: Speak, owner_id: int, held: Held) -> Translator:
    """A newcomer's language; where we do not speak it, the owner's."""
    person = await people.get(tx, held.bot_id, held.user_id)
    owner = await people.get(tx, held.bot_id, owner_id)
    preferred = [person.language if person is not None else None, held.language_code]
    if owner is not None:
        preferred += [owner.language, owner.language_code]
    return speak(*preferred)


def asking(
    t: Translator,
    chat_id: int,
    question: Challenge,
    number: int,
    newcomers: Sequence[Held],
    minutes: int,
    title: str | None = None,
) -> Call:
    """The message that asks `number` newcomers; with a `title` one who requests to join that chat."""
    page = wording.question(t, chat_id, question, number, _names(newcomers), minutes, title)
    if question.method is Method.PICTURE:
        return calls.send_photo(chat_id, picture(question.question), PICTURE, page)
    return calls.send(chat_id, page)


def _names(newcomers: Sequence[Held]) -> list[tuple[int, str]]:
    return [(one.user_id, one.name) for one in newcomers]
