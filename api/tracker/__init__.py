"""The tracker's API: bots, campaigns, leads, broadcasts."""

from api.table import Api
from api.tracker.bots import BOTS
from api.tracker.dialect import TrackerDialect

TRACKER = Api(
    name="Tracker",
    about=(
        "Bots that greet subscribers and track joins. Every answer is HTTP 200: `status` says whether the "
        "call went well, `error` is the code of what went wrong."
    ),
    roots=("/api/bots/",),
    dialect=TrackerDialect(),
    endpoints=BOTS,
)
