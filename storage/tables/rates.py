"""Exchange rates by day, and the morning's word about revenue."""

from sqlalchemy import Column, String, Table

from storage.schema import metadata
from storage.types import Id

rate = Table(
    "rate",
    metadata,
    Column("quote", String(8), primary_key=True),
    Column("day", String(10), primary_key=True),  # YYYY-MM-DD: sorts as text
    Column("rate", String(40), nullable=False),  # decimal: so much of `quote` for one EUR
    Column("source", String(24), nullable=False),
)

# The last morning on which a bot's owner was told how the day before went.
revenue_told = Table(
    "revenue_told",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("day", String(10), nullable=False),  # YYYY-MM-DD
)
