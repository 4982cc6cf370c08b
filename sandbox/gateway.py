"""Runs Bot API calls: faults first, then the method, and a record of each call."""

from __future__ import annotations

import asyncio
import inspect
import time
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from sandbox.activity import Activity
from sandbox.errors import SandboxError, TelegramError, bad_request, too_many_requests
from sandbox.faults import Fault, Faults
from sandbox.methods import METHOD_NAMES, METHODS
from sandbox.model import Bot, Json
from sandbox.params import Call, Params
from sandbox.world import World

Outcome = Literal["answer", "close", "broken"]


@dataclass(eq=False, slots=True)
class CallRecord:
    """One Bot API call a bot made."""

    number: int
    time: float
    bot: Bot
    method: str
    params: Json
    result: Any = None
    error: TelegramError | None = None
    fault: str | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.error is None and self.fault not in ("hang", "down")

    @property
    def chat_id(self) -> int | None:
        """The chat the call was about, when it names one by number."""
        try:
            return int(self.params["chat_id"])
        except (KeyError, TypeError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP."""

    status: int
    body: bytes
    outcome: Outcome = "answer"


class Gateway:
    """The way into the world for bots."""

    def __init__(self, world: World, faults: Faults, activity: Activity) -> None:
        self.world = world
        self.faults = faults
        self.activity = activity
        self.records: list[CallRecord] = []

    async def call(self, bot: Bot, name: str, params: Params) -> Reply:
        """Execute one call as Telegram would answer it."""
        name = METHOD_NAMES.get(name.lower(), name)
        shown = {key: _shown(value) for key, value in params.values.items()}
        shown |= {key: f"<{upload.name}>" for key, upload in params.files.items()}
        record = CallRecord(len(self.records) + 1, self.world.clock.time(), bot, name, shown)
        started = time.perf_counter()
        # A long poll is waiting, not work: it never keeps a story from settling.
        counts = name != "getUpdates"
        if counts:
            self.records.append(record)
            self.activity.calls_in_flight += 1
        try:
            return await self._run(record, params)
        finally:
            record.seconds = time.perf_counter() - started
            if counts:
                self.activity.calls_in_flight -= 1
                self.activity.beat()
                self.world.notify("call", record)

    async def webhook_reply(self, bot: Bot, body: Json) -> None:
        """Execute the call a webhook put into its answer; its result goes nowhere."""
        method = str(body.pop("method"))
        await self.call(bot, method, Params(body))

    async def _run(self, record: CallRecord, params: Params) -> Reply:
        if self.faults.down:
            record.fault = "down"
            return _error(TelegramError(502, "Bad Gateway"))
        fault = self.faults.strike(record.bot.id, record.method, record.chat_id)
        if fault is not None:
            record.fault = fault.kind
            early = await self._before(fault, record)
            if early is not None:
                return early
        try:
            record.result = await self._execute(record, params)
        except TelegramError as error:
            record.error = error
            reply = _error(error)
        else:
            reply = Reply(200, msgspec.json.encode({"ok": True, "result": record.result}))
        if fault is not None and fault.kind == "lost":
            return Reply(reply.status, b"", "close")
        if fault is not None and fault.kind == "broken":
            return Reply(reply.status, reply.body[: len(reply.body) // 2], "broken")
        return reply

    async def _before(self, fault: Fault, record: CallRecord) -> Reply | None:
        if fault.kind == "flood":
            record.error = too_many_requests(fault.retry_after)
            return _error(record.error)
        if fault.kind == "error":
            record.error = TelegramError(fault.status, _reason(fault.status))
            return _error(record.error)
        if fault.kind == "hang":
            # Hanging is no activity; a story goes on while the call keeps waiting.
            self.activity.calls_in_flight -= 1
            self.activity.beat()
            try:
                await asyncio.sleep(fault.seconds)
            finally:
                self.activity.calls_in_flight += 1
            return Reply(504, b"", "close")
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return None

    async def _execute(self, record: CallRecord, params: Params) -> Any:
        function = METHODS.get(record.method.lower())
        if function is None:
            raise TelegramError(404, "Not Found: method not found")
        try:
            result = function(Call(self.world, record.bot, record.method, params))
            return await result if inspect.isawaitable(result) else result
        except SandboxError as error:
            raise bad_request(str(error)) from error
        except (KeyError, TypeError, ValueError) as error:
            # A value of the wrong shape deep in a JSON parameter.
            raise bad_request(f"can't parse the request: {error}") from error


def _error(error: TelegramError) -> Reply:
    return Reply(error.code, msgspec.json.encode(error.body()))


def _reason(status: int) -> str:
    return {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}.get(
        status, "Internal Server Error"
    )


def _shown(value: Any) -> Any:
    """A parameter as the log keeps it: JSON strings of forms are opened."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value.encode())
        except msgspec.DecodeError:
            return value
    return value
