"""aiogram's dispatcher with our middlewares, and the handlers that look names up in the features' tables."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import Bot as AiogramBot
from aiogram import Dispatcher, Router
from aiogram.client.session.base import BaseSession
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import CallableObject
from aiogram.types import CallbackQuery, Chat, Message, TelegramObject, Update, User

from bot.i18n import Languages
from domain.actor import Actor, Door
from domain.bots import Bot
from domain.cleaning import plain
from domain.errors import (
    DuplicateUpdate,
    GatehouseError,
    NotFound,
    TelegramFlood,
    TelegramRefused,
    TelegramUnreachable,
)
from domain.formatting import cut
from domain.page import Page
from domain.telegram import Telegram
from handlers.routing import Command, Routes, Where
from handlers.talk import Talk
from services.people import PeopleService
from storage.dialogs import Dialog
from storage.people import Person
from texts import errors
from texts.markup import esc

log = logging.getLogger(__name__)
ANSWER_LIMIT = 200  # UTF-16 units, https://core.telegram.org/bots/api#answercallbackquery
Data = dict[str, Any]
Next = Callable[[TelegramObject, Data], Awaitable[Any]]


class _NoSession(BaseSession):
    """Handlers answer through `Talk`, services through the outbox; aiogram's own calls are off."""

    async def make_request(self, bot: AiogramBot, method: Any, timeout: int | None = None) -> Any:
        raise RuntimeError(f"{type(method).__name__}: use Talk for reads and work.send() for writes")

    async def stream_content(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("files are fetched through domain.telegram.Telegram")
        yield b""

    async def close(self) -> None:
        """Nothing is open."""


class Dispatch:
    """Feeds updates to the features. `services` are handed to handlers by parameter name."""

    def __init__(
        self,
        routes: Routes,
        languages: Languages,
        telegram: Telegram,
        people: PeopleService,
        dialogs: Callable[[Door, int], Awaitable[Dialog | None]],
        services: Data,
    ) -> None:
        self.routes, self._languages, self._telegram = routes, languages, telegram
        self._people, self._dialogs = people, dialogs
        self._house = Actor(0, languages.translator())
        self._session = _NoSession()
        self._bots: dict[int, AiogramBot] = {}
        self._dispatcher = Dispatcher(disable_fsm=True, **services)
        self._dispatcher.update.outer_middleware(self._tell_errors)
        self._dispatcher.update.outer_middleware(self._know_actor)
        named = Router(name="names")
        named.message.register(self._message)
        named.callback_query.register(self._pressed)
        self._dispatcher.include_routers(*routes.routers, named)

    async def feed(self, tenant: Bot, update: Data) -> None:
        """Work one update off. What is raised here is a failure of ours: the update comes again."""
        bot = self._bots.get(tenant.id)
        if bot is None:  # the real token stays out of aiogram's objects
            bot = AiogramBot(f"{tenant.telegram_id}:hidden", session=self._session)
            self._bots[tenant.id] = bot
        await self._dispatcher.feed_update(
            bot, Update.model_validate(update, context={"bot": bot}), tenant=tenant
        )

    async def _tell_errors(self, handler: Next, update: TelegramObject, data: Data) -> Any:
        """Errors a person can do something about become a sentence; the others fail the update."""
        assert isinstance(update, Update)  # noqa: S101 - the update observer gets nothing else
        try:
            return await handler(update, data)
        except DuplicateUpdate:
            return None
        except GatehouseError as error:
            door: Door | None = data.get("door")
            actor: Actor | None = data.get("actor")
            query: CallbackQuery | None = update.callback_query
            log.info("refused", extra={"code": error.code, "details": str(error.details)})
            speaks = update.message is not None or query is not None
            if isinstance(error, TelegramFlood | TelegramUnreachable) and not speaks:
                raise  # nobody to tell: the update comes again when Telegram is back
            if door is None or actor is None or not speaks:
                return None
            words = errors.sentence(actor.t, error)
            try:
                if query is not None:
                    await self._answer(data["tenant"], query, words, alert=True)
                else:
                    await Talk(self._telegram, door).say(Page(esc(words)))
            except TelegramRefused as refusal:
                log.info("the refusal could not be told", extra={"words": refusal.description})
            return None

    async def _know_actor(self, handler: Next, update: TelegramObject, data: Data) -> Any:
        """Who does it, where, in which language."""
        assert isinstance(update, Update)  # noqa: S101 - the update observer gets nothing else
        tenant: Bot = data["tenant"]
        user: User | None = data.get("event_from_user")
        chat: Chat | None = data.get("event_chat")
        structlog.contextvars.bind_contextvars(bot=tenant.id, update=update.update_id)
        private = chat is not None and chat.type == "private"
        speaks = update.message is not None or update.callback_query is not None
        language = None
        # The others (joins above all) remember people in their own unit of work.
        asks = speaks or update.chat_join_request is not None
        if user is not None and not user.is_bot and asks:
            seen = Person(user.id, user.first_name, user.last_name, user.username, user.language_code)
            person = await self._people.meet(
                self._house, tenant.id, seen, started=private and update.message is not None
            )
            language = person.language
        t = self._languages.translator(language, user.language_code if user else None)
        message = update.message or (update.callback_query.message if update.callback_query else None)
        topic = (
            message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
        )
        door = Door(
            bot_id=tenant.id,
            update_id=update.update_id,
            chat_id=chat.id if chat else (user.id if user else 0),
            message_id=message.message_id if message else None,
            thread_id=topic,
            pressed=update.callback_query is not None,
            private=private,
        )
        anonymous = None
        if isinstance(message, Message) and update.message and message.sender_chat and chat:
            anonymous = chat.id if message.sender_chat.id == chat.id else None
        actor = Actor(
            # Telegram fills `from` of anonymous and channel messages with a placeholder account.
            user_id=user.id if user and not (update.message and update.message.sender_chat) else -1,
            t=t,
            name=user.full_name if user else "",
            door=door,
            anonymous_in=anonymous,
            username=user.username if user else None,
        )
        data |= {"door": door, "actor": actor, "t": t, "languages": self._languages}
        if speaks:
            data["talk"] = Talk(self._telegram, door)
        return await handler(update, data)

    async def _message(self, message: Message, **data: Any) -> Any:
        """A command, a step of a conversation, or (in private) something for the fallback."""
        text = message.text or ""
        tenant: Bot = data["tenant"]
        private = message.chat.type == "private"
        if text.startswith("/"):
            name, _, args = text[1:].partition(" ")
            name, _, addressee = name.partition("@")
            if addressee and addressee.lower() != tenant.username.lower():
                return UNHANDLED
            command = self.routes.commands.get(name.lower())
            if command is not None:
                return await self._command(command, message, args.strip(), data)
            if not private:
                return UNHANDLED
            raise NotFound("command")
        if private:
            dialog = await self._dialogs(data["door"], data["actor"].user_id)
            if dialog is not None and (step := self.routes.steps.get(dialog.step)) is not None:
                return await step.call(message, **data, dialog=dialog)
        fallback: CallableObject | None = self.routes.steps.get("start:anything") if private else None
        return await fallback.call(message, **data) if fallback else UNHANDLED

    async def _command(self, command: Command, message: Message, args: str, data: Data) -> Any:
        private = message.chat.type == "private"
        if not command.where & (Where.PRIVATE if private else Where.GROUPS):
            raise NotFound("command_in_groups" if private else "command_in_private")
        if command.name == "start" and args and (found := self.routes.link_for(args)) is not None:
            handler, rest = found
            return await handler.call(message, **data, args=rest)
        return await command.handler.call(message, **data, args=args)

    async def _pressed(self, query: CallbackQuery, **data: Any) -> Any:
        """A button: its handler's answer is shown, and Telegram's spinner always ends."""
        feature, _, rest = (query.data or "").partition(":")
        verb, _, tail = rest.partition(":")
        handler = self.routes.buttons.get(f"{feature}:{verb}")
        if handler is None:
            raise NotFound("button")
        words = await handler.call(query, **data, args=tail.split(":") if tail else [])
        await self._answer(data["tenant"], query, words if isinstance(words, str) else None)

    async def _answer(
        self, tenant: Bot, query: CallbackQuery, words: str | None, alert: bool = False
    ) -> None:
        params: Data = {"callback_query_id": query.id}
        if words:
            params |= {"text": cut(plain(words), ANSWER_LIMIT), "show_alert": alert}
        try:
            await self._telegram.ask(tenant.id, "answerCallbackQuery", **params)
        except TelegramRefused as error:  # a redelivered press is too old to be answered
            log.info("callback not answered", extra={"words": error.description})
