"""Ending subscriptions at their providers."""

import logging

from domain.errors import GatewayRefused, NotFound
from domain.subscriptions import Subscription
from services.paying import Paying
from storage.database import Database

log = logging.getLogger(__name__)


class Subscriptions:
    """Tells providers to charge no more. They are asked here, so this happens before a unit of work."""

    def __init__(self, db: Database, paying: Paying) -> None:
        self._db, self._paying = db, paying

    async def stop(self, one: Subscription) -> bool:
        """No further charges; False when the provider cannot be told so, and it has to be done there.

        May be repeated. Raises `GatewayUnreachable` when nobody knows.
        """
        try:
            async with self._db.read() as tx:
                installed = await self._paying.of_bot(tx, one.bot_id, one.gateway)
            await installed.gateway.end_subscription(installed.credentials, one.ref, one.member_id)
        except (GatewayRefused, NotFound) as error:
            log.warning("a subscription was not ended", extra={"id": one.id, "details": str(error.details)})
            return False
        return True
