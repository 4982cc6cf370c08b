"""What is wrong with settings and environment, in plain words, before anything is started or changed."""

import asyncio
import stat
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp

from bot import i18n
from bot.settings import Settings, SettingsError, load, require_bot
from delivery.telegram import TelegramClient, new_session
from domain.errors import NotFound, TelegramError, TelegramRefused
from storage import migrate

ALIVE = '{"status":"ok"}'  # what /healthz says, without spaces
PATIENCE = 10  # seconds for each question to somebody outside


class Level(StrEnum):
    """How bad a finding is; its value is the sign it is shown with."""

    GOOD = "✓"
    NOTE = "•"
    WRONG = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `words` are a sentence, and for something wrong say what to do."""

    level: Level
    words: str

    def __str__(self) -> str:
        return f"{self.level} {self.words}"


class _NoBots:
    """The checkup talks with the token of the settings only."""

    async def token(self, bot_id: int) -> str:
        raise NotFound("bot")


def healthy(findings: list[Finding]) -> bool:
    """Whether `serve` can be started."""
    return all(finding.level is not Level.WRONG for finding in findings)


async def examine(settings: Settings | None = None) -> list[Finding]:
    """Look at everything. `settings` are read from the environment and `.env` where not given."""
    try:
        settings = settings or load()
    except SettingsError as error:
        return [Finding(Level.WRONG, line) for line in str(error).splitlines()]
    findings = [*_data(settings), *_languages(settings)]
    findings += [finding async for finding in _database(settings)]
    try:
        require_bot(settings)
    except SettingsError as error:
        return [*findings, Finding(Level.WRONG, str(error))]
    async with new_session(settings.telegram_api) as session:
        findings += [finding async for finding in _telegram(settings, session)]
        if settings.public_url:
            findings.append(await _public(settings, session))
    return findings


def _data(settings: Settings) -> list[Finding]:
    """The data directory and the key in it."""
    place = settings.data_dir
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        words = (
            f"The data directory {place} cannot be written to ({error.strerror}): change its owner, or set "
        )
        return [Finding(Level.WRONG, words + "GATEHOUSE_DATA_DIR to another one.")]
    findings = [Finding(Level.GOOD, f"The data directory {place} can be written to.")]
    key = place / "secret_key"
    try:
        if key.exists():
            settings.key()
            if stat.S_IMODE(key.stat().st_mode) & 0o077:
                words = f"Other users of this machine can read {key}: run chmod 600 {key}"
                findings.append(Finding(Level.WRONG, words))
    except OSError as error:
        findings.append(Finding(Level.WRONG, f"{key} cannot be read ({error.strerror})."))
    except SettingsError as error:
        findings.append(Finding(Level.WRONG, str(error)))
    return findings


def _languages(settings: Settings) -> list[Finding]:
    """Every language wanted has a catalogue."""
    available = i18n.available()
    missing = [code for code in settings.languages if code not in available]
    if missing:
        words = f"GATEHOUSE_LANGUAGES names {', '.join(missing)}, but there is only {', '.join(available)}."
        return [Finding(Level.WRONG, words)]
    return [Finding(Level.GOOD, f"Speaks {', '.join(settings.languages)}.")]


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    """Reachable, and what a start would do to it."""
    try:
        async with asyncio.timeout(PATIENCE):
            at = await migrate.revision(settings.database)
    except Exception as error:  # drivers and the network fail in many ways; all of them mean the same here
        words = f"The database cannot be reached ({type(error).__name__}): check GATEHOUSE_DATABASE_URL, "
        yield Finding(Level.WRONG, words + "and that the server runs and lets this user in.")
        return
    if at is None:
        yield Finding(Level.GOOD, "The database is reachable and empty: it is set up at the first start.")
    elif at == migrate.newest():
        yield Finding(Level.GOOD, "The database is reachable and up to date.")
    elif migrate.knows(at):
        yield Finding(Level.NOTE, "The database is of an earlier version: it is brought up to date at start.")
    else:
        words = "The database was written by a newer Gatehouse: install that version, or restore a backup."
        yield Finding(Level.WRONG, words)


async def _telegram(settings: Settings, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    """The token, and where updates go now."""
    client, token = TelegramClient(session, settings.telegram_api, _NoBots()), settings.bot_token
    try:
        me = await client.post(token.get_secret_value(), "getMe", {}, timeout=PATIENCE)
        hook = await client.post(token.get_secret_value(), "getWebhookInfo", {}, timeout=PATIENCE)
    except TelegramRefused:
        words = (
            "Telegram does not know GATEHOUSE_BOT_TOKEN: copy it again from @BotFather (/mybots, API Token)."
        )
        yield Finding(Level.WRONG, words)
        return
    except TelegramError:
        words = (
            f"{settings.telegram_api} cannot be reached: check the network, or set GATEHOUSE_TELEGRAM_API."
        )
        yield Finding(Level.WRONG, words)
        return
    yield Finding(Level.GOOD, f"The service bot is @{me.get('username', '')}.")
    for finding in _webhook(settings, hook):
        yield finding


def _webhook(settings: Settings, hook: dict[str, Any]) -> list[Finding]:
    """What Telegram says about the bot's webhook (https://core.telegram.org/bots/api#webhookinfo)."""
    url, ours = str(hook.get("url", "")), settings.public_url
    if not ours and url:
        words = "A webhook is set for the service bot. Starting removes it: GATEHOUSE_PUBLIC_URL is empty, "
        return [Finding(Level.NOTE, words + "so updates are polled.")]
    if not ours:
        return [Finding(Level.GOOD, "Updates are polled; no public address is needed.")]
    if not url:
        return [Finding(Level.GOOD, "No webhook is set yet: starting sets it.")]
    if not url.startswith(f"{ours}/tg/"):
        words = "The webhook of the service bot is at another address: starting moves it here. If another "
        return [Finding(Level.NOTE, words + "program uses this bot, give Gatehouse one of its own.")]
    findings = [
        Finding(Level.GOOD, f"The webhook is set, {hook.get('pending_update_count', 0)} updates wait.")
    ]
    if last := hook.get("last_error_message"):
        findings.append(Finding(Level.NOTE, f"Telegram's last failure at the webhook: {last}."))
    return findings


async def _public(settings: Settings, session: aiohttp.ClientSession) -> Finding:
    """Whether we are reached at the public address; Gatehouse need not run while it is checked."""
    address = f"{settings.public_url}/healthz"
    try:
        async with session.get(address, timeout=aiohttp.ClientTimeout(total=PATIENCE)) as response:
            body = await response.text()
    except aiohttp.ClientConnectorCertificateError:
        words = f"The certificate of {settings.public_url} is not valid: Telegram will not accept it either."
        return Finding(Level.WRONG, words)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        body = ""
    if "".join(body.split()) == ALIVE:
        return Finding(Level.GOOD, f"{address} answers.")
    words = (
        f"{address} does not answer as Gatehouse does. While it runs it must: check DNS, firewall and proxy."
    )
    return Finding(Level.NOTE, words)
