"""What went wrong, as an HTTP status and an English sentence that says which parameter and why."""

from typing import Any

import msgspec

from api import errors
from api.errors import ApiError, BadRequest, NoSuchCall, TooLarge, TooMany, Unauthorised, WrongMethod
from api.table import Call
from domain.errors import (
    Conflict,
    GatehouseError,
    GatewayRefused,
    GatewayUnreachable,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
)
from domain.rates import REPORT_CURRENCIES, NoRate
from texts.errors import sentence

# Refusals with another status than 409: the document's own, and those of a parameter or somebody else.
STATUSES = {"affiliates_off": 400, "webhook_no_200": 400, "webhook_no_answer": 400, "webhook": 502}
NOT_FOUND = {
    "plan": "There is no plan with this id.",
    "project": "There is no project with this id.",
    "member": "The bot does not know this member, or the member has blocked it.",
    "order": "There is no order with this key.",
    "webhook": "The bot has no webhook with this URL.",
}
# Where what people are told in the chat does not fit a program.
WHY = {
    "plan_name": "must have 3 to 24 characters and begin with a letter",
    "duration": "must be a duration such as 1 month, 7 days, 1 year, lifetime, or a last day as 31.12.2030",
    "duration_past": "is a day that is over",
    "trial": "must be a duration such as 3 days",
    "price": "must be a decimal number such as 9.99, not negative",
    "price_digits": "has more digits after the point than {currency} has, which is {digits}",
    "currency": "is not a currency we know",
    "recurring": "needs a plan with a price and with a duration in days, weeks, months or years",
    "recurring_stars": "needs a duration of exactly 30 days where the price is in XTR: Telegram charges "
    "Stars again every 30 days and at no other time",
    "report_currency": f"must be one of {', '.join(REPORT_CURRENCIES).lower()}",
    "unix_time": "must be UNIX time in seconds",
    "before_from": "must not lie before from",
    "interval_unit": "must be day, month or year",
    "affiliate_id": "must begin with a letter and have 3 to 12 letters and digits",
    "token": "is not a token Telegram knows",
    "email": "must be an e-mail address; this payment method needs one",
    "order_member": "is needed for an order that costs nothing, or is paid with credit",
    "url_missing": "is required",
    "url_too_long": "must have at most {limit} characters",
    "url_malformed": "must be a valid URL",
    "url_not_https": "must begin with https://",
    "url_credentials": "must not hold a user name or password",
    "url_fragment": "must not hold a #",
    "url_port": "must have port 443, 80, or one from 1024 on",
}
WHAT = {
    "exists": "This bot is connected to somebody else's account.",
    "webhook": "Telegram does not take this server's address.",
    "affiliates_off": "Affiliates are switched off in this bot.",
    "affiliate_taken": "Somebody has this affiliate_id already.",
    "webhook_no_200": "url: answered the test with {status} instead of 200.",
    "webhook_no_answer": "url: did not answer the test ({why}).",
    "webhooks_full": "The bot has {most} webhooks, which is as many as it may have.",
    "method_gone": "The plan cannot be paid by this payment method.",
    "price_changed": "The plan or its price has changed in this moment. Please try again.",
    "credit_short": "The member has not enough credit.",
    "plan_disabled": "The plan is disabled.",
    "plan_over": "The last day of the plan is over.",
    "plan_token_only": "The plan is for access tokens only.",
    "plan_credit_only": "The plan can be paid with credit only.",
    "plan_for_life": "The member has this for life already.",
    "plan_newcomers": "The plan is for newcomers only.",
    "plan_returning": "The plan is for members only who have or had a membership.",
    "plan_once": "The member has had the plan, which can be had once.",
    "plan_holders": "The plan is only for members who hold a membership.",
    "plan_former": "The plan is only for members who had a membership and hold none now.",
    "plan_invited": "The plan is only for members an affiliate invited.",
    "plan_not_invited": "The plan is not for members an affiliate invited.",
    "plan_sold_out": "The plan has as many customers as it may have.",
}


def status_of(error: Exception) -> int:
    """The HTTP status of an error: some refusals have one of their own."""
    reason = error.reason if isinstance(error, Conflict | Refused) else ""
    return STATUSES.get(reason) or errors.status_of(error)


def words_of(call: Call, error: Exception) -> str:
    """The description of an error. Nothing of an unexpected one leaves the house."""
    match error:
        case BadRequest(field=field, words=words):
            return f"{field}: {words}"
        case Invalid(field=field, reason=reason):
            why = WHY[reason].format(**error.details) if reason in WHY else sentence(call.t, error)
            return f"{_parameter(call, field)}: {why}"
        case NotAllowed():
            return "This key does not open this bot."
        case NotFound(what=what) if what in NOT_FOUND:
            return NOT_FOUND[what]
        case NoRate(currency=currency, day=day):
            known = "none is known" if day is None else f"the last known one is of {day}"
            return f"There is no exchange rate of {currency} for that time; {known}."
        case Conflict(reason=reason) | Refused(reason=reason) if reason in WHAT:
            return WHAT[reason].format(**error.details)
        case GatewayRefused(words=words) if words:
            return f"The payment provider refused: {words}"
        case GatewayUnreachable():
            return "The payment provider does not answer right now. Please try again in a minute."
        case ApiError():
            return _edge(error)
        case GatehouseError():
            return sentence(call.t, error)
    return "Something went wrong on our side. Please try again."


def _edge(error: ApiError) -> str:
    match error:
        case Unauthorised():
            return "The key is missing or wrong."
        case NoSuchCall():
            return "There is no such method."
        case WrongMethod(allowed=allowed):
            return f"This method is called with {' or '.join(allowed)}."
        case TooLarge(most=most):
            return f"The body has more than {most} bytes."
        case TooMany(retry_after=seconds):
            return f"Too many calls. Please try again in {seconds} s."
    return "This call cannot be understood."


def _parameter(call: Call, field: str) -> str:
    """What callers name a service's field: `plan_duration` is the `duration` of a plan."""
    model: Any = None if call.endpoint is None else call.endpoint.input
    names = [] if model is None else [info.encode_name for info in msgspec.structs.fields(model)]
    if field in names:
        return field
    return next((name for name in names if name.endswith(f"_{field}")), field)
