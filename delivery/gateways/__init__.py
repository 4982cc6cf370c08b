"""Payment providers, each behind `domain.gateways.Gateway`."""

from collections.abc import Mapping

import aiohttp

from delivery.gateways import btcpay, cryptopay, paypal, paystack, stripe, yookassa
from delivery.gateways.http import TIMEOUT
from delivery.guard import GuardedSession
from domain.clock import Clock
from domain.gateways import Gateway


def all_gateways(
    session: aiohttp.ClientSession,
    clock: Clock,
    addresses: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    *,
    guarded: GuardedSession,
) -> dict[str, Gateway]:
    """Every gateway by its name, in the order owners see them.

    `session` is `delivery.gateways.http.new_session()`. `addresses` replaces providers' addresses by
    gateway name: tests point them at stand-ins. `timeout` in seconds is for one call. `guarded` calls the
    servers that owners name.
    """
    at = addresses or {}
    made: tuple[Gateway, ...] = (
        stripe.StripeGateway(session, clock, at.get("stripe", stripe.ADDRESS), timeout),
        paypal.PayPalGateway(
            session, clock, at.get("paypal", paypal.LIVE), at.get("paypal", paypal.SANDBOX), timeout
        ),
        paystack.PaystackGateway(session, at.get("paystack", paystack.ADDRESS), timeout),
        yookassa.YooKassaGateway(session, at.get("yookassa", yookassa.API), timeout),
        cryptopay.CryptoPayGateway(
            session,
            at.get("cryptopay", cryptopay.MAINNET),
            at.get("cryptopay", cryptopay.TESTNET),
            timeout,
        ),
        btcpay.BTCPayGateway(guarded, timeout),
    )
    return {gateway.traits.name: gateway for gateway in made}
