"""The membership API: plans, members, orders, money."""

from api.membership.affiliates import AFFILIATES
from api.membership.bots import BOTS
from api.membership.coupons import COUPONS
from api.membership.dialect import MembershipDialect
from api.membership.members import MEMBERS
from api.membership.orders import ORDERS
from api.membership.payment_methods import PAYMENT_METHODS
from api.membership.plans import PLANS
from api.membership.projects import PROJECTS
from api.membership.reports import REPORTS
from api.membership.rows import ROOT
from api.membership.webhooks import WEBHOOKS
from api.table import Api

MEMBERSHIP = Api(
    name="Membership",
    about=(
        "Paid access to chats. The key stands in a header or, as `/v1/bot{bot_id}/{key}/…`, in the address; "
        "the case of method names does not matter. Parameters go into the query, a form, or a JSON object."
    ),
    roots=(ROOT,),
    dialect=MembershipDialect(),
    endpoints=(
        *PROJECTS, *PLANS, *MEMBERS, *ORDERS, *PAYMENT_METHODS, *REPORTS, *COUPONS, *AFFILIATES, *BOTS,
        *WEBHOOKS,
    ),
    any_case=True,
)  # fmt: skip
