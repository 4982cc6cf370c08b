"""The message that lists the rights a bot needs in a chat, and ticks them off as they arrive."""

from dataclasses import asdict, dataclass, replace

from domain import calls
from domain.actor import Translator
from domain.bots import AdminChat
from services.reach import Mailbox
from services.work import Work
from storage import settings
from texts import chats as wording

FEATURE = "rights"  # where a sheet is kept among the chat's settings
READY_STAYS = 600  # seconds


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The checklist last shown: by which bot and where. `open` while rights are missing; `gone` when its
    message is out of reach and a new one has to take its place.

    Each has a number of its own: the removal of a finished one, which is due later, must not meet its
    successor.
    """

    number: int = 0
    open: bool = False
    bot_id: int = 0
    place: int = 0
    gone: bool = False

    def name(self, chat_id: int) -> str:
        """What its message is kept as."""
        return f"{FEATURE}:{chat_id}:{self.number}"


async def close(work: Work, bot_id: int, chat_id: int) -> None:
    """The bot is not in the chat any more: no rights are waited for."""
    await _mark(work, bot_id, chat_id, open=False)


async def lose(work: Work, bot_id: int, chat_id: int) -> None:
    """The messages of the chat are out of reach, those of a group that became a supergroup."""
    await _mark(work, bot_id, chat_id, gone=True)


async def _mark(work: Work, bot_id: int, chat_id: int, **marks: bool) -> None:
    if (await settings.get(work.tx, bot_id, chat_id, FEATURE)).get("open"):
        await settings.change(work.tx, bot_id, chat_id, FEATURE, marks, work.now)


async def update(
    work: Work, bot_id: int, before: AdminChat | None, chat: AdminChat, t: Translator, letter: Mailbox | None
) -> None:
    """Show, tick off or finish the checklist of `chat`, about which `before` was known.

    It stands in the group itself; for a channel, whose readers it does not concern, in the private chat
    `letter` (nowhere without one).
    """
    if not chat.present:
        await close(work, bot_id, chat.chat_id)
        return
    sheet = _Sheet(**await settings.get(work.tx, bot_id, chat.chat_id, FEATURE))
    arrived = before is None or not before.present or before.standing_at is None
    promoted = before is not None and chat.admin and not before.admin
    in_private = chat.type == "channel"
    fresh = arrived or sheet.gone or not sheet.open
    if fresh:
        called_for = arrived or promoted or sheet.gone or (chat.admin and chat.missing)
        if not called_for or (in_private and letter is None):
            return
        writer, place = (letter.bot_id, letter.user_id) if in_private and letter else (bot_id, chat.chat_id)
        sheet = _Sheet(sheet.number + 1, True, writer, place)
    speak = letter.t if in_private and letter else t
    page = wording.checklist(speak, chat) if chat.missing else wording.ready(speak, chat)
    name = sheet.name(chat.chat_id)
    if fresh:
        work.send(sheet.bot_id, calls.send(sheet.place, page, silent=True, keep_as=name))
    else:
        work.send(sheet.bot_id, calls.edit(sheet.place, None, page, about=name))
    if not chat.missing:
        sheet = replace(sheet, open=False)
        work.send(sheet.bot_id, calls.delete(sheet.place, None, about=name), after=READY_STAYS)
    await settings.put(work.tx, bot_id, chat.chat_id, FEATURE, asdict(sheet), work.now)
