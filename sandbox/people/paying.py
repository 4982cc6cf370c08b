"""Paying invoices and keeping subscriptions."""

from __future__ import annotations

import time

from sandbox import subscriptions
from sandbox.errors import SandboxError
from sandbox.handles import BotHandle, MessageHandle
from sandbox.model import Query
from sandbox.money import Invoice, Payment, Subscription
from sandbox.paying import PaymentRefusedError, complete, find_invoice, open_pre_checkout
from sandbox.people.writing import Writing


class Paying(Writing):
    """Money of a person."""

    async def pay(self, what: MessageHandle | str | None = None) -> Payment:
        """Pay an invoice message, an invoice link, or the newest invoice the person sees.

        The bot is asked first (``pre_checkout_query``), whatever the settle option. Paying again is a new
        charge.

        Raises:
            PaymentRefusedError: the bot said no, with its words, or did not answer in time.
            SandboxError: not enough Stars, or no such invoice.
        """
        invoice, message = self._invoice(what)
        await self._ask_bot(open_pre_checkout(self.world, invoice, self.user))
        in_group = message is not None and not message.message.chat.is_private
        chat = (
            message.message.chat
            if in_group and message is not None
            else self.world.private_chat(self.user, invoice.bot)
        )
        shown = message.message if message is not None else None
        payment = complete(self.world, invoice, self.user, chat, message=shown)
        await self.tg.acted()
        return payment

    async def _ask_bot(self, query: Query) -> None:
        limit = self.world.limits.pre_checkout_seconds
        deadline = time.monotonic() + limit
        while query.answer is None:
            left = deadline - time.monotonic()
            if left <= 0 or not await self.tg.wait_for_change(left):
                raise PaymentRefusedError("The bot did not answer the pre-checkout query in time.")
        if not query.answer["ok"]:
            raise PaymentRefusedError("{words}", words=str(query.answer["error"]))

    async def renew(self, payment: Payment) -> Payment:
        """Telegram charges the next period of a Stars subscription now, whatever the clock says.

        Moving ``tg.clock`` past the end of a period does that by itself.

        Raises:
            SandboxError: no subscription, canceled, or not enough Stars (the bot hears of the
                failure then).
        """
        subscription = _subscription(payment)
        if subscription.canceled:
            raise SandboxError("The subscription was canceled.")
        renewed = subscriptions.charge(self.world, subscription)
        await self.tg.acted()
        if renewed is None:
            title = subscription.invoice.title
            raise SandboxError("{name} has not enough Stars for {title}.", name=self.name, title=title)
        return renewed

    async def cancel_subscription(self, payment: Payment) -> None:
        """Stop renewing; access lasts until the end of the period.

        Raises:
            SandboxError: no subscription, or it does not renew any more.
        """
        subscriptions.cancel(self.world, _subscription(payment))
        await self.tg.acted()

    async def restore_subscription(self, payment: Payment) -> None:
        """Renew again after all.

        Raises:
            SandboxError: no subscription, not canceled, over, or canceled by the bot.
        """
        subscriptions.restore(self.world, _subscription(payment))
        await self.tg.acted()

    @property
    def subscriptions(self) -> list[Subscription]:
        """The person's Stars subscriptions, also those that are over, oldest first."""
        return [one for one in self.world.subscriptions.values() if one.user is self.user]

    def add_stars(self, amount: int) -> None:
        """Buy Stars."""
        self.user.stars += amount
        self.world.notify("user", self.user)

    def _invoice(self, what: MessageHandle | str | None) -> tuple[Invoice, MessageHandle | None]:
        if isinstance(what, str):
            invoice = find_invoice(self.world, what)
            if invoice is None:
                raise SandboxError("{link} is no invoice link.", link=what)
            return invoice, None
        if what is not None:
            if what.message.invoice is None:
                raise SandboxError("That message is no invoice.")
            return what.message.invoice, what
        for message in self.visible():
            if message.invoice is not None:
                return message.invoice, MessageHandle(self.tg, message)
        raise SandboxError("{name} sees no invoice.", name=self.name)

    def payments_to(self, bot: BotHandle) -> list[Payment]:
        """What the person paid to a bot, oldest first."""
        return [
            payment
            for payment in self.world.payments.values()
            if payment.user is self.user and payment.bot is bot.bot
        ]


def _subscription(payment: Payment) -> Subscription:
    if payment.subscription is None:
        raise SandboxError("That payment is no subscription.")
    return payment.subscription
