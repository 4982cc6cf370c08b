"""Wording about payment providers: what they are, where their keys are found, and what each key is called."""

from __future__ import annotations

from collections.abc import Callable

from domain.actor import Translator
from domain.gateways import Field, Traits
from texts.markup import code

Words = Callable[[Translator], str]

# By gateway: what it is good for and where its keys are found. Telegram HTML.
GUIDES: dict[str, Words] = {
    "telegram": lambda t: t(
        "Cards in an invoice inside Telegram, by one of the payment providers Telegram works with. Open "
        "@BotFather, send /mybots, choose this bot, then <b>Payments</b>, connect a provider, and copy the "
        "token it gives you; one with TEST in it is for trying things out. Money can be given back at the "
        "provider's own site only."
    ),
    "stripe": lambda t: t(
        "Cards, Apple Pay, Google Pay and many local ways to pay; plans can renew by themselves. In the "
        "Stripe dashboard open <b>Developers → API keys</b> and copy the <b>secret key</b>: it begins with "
        "sk_live_, or with sk_test_ for trying things out. Never use the publishable key."
    ),
    "paypal": lambda t: t(
        "PayPal accounts, and cards where PayPal offers it; plans can renew by themselves. On "
        "developer.paypal.com open <b>Apps &amp; Credentials</b>, choose Live (or Sandbox for trying things "
        "out), create an app, tick <b>Subscriptions</b> and <b>Customer disputes</b> among its features, and "
        "copy its client id and its secret."
    ),
    "paystack": lambda t: t(
        "Cards, bank transfer and mobile money in Nigeria, Ghana, South Africa and Kenya. In the Paystack "
        "dashboard open <b>Settings → API Keys &amp; Webhooks</b> and copy the <b>secret key</b>: it begins "
        "with sk_live_, or with sk_test_ for trying things out. Paystack wants an email address of every "
        "payer, so I ask for it."
    ),
    "yookassa": lambda t: t(
        "Cards, SBP and wallets in Russia, in roubles. In the YooKassa merchant profile open "
        "<b>Integration → API keys</b> and copy the shop's id (shopId) and the <b>secret key</b>; those of a "
        "test shop are for trying things out. If YooKassa sends receipts for you (54-FZ), choose your VAT "
        "rate. Every payer is asked for an email address, because his receipt goes there."
    ),
    "cryptopay": lambda t: t(
        "Coins inside Telegram, by @CryptoBot: your prices are in ordinary money, and buyers choose the "
        "coin. Open @CryptoBot (@CryptoTestnetBot for trying things out), choose <b>Crypto Pay → Create "
        "App</b>, and copy the API token. To give money back from here, allow <b>Transfers</b> in the app's "
        "security settings."
    ),
    "cryptonokyc": lambda t: t(
        "Bitcoin and other coins into your own wallet, without a company in between: by your BTCPay Server, "
        "or one you trust. There, open <b>Account → Manage account → API keys</b> and generate a key for "
        "your store that may view invoices, create invoices and manage pull payments. The store's id stands "
        "in the store's <b>Settings → General</b>."
    ),
}

# By gateway: how the provider learns by hand where to send its notifications. Telegram HTML.
HOOK_GUIDES: dict[str, Words] = {
    "stripe": lambda t: t(
        "So that Stripe tells me about payments at once: open <b>Developers → Webhooks</b>, add an "
        "endpoint with the address below for the events listed below it, and send me its signing secret, "
        "which begins with whsec_."
    ),
    "paypal": lambda t: t(
        "So that PayPal tells me about payments at once: in your app on developer.paypal.com choose "
        "<b>Add Webhook</b>, give the address below, choose the events listed below it, and send me the "
        "webhook id that is shown then."
    ),
    "paystack": lambda t: t(
        "So that Paystack tells me about payments at once: put the address below into <b>Settings → API "
        "Keys &amp; Webhooks → Webhook URL</b>, for the test mode or the live mode your key is of."
    ),
    "yookassa": lambda t: t(
        "So that YooKassa tells me about payments at once: in the merchant profile open <b>Integration → "
        "HTTP notifications</b>, put in the address below, and choose payment.succeeded, payment.canceled "
        "and refund.succeeded."
    ),
    "cryptopay": lambda t: t(
        "So that Crypto Pay tells me about payments at once: in @CryptoBot open <b>Crypto Pay → My Apps</b>, "
        "choose your app, then <b>Webhooks → Enable Webhooks</b>, and send it the address below."
    ),
    "cryptonokyc": lambda t: t(
        "So that BTCPay Server tells me about payments at once: in your store's <b>Settings → Webhooks</b> "
        "create a webhook with the address below, for every event and with automatic redelivery, and send "
        "me the secret that is shown there."
    ),
}

# By gateway and field: what the field is called. Plain text.
LABELS: dict[tuple[str, str], Words] = {
    ("telegram", "token"): lambda t: t("Token of the payment provider"),
    ("stripe", "secret_key"): lambda t: t("Secret key"),
    ("stripe", "webhook_secret"): lambda t: t("Signing secret of the webhook"),
    ("paypal", "mode"): lambda t: t("Live or sandbox"),
    ("paypal", "client_id"): lambda t: t("Client id"),
    ("paypal", "client_secret"): lambda t: t("Secret"),
    ("paypal", "webhook_id"): lambda t: t("Webhook id"),
    ("paystack", "secret_key"): lambda t: t("Secret key"),
    ("yookassa", "shop"): lambda t: t("Shop id (shopId)"),
    ("yookassa", "key"): lambda t: t("Secret key"),
    ("yookassa", "vat"): lambda t: t("VAT rate on receipts (54-FZ)"),
    ("cryptopay", "token"): lambda t: t("API token"),
    ("cryptopay", "network"): lambda t: t("Real or test coins"),
    ("cryptonokyc", "url"): lambda t: t("Address of the server, beginning with https://"),
    ("cryptonokyc", "store"): lambda t: t("Store id"),
    ("cryptonokyc", "key"): lambda t: t("API key"),
    ("cryptonokyc", "secret"): lambda t: t("Secret of the webhook"),
}

# YooKassa's codes of VAT rates: https://yookassa.ru/developers/54fz/parameters-values
_VAT_RATES = {
    "2": "0 %", "3": "10 %", "4": "20 %", "5": "10/110", "6": "20/120", "7": "5 %", "8": "7 %",
    "9": "5/105", "10": "7/107", "11": "22 %", "12": "22/122",
}  # fmt: skip


def _vat(rate: str) -> Words:
    return lambda t: t("VAT {rate}", rate=rate)


# By gateway, field and value: what a choice is called. Plain text.
CHOICES: dict[tuple[str, str, str], Words] = {
    ("paypal", "mode", "live"): lambda t: t("Live"),
    ("paypal", "mode", "sandbox"): lambda t: t("Sandbox, for trying things out"),
    ("cryptopay", "network", "mainnet"): lambda t: t("Real coins"),
    ("cryptopay", "network", "testnet"): lambda t: t("Test coins, for trying things out"),
    ("yookassa", "vat", "none"): lambda t: t("YooKassa sends no receipts for me"),
    ("yookassa", "vat", "1"): lambda t: t("Without VAT"),
    **{("yookassa", "vat", code): _vat(rate) for code, rate in _VAT_RATES.items()},
}


def guide(t: Translator, traits: Traits) -> str:
    """What a gateway is good for and where its keys are found. Telegram HTML, one paragraph."""
    return GUIDES[traits.name](t)


def hook_guide(t: Translator, traits: Traits, notify_url: str, events: tuple[str, ...] = ()) -> str | None:
    """How to tell the provider by hand where notifications are to go; None where there is nothing to do.
    Telegram HTML; `events` are the provider's names of those to choose."""
    if (words := HOOK_GUIDES.get(traits.name)) is None:
        return None
    return "\n".join((words(t), code(notify_url), *map(code, events)))


def label(t: Translator, traits: Traits, field: Field) -> str:
    """What a field is called. Plain text."""
    return LABELS[traits.name, field.name](t)


def choice(t: Translator, traits: Traits, field: Field, value: str) -> str:
    """What a value of a field with choices is called. Plain text."""
    return CHOICES[traits.name, field.name, value](t)
