"""Paying invoices and keeping subscriptions."""

from __future__ import annotations

import time

from sandbox.errors import SandboxError
from sandbox.handles import BotHandle, MessageHandle
from sandbox.model import Invoice, Payment, Query
from sandbox.paying import PaymentRefusedError, complete, open_pre_checkout, set_subscription
from sandbox.people.writing import Writing

_INVOICE_PREFIXES = ("https://t.me/$", "t.me/$", "https://t.me/invoice/")


class Paying(Writing):
    """Money of a person."""

    async def pay(self, what: MessageHandle | str | None = None) -> Payment:
        """Pay an invoice message, an invoice link, or the newest invoice the person sees.

        The bot is asked first (``pre_checkout_query``), whatever the settle option.

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
        payment = complete(self.world, invoice, self.user, chat)
        if message is not None:
            self.world.notify("message", message.message)  # its Pay button turns into a receipt
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
        """A month has passed: Telegram charges a Stars subscription again.

        Raises:
            SandboxError: no subscription, canceled, or not enough Stars (the bot hears of the
                failure then).
        """
        invoice = payment.invoice
        if invoice is None or not payment.subscription_period:
            raise SandboxError("That payment is no subscription.")
        if payment.canceled:
            raise SandboxError("The subscription was canceled.")
        if self.stars < invoice.amount:
            set_subscription(payment, "failed")
            await self.tg.acted()
            raise SandboxError(
                "{name} has not enough Stars for {title}.", name=self.name, title=invoice.title
            )
        chat = self.world.private_chat(self.user, invoice.bot)
        renewed = complete(self.world, invoice, self.user, chat, recurring_of=payment)
        await self.tg.acted()
        return renewed

    async def cancel_subscription(self, payment: Payment) -> None:
        """Stop renewing; access lasts until the end of the period."""
        set_subscription(payment, "canceled")
        await self.tg.acted()

    async def restore_subscription(self, payment: Payment) -> None:
        """Renew again after all."""
        set_subscription(payment, "active")
        await self.tg.acted()

    def add_stars(self, amount: int) -> None:
        """Buy Stars."""
        self.user.stars += amount
        self.world.notify("user", self.user)

    def _invoice(self, what: MessageHandle | str | None) -> tuple[Invoice, MessageHandle | None]:
        if isinstance(what, str):
            for prefix in _INVOICE_PREFIXES:
                invoice = self.world.invoices.get(what.removeprefix(prefix))
                if what.startswith(prefix) and invoice is not None:
                    return invoice, None
            raise SandboxError("{link} is no invoice link.", link=what)
        if what is not None:
            if what.message.invoice is None:
                raise SandboxError("That message is no invoice.")
            return what.message.invoice, what
        for message in self.visible():
            if message.invoice is not None and "invoice" in message.content:
                return message.invoice, MessageHandle(self.tg, message)
        raise SandboxError("{name} sees no invoice.", name=self.name)

    def payments_to(self, bot: BotHandle) -> list[Payment]:
        """What the person paid to a bot, oldest first."""
        return [
            payment
            for payment in self.world.payments.values()
            if payment.user is self.user and payment.bot is bot.bot
        ]
