"""Invoices, pre-checkout answers, Stars."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.markup import inline_keyboard
from sandbox.methods.callbacks import open_query
from sandbox.methods.content import deliver
from sandbox.model import Json
from sandbox.money import STARS, Invoice, Payment, Transaction
from sandbox.params import Call, method
from sandbox.paying import invoice_link, new_invoice, refund
from sandbox.render import user_json
from sandbox.subscriptions import edit_by_bot

SUBSCRIPTION_PERIOD = 2_592_000
MOST_STARS = 100_000
DEAREST_SUBSCRIPTION = 10_000
PAGE = 100


def _invoice(call: Call, period: int = 0) -> Invoice:
    title = call.params.text("title") or ""
    description = call.params.text("description") or ""
    payload = call.params.text("payload") or ""
    currency = call.params.text("currency") or ""
    if not 1 <= len(title) <= 32:
        raise bad_request("title is empty" if not title else "INVOICE_TITLE_TOO_LONG")
    if not 1 <= len(description) <= 255:
        raise bad_request("description is empty" if not description else "DESCRIPTION_TOO_LONG")
    if not 1 <= len(payload.encode()) <= 128:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if len(currency) != 3 or not currency.isupper():
        raise bad_request("CURRENCY_INVALID")
    amount = _amount(call, currency)
    if period and (currency != STARS or period != SUBSCRIPTION_PERIOD):
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    if period and amount > DEAREST_SUBSCRIPTION:
        raise bad_request("STARS_INVOICE_INVALID")
    return new_invoice(call.world, call.bot, title, description, payload, currency, amount, period)


def _amount(call: Call, currency: str) -> int:
    prices = call.params.list("prices")
    if not prices:
        raise bad_request("prices is not specified")
    amount = sum(int(price["amount"]) for price in prices)
    token = call.params.text("provider_token") or ""
    if currency == STARS:
        if token:
            raise bad_request("PAYMENT_PROVIDER_INVALID")
        if len(prices) != 1 or not 1 <= amount <= MOST_STARS:
            raise bad_request("STARS_INVOICE_INVALID")
    elif ":" not in token:
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    elif amount <= 0:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return amount


@method("sendInvoice")
def send_invoice(call: Call) -> Json:
    # Subscriptions are sold by link only: this method has no `subscription_period`.
    invoice = _invoice(call)
    keyboard = inline_keyboard(call.params.object("reply_markup"))
    if keyboard is not None and not keyboard["inline_keyboard"][0][0].get("pay"):
        raise bad_request("the first button of an invoice must be a Pay button")
    content = {
        "invoice": {
            "title": invoice.title,
            "description": invoice.description,
            "start_parameter": call.params.text("start_parameter") or "",
            "currency": invoice.currency,
            "total_amount": invoice.amount,
        }
    }
    return deliver(call, content, invoice=invoice)


@method("createInvoiceLink")
def create_invoice_link(call: Call) -> str:
    return invoice_link(_invoice(call, call.params.integer("subscription_period") or 0))


@method("answerPreCheckoutQuery")
def answer_pre_checkout_query(call: Call) -> bool:
    ok = call.params.flag("ok")
    message = call.params.text("error_message")
    if not ok and not message:
        raise bad_request("error message is empty")
    seconds = call.world.limits.pre_checkout_seconds
    query = open_query(call, "pre_checkout_query_id", "pre_checkout", seconds)
    query.answer = {"ok": ok, "error": message}
    call.world.notify("query", query)
    return True


@method("answerShippingQuery")
def answer_shipping_query(call: Call) -> bool:
    # Nothing sold here is shipped, so no such query is ever open.
    open_query(call, "shipping_query_id", "shipping", 0.0)
    return True


def _payment(call: Call, unknown: str) -> Payment:
    """The Stars payment the call names, or Telegram's word for none."""
    user_id = call.params.user_id()
    if user_id not in call.world.users:
        raise bad_request("USER_ID_INVALID")
    payment = call.world.payments.get(call.params.text("telegram_payment_charge_id") or "")
    if payment is None or payment.bot is not call.bot or payment.user.id != user_id:
        raise bad_request(unknown)
    if payment.currency != STARS:
        raise bad_request(unknown)
    return payment


@method("refundStarPayment")
def refund_star_payment(call: Call) -> bool:
    payment = _payment(call, "CHARGE_NOT_FOUND")
    if payment.refunded:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    refund(call.world, payment)
    return True


@method("editUserStarSubscription")
def edit_user_star_subscription(call: Call) -> bool:
    # The subscription is known by its first charge; the id of a renewal means nothing here.
    payment = _payment(call, "CHARGE_ID_INVALID")
    subscription = call.world.subscriptions.get(payment.charge_id)
    if subscription is None:
        raise bad_request("CHARGE_ID_INVALID")
    canceled = call.params.boolean("is_canceled")
    if canceled is None:
        raise bad_request('parameter "is_canceled" is required')
    edit_by_bot(call.world, subscription, canceled=canceled)
    return True


@method("getMyStarBalance")
def get_my_star_balance(call: Call) -> Json:
    return {"amount": call.bot.stars}


@method("getStarTransactions")
def get_star_transactions(call: Call) -> Json:
    # Oldest first, so that what was skipped stays skipped; numbers out of range count as the nearest in it.
    offset = max(call.params.integer("offset") or 0, 0)
    limit = call.params.integer("limit")
    size = PAGE if limit is None else min(max(limit, 1), PAGE)
    rows = call.world.ledger(call.bot)[offset : offset + size]
    return {"transactions": [_transaction(row) for row in rows]}


def _transaction(row: Transaction) -> Json:
    payment = row.payment
    partner: Json = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": user_json(payment.user),
        "invoice_payload": payment.payload,
    }
    if payment.subscription_period:
        partner["subscription_period"] = payment.subscription_period
    side = "source" if row.incoming else "receiver"
    return {"id": payment.charge_id, "amount": payment.amount, "date": row.date, side: partner}
