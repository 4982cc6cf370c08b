"""The conversation that makes a coupon: name, discount, uses, end."""

from collections.abc import Mapping
from typing import Any

from domain.actor import Actor
from domain.coupons import new_coupon_name
from domain.errors import Conflict, NotFound
from services.access import Access, Guarded, Permission, needs
from services.coupon_fields import read_field
from services.directory import BotDirectory
from services.work import UnitOfWork, Work
from storage import coupons
from texts import coupons as wording

STEPS = ("name", "discount", "uses", "expires")


class NewCouponService(Guarded):
    """The draft lives in the dialog, as it was typed: it survives a restart, and is gone when cancelled."""

    def __init__(self, access: Access, work: UnitOfWork, directory: BotDirectory) -> None:
        super().__init__(access)
        self._work, self._directory = work, directory

    @needs(Permission.OWNER)
    async def begin(self, actor: Actor, bot_id: int) -> None:
        """Begin."""
        async with self._work(actor) as work:
            await self._ask(work, actor, "name", {})

    @needs(Permission.OWNER)
    async def make_up_name(self, actor: Actor, bot_id: int) -> None:
        """A name nobody guesses."""
        await self.answer(actor, bot_id, "name", new_coupon_name())

    @needs(Permission.OWNER)
    async def answer(self, actor: Actor, bot_id: int, step: str, text: str) -> int | None:
        """What was asked for at `step`, typed or tapped; the new coupon's id after the last step.

        Raises `Invalid` and stays there when unusable, `Conflict` (coupon_taken) for a name there is.
        """
        async with self._work(actor) as work:
            draft = await work.asked(f"newcoupon:{step}")
            values = read_field(step, text, work.now)
            if step == "name" and await coupons.by_name(work.tx, bot_id, values["name"]) is not None:
                raise Conflict("coupon_taken")
            draft[step] = text
            if step != STEPS[-1]:
                await self._ask(work, actor, STEPS[STEPS.index(step) + 1], draft)
                return None
            return await self._create(work, actor, bot_id, draft)

    async def _create(self, work: Work, actor: Actor, bot_id: int, draft: Mapping[str, str]) -> int:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        values: dict[str, Any] = {}
        for step in STEPS:
            values |= read_field(step, draft[step], work.now)
        name = values.pop("name")
        made = await coupons.create(work.tx, bot_id, name, values, work.now)
        coupon = await coupons.get(work.tx, bot_id, made) if made is not None else None
        if coupon is None:
            raise Conflict("coupon_taken")
        await work.end_dialog()
        work.event(bot.owner_id, bot_id, "coupon.created", coupon=coupon.name)
        work.show(wording.created(actor.t, bot, coupon))
        return coupon.id

    async def _ask(self, work: Work, actor: Actor, step: str, draft: Mapping[str, str]) -> None:
        await work.ask(f"newcoupon:{step}", draft)
        work.show(wording.ask(actor.t, step))
