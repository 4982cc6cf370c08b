"""Telegram's list of a bot's Star transactions, read from where it was left: no payment is ever lost.

https://core.telegram.org/bots/api#getstartransactions lists them in the order they were made, so how many
were read says where to go on.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.actor import Actor
from domain.clock import Clock
from domain.errors import TelegramError
from domain.gateways import Proof, State
from domain.money import STARS, Money
from domain.orders import STARS as STARS_GATEWAY
from domain.telegram import Telegram
from services.access import Access, Guarded, Permission, needs
from services.payments import PaymentService
from storage import orders, payments
from storage.database import Database

log = logging.getLogger(__name__)
PAGE = 100  # the most Telegram gives at once


class StarService(Guarded):
    """Reads the lists of all bots that sell for Stars."""

    def __init__(
        self, access: Access, db: Database, clock: Clock, telegram: Telegram, taking: PaymentService
    ) -> None:
        super().__init__(access)
        self._db, self._clock, self._telegram, self._taking = db, clock, telegram, taking

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> int:
        """Read on in every list; returns how many transactions were read."""
        async with self._db.read() as tx:
            bots = await orders.star_bots(tx)
        read = 0
        for bot_id in bots:
            try:
                read += await self._read(actor, bot_id)
            except TelegramError as error:
                log.info("star transactions not read", extra={"bot": bot_id, "details": str(error.details)})
            except Exception:  # one bot's trouble must not keep the others from being read
                log.exception("star transactions failed", extra={"bot": bot_id})
        return read

    async def _read(self, actor: Actor, bot_id: int) -> int:
        read = 0
        while True:
            async with self._db.read() as tx:
                position = await payments.star_position(tx, bot_id)
            answer = await self._telegram.ask(bot_id, "getStarTransactions", offset=position, limit=PAGE)
            found = answer["transactions"]
            for one in found:
                if (proof := proof_of(one)) is not None:
                    await self._taking.paid(actor, bot_id, STARS_GATEWAY, proof)
            async with self._db.write() as tx:
                await payments.move_star_position(tx, bot_id, position + len(found), self._clock.now())
            read += len(found)
            if len(found) < PAGE:
                return read


def proof_of(transaction: Mapping[str, Any]) -> Proof | None:
    """What a transaction proves; None for those that are no payment of an invoice, nor its refund.

    A refund has the id of the payment and the user as its receiver.
    """
    coming = transaction.get("source")
    partner = coming or transaction.get("receiver") or {}
    payload = partner.get("invoice_payload")
    if partner.get("type") != "user" or (coming and not payload):
        return None
    return Proof(
        State.PAID if coming else State.REFUNDED,
        ref=payload or "",
        order_key=payload,
        charge_id=transaction["id"],
        paid=Money(transaction["amount"], STARS),
        at=datetime.fromtimestamp(transaction["date"], UTC),
        subscription=transaction["id"] if coming and partner.get("subscription_period") else None,
        payer=partner["user"]["id"],
    )
