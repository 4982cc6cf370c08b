"""Makes one promised call, and says what has become of it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from delivery.books import Entry
from delivery.kinds import is_message
from delivery.outcomes import Dead, Done, Later, Moved, Outcome, classify
from domain.calls import Call
from domain.errors import NotFound, TelegramError
from domain.telegram import Telegram
from services.media import MediaSender
from services.vault import Vault
from services.work import OUTBOX
from storage import outbox
from storage.database import Database
from storage.outbox import Row

log = logging.getLogger(__name__)
TELL_AGAIN = 5.0  # seconds until news that could not be kept is asked for again

_decode = msgspec.json.Decoder(Call).decode


@dataclass(slots=True)
class Listeners:
    """Whom delivery tells what only it learns: (bot id, chat id[, new chat id])."""

    shut_out: Callable[[int, int, str], Awaitable[None]]
    migrated: Callable[[int, int, int], Awaitable[None]]


class Sender:
    """Makes calls."""

    def __init__(self, db: Database, telegram: Telegram, vault: Vault, listeners: Listeners) -> None:
        self._db, self._telegram, self._vault, self._listeners = db, telegram, vault, listeners
        self._media = MediaSender(db, telegram)

    def read(self, row: Row) -> Call:
        """The call a row holds. Raises `VaultError` or msgspec's errors when it cannot be read."""
        return _decode(self._vault.open(row.payload, OUTBOX) if row.sealed else row.payload)

    async def send(self, row: Row, call: Call | None, answered: Callable[[], None]) -> Entry:
        """Make the call (of the row, where none is given). `answered` is called as soon as the answer is
        there, before anything is made of it."""
        entry = Entry(row, Done(), call)
        try:
            try:
                call = entry.call = call or self.read(row)
                entry.answer = await self._make(row, call)
            finally:
                answered()
            if isinstance(entry.answer, dict):
                entry.message_id = entry.answer.get("message_id")
        except TelegramError as error:
            method = entry.call.method if entry.call else row.method
            told = row.source is not None
            entry.outcome = classify(error, row.policy, row.attempts, speaks=is_message(method), told=told)
            log.info(
                "call not made",
                extra={"method": method, "error": str(error.details), "outcome": str(entry.outcome)},
            )
        except NotFound as error:  # of the bot, or of a file: then Telegram would say 400
            entry.outcome = Dead(f"the {error.what} is gone", status=404 if error.what == "bot" else 400)
        except Exception as error:
            log.exception("call failed", extra={"method": row.method})
            entry.outcome = Dead(f"{type(error).__name__}: {error}")
        entry.outcome = await self._tell(row, entry.outcome)
        return entry

    async def _tell(self, row: Row, outcome: Outcome) -> Outcome:
        """Tell what an answer means for the chat. Where that is not kept, the call is made again to hear it
        again: a chat whose call never ends would get nothing more."""
        try:
            match outcome:
                case Moved(chat_id):
                    await self._listeners.migrated(row.bot_id, row.chat_id, chat_id)
                case Dead(reason, shut_out=True):
                    await self._listeners.shut_out(row.bot_id, row.chat_id, reason)
        except Exception:
            log.exception("news of a chat not kept", extra={"bot": row.bot_id, "chat": row.chat_id})
            return Later(TELL_AGAIN)
        return outcome

    async def _make(self, row: Row, call: Call) -> Any:
        params = dict(call.params)
        if "chat_id" in params and params["chat_id"] != row.chat_id:  # the group moved since
            if "message_id" in params or "message_ids" in params:
                return None  # its messages stayed behind: the same number is another message now
            params["chat_id"] = row.chat_id
        if call.about is not None:
            async with self._db.read() as tx:
                message_id = await outbox.kept(tx, row.bot_id, row.chat_id, call.about)
            if message_id is None:
                return None
            params["message_id"] = message_id
        if call.media is not None:
            return await self._media.send(row.bot_id, call, params)
        if call.files:
            return await self._telegram.ask_with_files(row.bot_id, call.method, params, call.files)
        return await self._telegram.ask(row.bot_id, call.method, **params)
