"""Stripe's currencies and the units it counts them in (docs.stripe.com/currencies).

Zero-decimal currencies are counted in whole units, others in hundredths; ISK and UGX have no fractions, and
are nevertheless counted in hundredths that end in 00. Three-decimal currencies are counted in thousandths
that end in 0.
"""

from delivery.gateways.reading import from_units, to_units
from delivery.gateways.stripe_wire import NAME
from domain.errors import GatewayRefused
from domain.money import Money

_WHOLE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD JOD KWD OMR TND"
_HUNDREDTHS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY"
    " COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK"
    " JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO"
    " NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS"
    " TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD XCG YER ZAR ZMW"
)
_PLACES = (
    dict.fromkeys(_WHOLE.split(), 0)
    | dict.fromkeys(_THOUSANDTHS.split(), 3)
    | dict.fromkeys(_HUNDREDTHS.split(), 2)
)
# What Stripe can charge in somewhere; an account's country may take less, and Stripe says so.
CURRENCIES = frozenset(_PLACES)


def units(money: Money) -> int:
    """An amount as Stripe counts it. Raises `GatewayRefused` for one it cannot take."""
    if (places := _PLACES.get(money.currency)) is None:
        raise GatewayRefused(NAME, f"{money.currency} cannot be charged")
    counted = to_units(NAME, money, places)
    if places == 3 and counted % 10:
        raise GatewayRefused(NAME, f"{money}: the last digit must be 0 in {money.currency}")
    return counted


def amount(counted: object, currency: object) -> Money:
    """What Stripe counted. Raises `ValueError`."""
    return from_units(counted, currency, _PLACES.get(str(currency).upper(), 2))
