"""Answers given at once, for pure reads: nothing was changed, so nothing needs the outbox."""

from contextlib import suppress

from domain import calls
from domain.actor import Door
from domain.errors import TelegramRefused
from domain.page import Page
from domain.telegram import Telegram


class Talk:
    """The conversation an update belongs to."""

    def __init__(self, telegram: Telegram, door: Door) -> None:
        self._telegram, self._door = telegram, door

    async def show(self, page: Page) -> None:
        """Turn the pressed panel into `page`, or send it where no button was pressed."""
        door = self._door
        if door.pressed and door.message_id is not None and page.keyboard is None:
            call = calls.edit(door.chat_id, door.message_id, page)
            try:
                await self._telegram.ask(door.bot_id, call.method, **call.params)
                return
            except TelegramRefused as error:
                if "message is not modified" in error.description:
                    return
                if (
                    "message to edit not found" not in error.description
                    and "no text" not in error.description
                ):
                    raise
        await self.say(page)

    async def say(self, page: Page) -> None:
        """Send a new message; in a group as a reply to what was said."""
        door = self._door
        reply_to = None if door.private or door.pressed else door.message_id
        call = calls.send(door.chat_id, page, reply_to=reply_to, thread_id=door.thread_id)
        await self._telegram.ask(door.bot_id, call.method, **call.params)

    async def unsay(self) -> None:
        """Delete what the person said: it holds a secret."""
        door = self._door
        with suppress(TelegramRefused):  # gone already, which is what we want
            await self._telegram.ask(
                door.bot_id, "deleteMessage", chat_id=door.chat_id, message_id=door.message_id
            )

    async def photo(self, image: bytes, name: str, page: Page, *, instead: bool = False) -> None:
        """Send a picture with `page` as its caption; `instead` of the pressed picture where asked."""
        door = self._door
        if instead and door.pressed and door.message_id is not None:
            call = calls.edit_photo(door.chat_id, door.message_id, image, name, page)
        else:
            reply_to = None if door.private or door.pressed else door.message_id
            call = calls.send_photo(
                door.chat_id, image, name, page, reply_to=reply_to, thread_id=door.thread_id
            )
        try:
            await self._telegram.ask_with_files(door.bot_id, call.method, call.params, call.files)
        except TelegramRefused as error:
            if "message is not modified" not in error.description:
                raise
