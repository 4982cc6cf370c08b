"""Stripe's SDK on our own terms: one session for all owners, bounded answers, our errors.

The SDK is used through `StripeClient`s only, one per call, each with its own key: nothing of it is set for
the whole process but that it tells Stripe nothing about the machine.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
import stripe
from yarl import URL

from delivery.gateways.http import UNSURE, Refusal, bounded, kept_quiet, mention, proxy_for
from delivery.gateways.reading import reading
from domain.errors import GatewayRefused, GatewayUnreachable

NAME = "stripe"
# 409: a request with the same key is on its way, or the object is being changed.
_UNSURE = UNSURE | {409}

stripe.enable_telemetry = False


class StripeWire(stripe.HTTPClient):
    """The SDK's way out: no redirects, no cookies, answers of bounded length."""

    name = "aiohttp"

    def __init__(self, session: aiohttp.ClientSession, address: str, timeout: float) -> None:
        super().__init__()
        self._session, self._timeout = session, aiohttp.ClientTimeout(total=timeout)
        self._way = proxy_for(address)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                headers=headers,
                data=post_data,
                timeout=self._timeout,
                allow_redirects=False,
                proxy=self._way,
            ) as response:
                status, answer, named = response.status, await bounded(response.content), response.headers
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise GatewayUnreachable(NAME, type(error).__name__) from None
        if answer is None:
            raise GatewayUnreachable(NAME, f"{mention(status)} with too long an answer")
        return answer, status, named


@contextmanager
def asking(secrets: Collection[str]) -> Iterator[None]:
    """Inside, Stripe's errors are ours: `Refusal` for a definite no, else `GatewayUnreachable`."""
    try:
        with reading(NAME):
            yield
    except stripe.StripeError as error:
        status = error.http_status or 0
        words = kept_quiet(error.user_message or mention(status), secrets)
        if not 400 <= status < 500 or status in _UNSURE:
            raise GatewayUnreachable(NAME, mention(status)) from None
        raise Refusal(NAME, words, status, error.json_body) from None


def client(wire: StripeWire, key: str, address: str) -> stripe.StripeClient:
    """The SDK with an owner's key. It does not try again by itself: the house does.

    Raises `GatewayRefused` for a key that cannot be one.
    """
    if not key.isascii() or not key.isprintable() or not key:
        raise GatewayRefused(NAME, "this is no key")
    return stripe.StripeClient(key, http_client=wire, base_addresses={"api": address}, max_network_retries=0)
