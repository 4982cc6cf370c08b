"""Every documented system this server speaks."""

from api.table import Api
from api.tracker import TRACKER

SYSTEMS: tuple[Api, ...] = (TRACKER,)
