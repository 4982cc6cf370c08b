"""The Bot API client: one aiohttp session for all bots, JSON bodies, typed errors."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec

from domain.errors import TelegramFlood, TelegramRefused, TelegramUnreachable

TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)
CONNECTIONS = 256

_encode = msgspec.json.Encoder().encode
_JSON = {"Content-Type": "application/json"}


class _Parameters(msgspec.Struct):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Answer(msgspec.Struct):
    ok: bool
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: _Parameters | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class Tokens(Protocol):
    """Knows the token of a connected bot."""

    async def token(self, bot_id: int) -> str: ...


class TelegramClient:
    """Calls the Bot API for every bot over one connection pool (`domain.telegram.Telegram`)."""

    def __init__(self, session: aiohttp.ClientSession, api: str, tokens: Tokens) -> None:
        self._session, self._api, self._tokens = session, api, tokens

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        return await self.post(await self._tokens.token(bot_id), method, params)

    async def ask_with(self, token: str, method: str, /, **params: Any) -> Any:
        return await self.post(token, method, params)

    async def ask_with_files(
        self, bot_id: int, method: str, params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]
    ) -> Any:
        return await self.post(await self._tokens.token(bot_id), method, params, files)

    async def download(self, bot_id: int, file_id: str, most: int) -> bytes:
        """A file people sent (`domain.telegram.Files`)."""
        token = await self._tokens.token(bot_id)
        found = await self.post(token, "getFile", {"file_id": file_id})
        if found.get("file_size", 0) > most or "file_path" not in found:
            raise TelegramRefused(400, "file is too big")
        try:
            async with self._session.get(
                f"{self._api}/file/bot{token}/{found['file_path']}", allow_redirects=False
            ) as response:
                content = await response.content.read(most + 1)
                while len(content) <= most and (more := await response.content.read(most + 1 - len(content))):
                    content += more
                status = response.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TelegramUnreachable(sent=True, reason=type(error).__name__) from None
        if status != 200:
            raise TelegramUnreachable(sent=True, reason=f"HTTP {status} for a file")
        if len(content) > most:
            raise TelegramRefused(400, "file is too big")
        return content

    async def post(
        self,
        token: str,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, tuple[str, bytes]] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """One call. `timeout` in seconds replaces the usual 60 (long polling waits longer)."""
        url = f"{self._api}/bot{token}/{method}"
        body: Any = _form(params, files) if files else _encode(params)
        try:
            async with self._session.post(
                url,
                data=body,
                headers=None if files else _JSON,
                timeout=TIMEOUT if timeout is None else aiohttp.ClientTimeout(total=timeout, connect=10),
            ) as response:
                status, raw = response.status, await response.read()
        except aiohttp.ClientConnectorError as error:
            raise TelegramUnreachable(sent=False, reason=type(error).__name__) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            # The request may have been read before the line broke. The error's own text can hold the
            # address, and with it the token: only its kind is kept.
            raise TelegramUnreachable(sent=True, reason=type(error).__name__) from None
        return _result(status, raw)


def _result(status: int, raw: bytes) -> Any:
    try:
        answer = _decode(raw)
    except msgspec.MsgspecError:
        raise TelegramUnreachable(sent=True, reason=f"HTTP {status} without a Bot API answer") from None
    if answer.ok:
        return answer.result
    parameters = answer.parameters or _Parameters()
    if parameters.retry_after is not None:
        raise TelegramFlood(parameters.retry_after)
    if answer.error_code >= 500:
        raise TelegramUnreachable(sent=True, reason=f"{answer.error_code} {answer.description}")
    raise TelegramRefused(answer.error_code, answer.description, parameters.migrate_to_chat_id)


def _form(params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in params.items():
        if value is not None:
            form.add_field(name, value if isinstance(value, str) else _encode(value).decode())
    for name, (filename, content) in files.items():
        form.add_field(name, content, filename=filename)
    return form


def new_session(api: str) -> aiohttp.ClientSession:
    """The session all bots share (a session of its own each costs some 700 KB a bot).

    A proxy is taken from the environment once: aiohttp's `trust_env` asks it, and a netrc file, in a
    thread for every single request.
    """
    parts = urlsplit(api)
    bypassed = proxy_bypass(parts.hostname or "")
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=300),
        timeout=TIMEOUT,
        proxy=None if bypassed else getproxies().get(parts.scheme),
        # Nobody but us chooses these addresses, and a token is part of their path: no cookies, no history.
        cookie_jar=aiohttp.DummyCookieJar(),
    )
