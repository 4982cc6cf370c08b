"""Star subscriptions: charged again at the end of each period, canceled, restored.

As Telegram documents it: a person may cancel and restore; what is paid for stays paid for. A bot may cancel,
too, and then the person cannot restore until the bot allows it. Too few Stars at a charge end it.
"""

from __future__ import annotations

from sandbox.errors import SandboxError
from sandbox.money import Payment, Subscription
from sandbox.paying import complete
from sandbox.render import user_json
from sandbox.world import World


def next_charge(world: World) -> float | None:
    """The earliest moment a subscription is to be charged again, unix; None when none is."""
    return min((one.expires for one in world.subscriptions.values() if one.renews), default=None)


def charge_due(world: World, moment: float) -> None:
    """Charge every subscription that is due at a moment."""
    for subscription in list(world.subscriptions.values()):
        if subscription.renews and subscription.expires <= moment:
            charge(world, subscription)


def charge(world: World, subscription: Subscription) -> Payment | None:
    """Charge the next period; None when Stars were missing: the subscription is over and the bot knows."""
    invoice, user = subscription.invoice, subscription.user
    if user.stars < invoice.amount:
        subscription.failed = True
        _tell(world, subscription, "failed")
        return None
    chat = world.private_chat(user, invoice.bot)
    return complete(world, invoice, user, chat, renews=subscription)


def cancel(world: World, subscription: Subscription) -> None:
    """The person wants no further charge; the bot hears of it.

    Raises:
        SandboxError: there is none to come.
    """
    if not subscription.renews:
        raise SandboxError("That subscription does not renew any more.")
    subscription.canceled = True
    _tell(world, subscription, "canceled")


def restore(world: World, subscription: Subscription) -> None:
    """The person wants it to go on after all; the bot hears of it.

    Raises:
        SandboxError: it was not canceled, is over, or the bot canceled it.
    """
    if subscription.renews:
        raise SandboxError("That subscription renews already.")
    if subscription.state(world.clock.time()) != "canceled":
        raise SandboxError("That subscription is over: pay for a new one.")
    if subscription.canceled_by_bot:
        raise SandboxError("The bot canceled that subscription.")
    subscription.canceled = False
    _tell(world, subscription, "active")


def edit_by_bot(world: World, subscription: Subscription, *, canceled: bool) -> None:
    """``editUserStarSubscription``: cancel, or allow the person to restore. No update follows."""
    if canceled:
        subscription.canceled = subscription.canceled_by_bot = True
    else:
        subscription.canceled_by_bot = False
    world.notify("subscription", subscription)


def _tell(world: World, subscription: Subscription, state: str) -> None:
    """Queue ``subscription`` (`BotSubscriptionUpdated`) for the bot."""
    user, invoice = subscription.user, subscription.invoice
    body = {"user": user_json(user), "invoice_payload": invoice.payload, "state": state}
    invoice.bot.feed.push("subscription", body, ("user", user.id))
    world.notify("subscription", subscription)
