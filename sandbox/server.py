"""HTTP: the Bot API, files, and the page, on one loopback port."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from sandbox.errors import TelegramError
from sandbox.gateway import Gateway, Reply
from sandbox.params import Params, Upload

BODY_LIMIT = 52 * 1024 * 1024


class Server:
    """The aiohttp side of a sandbox."""

    def __init__(self, gateway: Gateway, host: str, port: int) -> None:
        self._gateway = gateway
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self.app = web.Application(client_max_size=BODY_LIMIT)
        self.app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._api)
        self.app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._file)
        self.url = ""

    async def start(self) -> None:
        """Listen; ``url`` is known afterwards."""
        self._runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{port}"

    async def close(self) -> None:
        """Stop listening and drop open connections."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        bot = self._gateway.world.tokens.get(request.match_info["token"])
        if bot is None:
            return _json(TelegramError(401, "Unauthorized"))
        try:
            params = await read_params(request)
        except ValueError:
            return _json(TelegramError(400, "Bad Request: can't parse the request body"))
        reply = await self._gateway.call(bot, request.match_info["method"], params)
        return self._send(request, reply)

    def _send(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        if reply.outcome == "close" and request.transport is not None:
            request.transport.abort()
        return web.Response(status=reply.status, body=reply.body, content_type="application/json")

    async def _file(self, request: web.Request) -> web.Response:
        world = self._gateway.world
        if request.match_info["token"] not in world.tokens:
            return _json(TelegramError(401, "Unauthorized"))
        for file in world.files.values():
            if file.path == request.match_info["path"]:
                return web.Response(body=file.data, content_type="application/octet-stream")
        return _json(TelegramError(404, "Not Found"))


def _json(error: TelegramError) -> web.Response:
    return web.Response(
        status=error.code,
        body=msgspec.json.encode(error.body()),
        content_type="application/json",
    )


async def read_params(request: web.Request) -> Params:
    """Parameters from the query and from a JSON, form or multipart body.

    Raises:
        ValueError: a JSON body that is no object.
    """
    values: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    if not request.can_read_body:
        return Params(values)
    if request.content_type == "application/json":
        body = msgspec.json.decode(await request.read())
        if not isinstance(body, dict):
            raise ValueError("a JSON object expected")
        return Params(values | body)
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = Upload(value.filename, value.content_type, value.file.read())
        elif isinstance(value, bytes | bytearray):
            files[name] = Upload(name, "application/octet-stream", bytes(value))
        else:
            values[name] = value
    return Params(values, files)
