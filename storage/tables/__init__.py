"""All tables, by feature. Importing this package fills `storage.schema.metadata`."""

from storage.tables import bots, core

__all__ = ["bots", "core"]
