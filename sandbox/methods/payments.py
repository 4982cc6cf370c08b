"""Invoices, pre-checkout answers, Stars."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.markup import inline_keyboard
from sandbox.methods.callbacks import open_query
from sandbox.methods.content import deliver
from sandbox.model import Invoice, Json, Payment
from sandbox.params import Call, method
from sandbox.paying import invoice_link, new_invoice, refund
from sandbox.render import user_json

STARS = "XTR"
SUBSCRIPTION_PERIOD = 2_592_000
MOST_STARS = 100_000


def _invoice(call: Call) -> Invoice:
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
    period = call.params.integer("subscription_period") or 0
    if period and (currency != STARS or period != SUBSCRIPTION_PERIOD):
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
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
    return invoice_link(_invoice(call))


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


def _payment(call: Call) -> Payment:
    user_id = call.params.user_id()
    charge_id = call.params.text("telegram_payment_charge_id") or ""
    payment = call.world.payments.get(charge_id)
    if payment is None or payment.bot is not call.bot or payment.user.id != user_id:
        raise bad_request("CHARGE_NOT_FOUND")
    return payment


@method("refundStarPayment")
def refund_star_payment(call: Call) -> bool:
    payment = _payment(call)
    if payment.currency != STARS:
        raise bad_request("CHARGE_NOT_FOUND")
    if payment.refunded:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    refund(call.world, payment)
    return True


@method("editUserStarSubscription")
def edit_user_star_subscription(call: Call) -> bool:
    payment = _payment(call)
    if not payment.subscription_period:
        raise bad_request("SUBSCRIPTION_NOT_FOUND")
    payment.canceled = call.params.flag("is_canceled")
    return True


@method("getMyStarBalance")
def get_my_star_balance(call: Call) -> Json:
    return {"amount": call.bot.stars}


@method("getStarTransactions")
def get_star_transactions(call: Call) -> Json:
    rows: list[tuple[int, Json]] = []
    for payment in call.world.payments.values():
        if payment.bot is not call.bot or payment.currency != STARS:
            continue
        rows.append((payment.date, _transaction(payment, "source", payment.date)))
        if payment.refunded:
            rows.append((payment.refund_date, _transaction(payment, "receiver", payment.refund_date)))
    rows.sort(key=lambda row: row[0])
    offset = call.params.integer("offset") or 0
    limit = min(max(call.params.integer("limit") or 100, 1), 100)
    return {"transactions": [row for _, row in rows[offset : offset + limit]]}


def _transaction(payment: Payment, side: str, date: int) -> Json:
    partner: Json = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": user_json(payment.user),
        "invoice_payload": payment.payload,
    }
    if payment.subscription_period:
        partner["subscription_period"] = payment.subscription_period
    return {"id": payment.charge_id, "amount": payment.amount, "date": date, side: partner}
