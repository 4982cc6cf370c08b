"""All tables, by feature. Importing this package fills `storage.schema.metadata`."""

from storage.tables import (
    bots,
    broadcasts,
    core,
    earnings,
    membership,
    moderation,
    orders,
    postbacks,
    rates,
    tracker,
    verification,
    webhooks,
    welcome,
)

__all__ = [
    "bots", "broadcasts", "core", "earnings", "membership", "moderation", "orders", "postbacks", "rates",
    "tracker", "verification", "webhooks", "welcome",
]  # fmt: skip
