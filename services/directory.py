"""The connected bots in memory: who they are and whose, asked for with every update."""

import asyncio

from domain.bots import Bot
from domain.errors import NotFound
from services.signals import Signals
from services.vault import Vault
from services.work import Work
from storage import bots
from storage.database import Database

BOT_CHANGED = "bot"
TOKEN = "bot token"  # noqa: S105 - what the vault binds sealed tokens to


class BotDirectory:
    """All living bots of this installation, kept current by signals from any process."""

    def __init__(self, db: Database, signals: Signals, vault: Vault) -> None:
        self._db, self._vault = db, vault
        self._tokens: dict[int, str] = {}
        self._by_id: dict[int, Bot] = {}
        self._by_public_id: dict[str, Bot] = {}
        self._by_telegram_id: dict[int, Bot] = {}
        self._stale: set[int] = set()
        self._doubtful = False  # nothing here can be relied on
        self._refreshing = asyncio.Lock()
        signals.on(BOT_CHANGED, self._stale.add)
        signals.on_gap(self._doubt)

    async def load(self) -> None:
        """Read all bots: at start, and when news of them may have been missed."""
        async with self._db.read() as tx:
            alive = await bots.alive(tx)
        self._tokens, self._by_id, self._by_public_id, self._by_telegram_id = {}, {}, {}, {}
        for bot in alive:
            self._keep(bot)

    def _doubt(self) -> None:
        self._doubtful = True

    async def get(self, bot_id: int) -> Bot | None:
        """A living bot by our id."""
        await self._refresh()
        return self._by_id.get(bot_id)

    async def by_public_id(self, public_id: str) -> Bot | None:
        """A living bot by the name in its webhook path."""
        await self._refresh()
        return self._by_public_id.get(public_id)

    async def by_telegram_id(self, telegram_id: int) -> Bot | None:
        """A living bot by Telegram's id."""
        await self._refresh()
        return self._by_telegram_id.get(telegram_id)

    async def token(self, bot_id: int) -> str:
        """The token of a living bot; raises `NotFound`."""
        await self._refresh()
        if (token := self._tokens.get(bot_id)) is None:
            async with self._db.read() as tx:
                sealed = await bots.sealed_token(tx, bot_id)
            if sealed is None:
                raise NotFound("bot")
            token = self._tokens[bot_id] = self._vault.open(sealed, TOKEN).decode()
        return token

    async def all(self) -> list[Bot]:
        """All living bots."""
        await self._refresh()
        return list(self._by_id.values())

    def changed(self, work: Work, bot_id: int) -> None:
        """Say, with the transaction that does it, that a bot's row changes."""
        work.signal(BOT_CHANGED, bot_id)

    async def _refresh(self) -> None:
        if not self._stale and not self._doubtful and not self._refreshing.locked():
            return
        async with self._refreshing:  # whoever comes meanwhile waits for the news, too
            if self._doubtful:
                self._doubtful = False
                try:
                    await self.load()
                except BaseException:
                    self._doubtful = True
                    raise
            for bot_id in list(self._stale):
                self._stale.discard(bot_id)
                try:
                    async with self._db.read() as tx:
                        bot = await bots.get(tx, bot_id)
                except BaseException:
                    self._stale.add(bot_id)  # the news is not known yet
                    raise
                self._tokens.pop(bot_id, None)
                old = self._by_id.pop(bot_id, None)
                if old is not None:
                    self._by_public_id.pop(old.public_id, None)
                    self._by_telegram_id.pop(old.telegram_id, None)
                if bot is not None and bot.alive:
                    self._keep(bot)

    def _keep(self, bot: Bot) -> None:
        self._by_id[bot.id] = bot
        self._by_public_id[bot.public_id] = bot
        self._by_telegram_id[bot.telegram_id] = bot
