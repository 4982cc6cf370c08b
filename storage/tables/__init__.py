"""All tables, by feature. Importing this package fills `storage.schema.metadata`."""

from storage.tables import bots, core, membership, moderation, welcome

__all__ = ["bots", "core", "membership", "moderation", "welcome"]
