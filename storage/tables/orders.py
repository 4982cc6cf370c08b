"""Orders, the payments that came for them, refunds, subscriptions, and the gateways a bot has installed."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from storage.schema import metadata
from storage.types import Id, Instant, json_column, serial

# A gateway somebody installed for a bot, with what it needs to be asked. Telegram Stars needs nothing.
gateway_account = Table(
    "gateway_account",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("gateway", String(24), nullable=False),
    Column("credentials", LargeBinary, nullable=False),  # sealed
    Column("account", String(128), nullable=False),  # as the provider calls it, for the owner
    Column("hook_id", String(32), nullable=False, unique=True),  # where its notifications come in
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("uq_gateway_account", "bot_id", "gateway", unique=True),
)

# How far a bot's list of payments at Telegram has been read.
star_cursor = Table(
    "star_cursor",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("position", BigInteger, nullable=False),  # transactions read so far
    Column("read_at", Instant, nullable=False),
)

purchase_order = Table(
    "purchase_order",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("key", String(48), nullable=False, unique=True),
    Column("kind", Integer, nullable=False),  # domain.orders.Kind
    Column("status", String(12), nullable=False),
    Column("member_id", BigInteger),  # null: made by API for somebody not yet known
    Column("email", String(254)),
    Column("plan_id", Id, nullable=False),
    Column("plan_name", String(32), nullable=False),  # as it was called then
    Column("project_id", Id, nullable=False),
    Column("length", String(16), nullable=False),  # the plan's duration then
    Column("gateway", String(24), nullable=False),
    Column("ref", String(255)),  # the checkout's id at the provider
    Column("checkout_url", String(2048)),
    Column("price", BigInteger, nullable=False),  # the plan's price then, in minor units
    Column("discount", BigInteger, nullable=False),  # what the coupon took off, in the price's currency
    Column("price_currency", String(8), nullable=False),
    Column("amount", BigInteger, nullable=False),  # what is to be paid, in minor units
    Column("currency", String(8), nullable=False),  # of what is to be paid: Stars for a plan in euros
    Column("coupon_id", Id),
    Column("subscription_id", Id),
    Column("recurring", Boolean, nullable=False),  # the checkout begins a subscription
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),  # until then it holds its place and its coupon
    Column("asked_at", Instant),  # when the provider was last asked about it
    Column("agreed_at", Instant),  # when Telegram was told at pre-checkout that its coupon still holds
    Column("completed_at", Instant),
    Column("closed_at", Instant),  # expired, canceled or refunded
    Column("claimed_at", Instant),  # when a member took an order that was made for nobody
    Index("uq_purchase_order_ref", "bot_id", "gateway", "ref", unique=True),
    Index("ix_purchase_order_list", "bot_id", "id"),
    Index("ix_purchase_order_member", "bot_id", "member_id"),
    Index("ix_purchase_order_plan", "bot_id", "plan_id", "status"),
    Index("ix_purchase_order_coupon", "coupon_id", "status"),
    Index("ix_purchase_order_open", "status", "expires_at"),
)

# Money that came. The charge id is the provider's own: one charge is written once, whatever is said of it.
payment = Table(
    "payment",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("order_id", Id, nullable=False, index=True),
    Column("gateway", String(24), nullable=False),
    Column("charge_id", String(255), nullable=False),
    Column("member_id", BigInteger),
    Column("amount", BigInteger, nullable=False),  # minor units
    Column("currency", String(8), nullable=False),
    Column("rate", String(40)),  # of `currency` to one EUR on the day; null where no rate was known
    Column("paid_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),  # when we wrote it down
    Column("accepted", Boolean, nullable=False),  # False: too little or another currency; the owner decides
    Column("grant_id", Id),  # what it gave
    Column("refunded", BigInteger, nullable=False),  # minor units that went back
    Column("refunded_at", Instant),
    Column("disputed_at", Instant),
    Index("uq_payment_charge", "bot_id", "gateway", "charge_id", unique=True),
    Index("ix_payment_paid", "bot_id", "paid_at"),
)

# Refunds we owe: asked of the provider until it is done.
refund = Table(
    "refund",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("payment_id", Id, nullable=False, unique=True),
    Column("reason", String(16), nullable=False),  # owner | second | api
    Column("by", BigInteger, nullable=False),  # who wanted it; 0: the house
    Column("state", String(8), nullable=False),  # owed | done | failed
    Column("attempts", Integer, nullable=False),
    Column("words", String(500)),  # why the provider refused
    Column("due_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_refund_due", "state", "due_at"),
)

subscription = Table(
    "subscription",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("gateway", String(24), nullable=False),
    Column("ref", String(255), nullable=False),  # the provider's id; for Stars the first charge's
    Column("order_id", Id, nullable=False),  # the order that began it
    Column("member_id", BigInteger, nullable=False),
    Column("plan_id", Id, nullable=False),
    Column("project_id", Id, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(8), nullable=False),
    Column("state", String(8), nullable=False),  # active | ending | ended
    Column("paid_until", Instant),
    Column("asked_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("uq_subscription_ref", "bot_id", "gateway", "ref", unique=True),
    Index("ix_subscription_member", "bot_id", "member_id"),
    Index("ix_subscription_state", "state", "asked_at"),
)

# Questions about payments that were passed on to the owner: who asked when, not what.
support_request = Table(
    "support_request",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Index("ix_support_request_member", "bot_id", "member_id", "at"),
)

coupon = Table(
    "coupon",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("name", String(32), nullable=False),
    Column("key", String(32), nullable=False),  # the name in small letters
    Column("percent", String(8), nullable=False),  # decimal, "0" for none
    Column("amount", String(24), nullable=False),  # decimal, in the plan's currency; "0" for none
    Column("min_amount", String(24), nullable=False),
    Column("max_amount", String(24), nullable=False),  # "0": no limit
    Column("uses", Integer, nullable=False),  # 0: unlimited
    json_column("plans"),  # ids; empty: all
    json_column("gateways"),  # names; empty: all
    Column("revenue_direction", String(8)),  # above | below
    Column("revenue_amount", String(24)),
    Column("revenue_currency", String(8)),
    Column("newcomers", Boolean, nullable=False),
    Column("singleuse", Boolean, nullable=False),
    Column("invitee_only", Boolean, nullable=False),
    Column("auto_apply", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("expires_at", Instant),
    Column("created_at", Instant, nullable=False),
    Index("uq_coupon_key", "bot_id", "key", unique=True),
)

# The coupon somebody entered, for his next order.
coupon_in_hand = Table(
    "coupon_in_hand",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("member_id", BigInteger, primary_key=True),
    Column("coupon_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
)
