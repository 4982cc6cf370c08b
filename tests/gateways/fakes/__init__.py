"""Stand-ins for payment providers, for tests of gateways and of the whole application."""

from tests.gateways.fakes.base import Fake
from tests.gateways.fakes.btcpay import BTCPayFake
from tests.gateways.fakes.cryptopay import CryptoPayFake
from tests.gateways.fakes.paypal import PayPalFake
from tests.gateways.fakes.paystack import PaystackFake
from tests.gateways.fakes.stripe import StripeFake
from tests.gateways.fakes.yookassa import YooKassaFake

FAKES: tuple[type[Fake], ...] = (
    StripeFake,
    PayPalFake,
    PaystackFake,
    YooKassaFake,
    CryptoPayFake,
    BTCPayFake,
)
