"""The tracker's API: bots, campaigns, leads, broadcasts."""

from api.table import Api
from api.tracker.bots import BOTS
from api.tracker.broadcasts import BROADCASTS
from api.tracker.campaigns import CAMPAIGNS
from api.tracker.dialect import TrackerDialect
from api.tracker.journal import JOURNAL
from api.tracker.leads import LEADS
from api.tracker.links import LINKS
from api.tracker.media import MEDIA
from api.tracker.postbacks import POSTBACKS
from api.tracker.stats import STATS
from api.tracker.triggers import TRIGGERS

TRACKER = Api(
    name="Tracker",
    about=(
        "Bots that greet subscribers and track joins. Every answer is HTTP 200: `status` says whether the "
        "call went well, `error` is the code of what went wrong."
    ),
    roots=(
        "/api/bots/",
        "/api/camp/",
        "/api/leads/",
        "/api/journal/",
        "/api/postback/",
        "/api/stats/",
        "/api/broadcast/",
        "/api/media/",
    ),
    dialect=TrackerDialect(),
    endpoints=BOTS + CAMPAIGNS + LINKS + LEADS + JOURNAL + POSTBACKS + STATS + TRIGGERS + BROADCASTS + MEDIA,
)
