"""The automation API: auto-replies, welcome messages, anti-spam."""

from api.automation.antispam import ANTISPAM
from api.automation.autoreplies import AUTO_REPLIES
from api.automation.dialect import AutomationDialect
from api.automation.welcome import WELCOME
from api.table import Api

AUTOMATION = Api(
    name="Automation",
    about=(
        "Care for communities: automatic replies, welcomes, anti-spam. `success` is true, or `error` says "
        "what is wrong; the HTTP status tells, too."
    ),
    roots=("/api/auto-replies", "/api/welcome-messages", "/api/antispam/"),
    dialect=AutomationDialect(),
    endpoints=AUTO_REPLIES + WELCOME + ANTISPAM,
)
