"""The bots' command menus and the rights they ask for: kept at Telegram, set when they change."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from domain.actor import Translator
from domain.bots import CHANNEL_RIGHTS, GROUP_RIGHTS, Bot
from domain.clock import Clock
from domain.errors import GatehouseError, TelegramError, TelegramFlood, TelegramRefused
from domain.telegram import Telegram
from services.directory import BOT_CHANGED, BotDirectory
from services.signals import Signals
from storage import people, settings
from storage.database import Database
from storage.settings import DEFAULT_CHAT

log = logging.getLogger(__name__)
FEATURE = "menu"  # where is noted what was set
TRY_AGAIN = 600.0  # seconds after a failure


class MenuScope(StrEnum):
    """Who sees a menu: `BotCommandScope` by Telegram's names. `OWNER` is his private chat with the bot."""

    PRIVATE = "all_private_chats"
    GROUPS = "all_group_chats"
    ADMINS = "all_chat_administrators"
    OWNER = "chat"


class Menu(Protocol):
    """The commands of a scope with their descriptions, in the order they are shown."""

    def __call__(self, t: Translator, scope: MenuScope, *, is_service: bool) -> list[tuple[str, str]]: ...


class MenuService:
    """Sets menus in the background: connecting a bot neither waits for them nor fails with them."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        telegram: Telegram,
        directory: BotDirectory,
        signals: Signals,
        menu: Menu,
        languages: Mapping[str, Translator],
        owner_ids: frozenset[int],
    ) -> None:
        self._db, self._clock, self._telegram, self._directory = db, clock, telegram, directory
        self._menu, self._owner_ids = menu, owner_ids
        # Telegram knows languages by two letters; English is what everybody else gets.
        self._languages = {"" if code == "en" else code[:2]: t for code, t in languages.items()}
        self._due: set[int] = set()
        self._later: dict[int, float] = {}
        self._wake = asyncio.Event()
        self._busy = False
        signals.on(BOT_CHANGED, self.look_at)

    def look_at(self, bot_id: int) -> None:
        """See soon whether the bot's menus are right: it was connected, or its owner said hello."""
        self._due.add(bot_id)
        self._wake.set()

    @property
    def idle(self) -> bool:
        """True when nothing is to be set now (for tests)."""
        return not self._due and not self._busy

    async def run(self) -> None:
        """Keep the menus of all bots right until cancelled."""
        loop = asyncio.get_running_loop()
        self._due |= {bot.id for bot in await self._directory.all()}
        while True:
            self._wake.clear()
            self._due |= {bot_id for bot_id, when in self._later.items() if when <= loop.time()}
            while self._due:
                self._busy = True
                try:
                    await self._attempt(self._due.pop(), loop.time())
                finally:
                    self._busy = False
            until = min(self._later.values(), default=loop.time() + TRY_AGAIN)
            try:
                async with asyncio.timeout_at(until):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def clear(self, bot: Bot, token: str) -> None:
        """Take the menus of a bot away that is being disconnected; what fails stays."""
        scopes = [_scope(scope, None) for scope in MenuScope if scope is not MenuScope.OWNER]
        scopes += [_scope(MenuScope.OWNER, owner_id) for owner_id in self._owners(bot)]

        async def delete(scope: dict[str, Any], language: str) -> None:
            try:
                await self._telegram.ask_with(token, "deleteMyCommands", scope=scope, language_code=language)
            except TelegramError as error:
                log.info("menu not removed", extra={"bot": bot.id, "details": str(error.details)})

        await asyncio.gather(*(delete(scope, code) for scope in scopes for code in self._languages))

    async def _attempt(self, bot_id: int, now: float) -> None:
        self._later.pop(bot_id, None)
        try:
            await self._set(bot_id)
        except GatehouseError as error:
            log.info("menus not set", extra={"bot": bot_id, "details": str(error.details)})
            self._later[bot_id] = now + (error.retry_after if isinstance(error, TelegramFlood) else TRY_AGAIN)

    async def _set(self, bot_id: int) -> None:
        bot = await self._directory.get(bot_id)
        if bot is None:
            return
        async with self._db.read() as tx:
            done = await settings.get(tx, bot_id, DEFAULT_CHAT, FEATURE)
            met = [await people.get(tx, bot_id, owner_id) for owner_id in self._owners(bot)]
        owners = [one.user_id for one in met if one is not None and one.reachable]
        wanted = self._fingerprint(bot)
        greeted = set(done.get("owners", ())) if done.get("hash") == wanted else set()
        if done.get("hash") == wanted and greeted.issuperset(owners):
            return
        if done.get("hash") != wanted:
            await self._set_for_all(bot)
        for owner_id in owners:
            if owner_id not in greeted:
                await self._set_for_owner(bot, owner_id)
        async with self._db.write() as tx:
            document = {"hash": wanted, "owners": sorted(greeted.union(owners))}
            await settings.put(tx, bot_id, DEFAULT_CHAT, FEATURE, document, self._clock.now())

    async def _set_for_all(self, bot: Bot) -> None:
        for scope in (MenuScope.PRIVATE, MenuScope.GROUPS, MenuScope.ADMINS):
            await self._set_commands(bot, scope, None)
        for rights, for_channels in ((GROUP_RIGHTS, False), (CHANNEL_RIGHTS, True)):
            asked = dict.fromkeys(("can_manage_chat", *rights), True)
            await self._telegram.ask(
                bot.id, "setMyDefaultAdministratorRights", rights=asked, for_channels=for_channels
            )

    async def _set_for_owner(self, bot: Bot, owner_id: int) -> None:
        try:
            await self._set_commands(bot, MenuScope.OWNER, owner_id)
        except TelegramRefused as error:  # he has blocked the bot meanwhile
            log.info("no menu for the owner", extra={"bot": bot.id, "words": error.description})

    async def _set_commands(self, bot: Bot, scope: MenuScope, chat_id: int | None) -> None:
        for code, t in self._languages.items():
            commands = [
                {"command": name, "description": words}
                for name, words in self._menu(t, scope, is_service=bot.is_service)
            ]
            await self._telegram.ask(
                bot.id,
                "setMyCommands",
                commands=commands,
                scope=_scope(scope, chat_id),
                language_code=code,
            )

    def _owners(self, bot: Bot) -> list[int]:
        """Whoever may connect bots sees the commands for it in the service bot."""
        others = self._owner_ids if bot.is_service else frozenset()
        return sorted(others | {bot.owner_id} - {0})

    def _fingerprint(self, bot: Bot) -> str:
        menus = {
            f"{code}:{scope}": self._menu(t, scope, is_service=bot.is_service)
            for code, t in self._languages.items()
            for scope in MenuScope
        }
        content = msgspec.json.encode([menus, GROUP_RIGHTS, CHANNEL_RIGHTS], order="sorted")
        return hashlib.sha256(content).hexdigest()[:32]


def _scope(scope: MenuScope, chat_id: int | None) -> dict[str, Any]:
    return {"type": scope.value} if chat_id is None else {"type": scope.value, "chat_id": chat_id}
