"""What the page's tools do: people, Stars, the clock, trouble. Nobody in Telegram does these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from sandbox.limits import COUNTINGS
from sandbox.model import Json
from sandbox.paying import take_back
from sandbox.view_money import ledger_shape
from sandbox.view_shapes import faults_shape

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

STARS_OF_NEWCOMERS = 1000


class Tools:
    """One method per address of ``/sandbox/api``; each takes and answers JSON."""

    def __init__(self, tg: Sandbox) -> None:
        self._tg = tg

    async def people(self, body: Json) -> Json:
        """Somebody new."""
        name = str(body.get("name") or "").strip()
        if not name:
            raise SandboxError("A person needs a name.")
        person = self._tg.user(
            name,
            language=body.get("language") or "en",
            username=body.get("username") or None,
            premium=bool(body.get("premium")),
            stars=STARS_OF_NEWCOMERS,
        )
        self._tg.world.notify("user", person.user)
        return {"id": person.id}

    async def stars(self, body: Json) -> Json:
        """Stars for a person."""
        user = self._tg.world.users.get(int(body.get("as") or 0))
        if user is None:
            raise SandboxError("There is no such person.")
        user.stars += int(body.get("amount") or 0)
        self._tg.world.notify("user", user)
        return {"stars": user.stars}

    async def take_back(self, body: Json) -> Json:
        """Telegram takes a payment back from the bot."""
        payment = self._tg.world.payments.get(str(body.get("charge")))
        if payment is None:
            raise SandboxError("There is no such payment.")
        take_back(self._tg.world, payment)
        return ledger_shape(self._tg.world, payment.bot)

    async def set_clock(self, body: Json) -> Json:
        """Move the clock, or set it right."""
        if body.get("reset"):
            self._tg.clock.reset()
        else:
            self._tg.clock.advance(seconds=float(body.get("advance") or 0))
        return self.clock()

    def clock(self) -> Json:
        """Clock."""
        return {"now": self._tg.clock.time(), "offset": self._tg.clock.offset}

    async def set_faults(self, body: Json) -> Json:
        """Switch trouble on and off."""
        tg = self._tg
        if "add" in body:
            tg.faults.add(**body["add"])
        if "remove" in body:
            tg.faults.remove(int(body["remove"]))
        if body.get("clear"):
            tg.faults.clear()
            tg.redeliver_everything = tg.limits.flood = False
        if "down" in body:
            tg.faults.down = bool(body["down"])
        if "duplicates" in body:
            tg.redeliver_everything = bool(body["duplicates"])
        if "flood" in body:
            tg.limits.flood = bool(body["flood"])
        if body.get("counting") in COUNTINGS:
            tg.limits.counting = body["counting"]
        tg.world.notify("faults", None)
        return self.faults()

    def faults(self) -> Json:
        """Faults."""
        tg = self._tg
        return faults_shape(tg.faults, tg.limits, duplicates=tg.redeliver_everything)
