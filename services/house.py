"""All services of the house, built once by the composition root."""

from dataclasses import dataclass, fields
from typing import Any

from domain.actor import Actor
from domain.clock import Clock
from services.access import Access
from services.access_tasks import AccessTasks
from services.accounts import AccountService
from services.activity import ActivityService
from services.affiliates import AffiliateService
from services.antispam import AntiSpamService
from services.autoreplies import AutoReplyService
from services.bots import BotService
from services.chats import ChatService
from services.directory import BotDirectory
from services.endings import EndingService
from services.gate import GateService
from services.greeter import Greeter
from services.guards import GuardCache
from services.joins import JoinService
from services.judgements import JudgementService
from services.memberships import MembershipService
from services.menus import MenuService
from services.moderation import ModerationService
from services.newplan import NewPlanService
from services.people import PeopleService
from services.plans import PlanService
from services.projects import ProjectService
from services.settings import SettingsService
from services.start import StartService
from services.subscribers import SubscriberService
from services.sweep import SweepService
from services.tokens import TokenService
from services.welcome import WelcomeService


@dataclass(frozen=True, slots=True)
class House:
    """The services by the names handlers and endpoints know them by. `actor` is the house itself."""

    actor: Actor
    clock: Clock
    access: Access
    directory: BotDirectory
    people: PeopleService
    conversations: StartService
    accounts: AccountService
    activity: ActivityService
    guards: GuardCache
    antispam: AntiSpamService
    autoreplies: AutoReplyService
    judgements: JudgementService
    moderation: ModerationService
    bots: BotService
    chats: ChatService
    joins: JoinService
    menus: MenuService
    greeter: Greeter
    welcome: WelcomeService
    settings: SettingsService
    access_tasks: AccessTasks
    affiliates: AffiliateService
    endings: EndingService
    gate: GateService
    memberships: MembershipService
    newplan: NewPlanService
    plans: PlanService
    projects: ProjectService
    subscribers: SubscriberService
    sweep: SweepService
    tokens: TokenService

    def by_name(self) -> dict[str, Any]:
        """What handlers may ask for by parameter name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "actor"}
