"""The answers the membership API's document shows, to compare ours with: of lists one element per shape."""

from typing import Any

PLAN = {
    "plan_id": 20, "plan_name": "EUR Demo Plan", "duration": "2 days", "price": "1.23", "currency": "EUR",
    "options": {
        "recurring": False, "newcomers": 0, "singleuse": 0, "token_only": False, "credit_only": False,
        "invitee_only": 0, "is_hidden": False,
    },
    "max_customers": 0, "sort_order": 100, "enabled": True,
}  # fmt: skip
COUPON = {
    "name": "discountcode", "amount": "0", "percent": "10", "min_amount": "0", "max_amount": "0", "uses": 0,
    "used": 0, "plans": [14], "newcomers": False, "singleuse": False, "invitee_only": False,
    "auto_apply": False, "enabled": True,
}  # fmt: skip
ORDER = {
    "order_key": "66804997RC5418150", "order_type": 1, "order_date": 1721285697, "order_status": "PENDING",
    "member_id": 1111111111, "member_name": "John Doe", "plan_id": 20, "plan_name": "EUR Demo Plan",
    "project_id": 0, "payment_gateway": "PayPal", "amount": "1.344882", "currency": "USD",
    "formatted": "$1.34",
}  # fmt: skip
PERIOD = {
    "period": "2024-07", "revenue": "38.0371384", "currency": "USD", "formatted": "$38.04", "sales": 10,
}  # fmt: skip

# Method and path as printed, the `path` and `code` of the answer, and its `result`.
SAMPLES: list[tuple[str, str, str, int, Any]] = [
    ("POST", "/v1/bot{{BOT_ID}}/{{API_KEY}}/affiliate", "/affiliate", 200, {
        "affiliate_id": "abcd123", "affiliate_link": "https://t.me/tgmembership_demobot?start=r_abcd123",
    }),
    ("POST", "/v1/bot{{BOT_ID}}/{{API_KEY}}/bot", "/bot", 201, {
        "bot_id": 1347378140, "bot_username": "tgmembership_demobot", "api_key": "abcd123",
    }),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/coupons", "/coupons", 200, [
        COUPON,
        COUPON | {
            "name": "HJTPS3", "payment_gateways": ["paypal"], "plans": [11, 14, 18],
            "revenue": {"direction": "above", "amount": "10", "currency": "USD"},
        },
    ]),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/members", "/members", 200, [
        {"member_id": 1111111111, "plan_id": 1, "project_id": 1,
         "membership": {"start": 1721137290, "end": 1721742090}},
    ]),
    ("POST", "/v1/bot{{BOT_ID}}/{{API_KEY}}/members/accessToken", "/members/access_token", 201, {
        "bot_username": "tgmembership_demobot", "access_token": "abcd123",
        "link": "https://t.me/tgmembership_demobot?start=accesstoken_abcd123",
    }),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/orders/ABCD123", "/orders/ABCD123", 200, {
        "order_key": "ABCD123", "member_id": 0, "member_name": "John Doe", "member_email": "john@doe.com",
        "payment_gateway": "stripe", "order_status": "PENDING", "order_date": 1721159920, "plan_id": 11,
        "project_id": 1,
    }),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/orders?currency=usd", "/orders?currency=usd", 200, [ORDER]),
    ("POST", "/v1/bot{{BOT_ID}}/{{API_KEY}}/orders", "/orders", 200, {
        "order_key": "TGM-1234567890-20240716-abcd1234", "amount": "3", "currency": "EUR",
        "checkout_url": "https://example.com",
    }),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/orders/count?interval_unit=month&interval_count=3&currency=usd",
     "/orders/count?interval_unit=month&interval_count=3&currency=usd", 200, [PERIOD, PERIOD, PERIOD]),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/paymentMethods", "/payment_methods", 200, [
        {"name": "cryptonokyc", "display_name": "Crypto (No KYC)", "supports_recurring": False,
         "requires_email": False, "tokens": [{"token": "BTC.LN", "display_name": "Bitcoin (Lightning)"}]},
        {"name": "paypal", "display_name": "PayPal", "supports_recurring": True, "requires_email": False},
    ]),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/paymentMethods/report", "/payment_methods/report", 200, [
        {"name": "cryptocom", "display_name": "Crypto (Crypto.Com)", "revenue": "2412.0767644",
         "currency": "EUR", "formatted": "2 412,08€", "sales": 69},
    ]),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/plans", "/plans", 200, [PLAN]),
    ("POST", "/v1/bot{{BOT_ID}}/{{API_KEY}}/plans", "/plans", 201, PLAN),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/plans/report", "/plans/report", 200, [
        {"plan_id": 19, "plan_name": "USD Demo Plan", "revenue": "551.23244979", "currency": "EUR",
         "formatted": "551,23€", "sales": 7, "breakdown": [PERIOD]},
    ]),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/projects", "/projects", 200, [
        {"project_id": 1, "project_name": "Basketball", "options": {"sort_order": 100, "is_hidden": False}},
        {"project_id": 9, "project_name": "Football", "options": {"is_hidden": False}},
    ]),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/revenue?from=1681159917&to=1683751930",
     "/revenue?from=1681159917&to=1683751930", 200, {
        "from": 1681159917, "to": 1683751930, "revenue": "398.60636332000007", "currency": "EUR",
        "formatted": "398,61€", "sales": 21,
    }),
    ("GET", "/v1/bot{{BOT_ID}}/{{API_KEY}}/users/count", "/users/count", 200, {
        "users": 6405, "leads": 5651, "churned": 6, "members": 864,
    }),
    ("POST", "/v1/bot{{BOT_ID}}/{{API_KEY}}/webhook", "/webhook", 201, [
        {"url": "https://example.com/", "secret": "abcd123"},
    ]),
]  # fmt: skip
# This one's whole answer is printed: it has neither a path nor a result.
REMOVED = ("DELETE", "/v1/bot{{BOT_ID}}/{{API_KEY}}/webhook", {"ok": True, "code": 204})
