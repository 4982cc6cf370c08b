"""Every documented system this server speaks."""

from api.automation import AUTOMATION
from api.membership import MEMBERSHIP
from api.table import Api
from api.tracker import TRACKER

SYSTEMS: tuple[Api, ...] = (TRACKER, MEMBERSHIP, AUTOMATION)
