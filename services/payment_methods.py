"""The ways to pay a bot has installed, for its owner's programs."""

from collections.abc import Sequence

from domain.actor import Actor
from domain.gateways import Traits
from domain.orders import FREE, GIFT, TOKEN
from services.access import Access, Guarded, Permission, needs
from services.paying import CREDIT_TRAITS, Paying
from storage.database import Database

# What orders without a payment provider stand under.
_WITHOUT = {
    CREDIT_TRAITS.name: CREDIT_TRAITS.display_name, FREE: "Coupon", TOKEN: "Access token", GIFT: "Gift",
}  # fmt: skip


class PaymentMethodService(Guarded):
    """Ways to pay."""

    def __init__(self, access: Access, db: Database, paying: Paying) -> None:
        super().__init__(access)
        self._db, self._paying = db, paying
        self._names = _WITHOUT | {name: one.traits.display_name for name, one in paying.gateways.items()}

    @needs(Permission.OWNER)
    async def installed(self, actor: Actor, bot_id: int) -> Sequence[Traits]:
        """Those that are installed and switched on, by name."""
        async with self._db.read() as tx:
            found = await self._paying.installed(tx, bot_id)
        return sorted((one.traits for one in found), key=lambda one: one.name)

    def called(self, name: str) -> str:
        """What a way to pay is called; its name where this version does not know it."""
        return self._names.get(name, name)
