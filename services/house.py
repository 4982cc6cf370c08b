"""All services of the house, built once by the composition root."""

from collections.abc import Sequence
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
from services.bans import BanService
from services.boards import BoardService
from services.bots import BotService
from services.broadcasts import BroadcastService
from services.campaign_fields import CampaignFieldService
from services.campaigns import CampaignService
from services.chats import ChatService
from services.checkout import CheckoutService
from services.clicks import ClickService
from services.commissions import CommissionService
from services.couponbook import CouponService
from services.credit import CreditService
from services.deferred import DeferredSource
from services.directory import BotDirectory
from services.endings import EndingService
from services.gate import GateService
from services.gateways import GatewayService
from services.greeter import Greeter
from services.guards import GuardCache
from services.importing import Importer
from services.imports import ImportService
from services.joins import JoinService
from services.judgements import JudgementService
from services.leads import LeadService
from services.lessons import LessonService
from services.locks import LockService
from services.media import MediaService
from services.memberships import MembershipService
from services.menus import MenuService
from services.moderation import ModerationService
from services.newbroadcast import NewBroadcastService
from services.newcampaign import NewCampaignService
from services.newcomers import NewcomerService
from services.newcoupon import NewCouponService
from services.newgateway import NewGatewayService
from services.newplan import NewPlanService
from services.orders import OrderService
from services.payment_methods import PaymentMethodService
from services.payments import PaymentService
from services.payouts import PayoutService
from services.people import PeopleService
from services.plans import PlanService
from services.postback_queue import PostbackQueue
from services.postbacks import PostbackService
from services.projects import ProjectService
from services.raids import RaidService
from services.rates import RateService
from services.receipts import ReceiptService
from services.refunds import RefundService
from services.reports import ReportService
from services.revenue import RevenueService
from services.sales import SaleService
from services.settings import SettingsService
from services.spammers import Spammers
from services.stars import StarService
from services.start import StartService
from services.subscribers import SubscriberService
from services.support import SupportService
from services.sweep import SweepService
from services.tariffs import TariffService
from services.tidying import TidyService
from services.tokens import TokenService
from services.tracker_stats import TrackerStatsService
from services.triggers import TriggerService
from services.unsubscribes import UnsubscribeService
from services.verification import VerificationService
from services.webhook_queue import WebhookQueue
from services.webhooks import WebhookService
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
    bans: BanService
    judgements: JudgementService
    lessons: LessonService
    spammers: Spammers
    locks: LockService
    moderation: ModerationService
    tidying: TidyService
    bots: BotService
    chats: ChatService
    joins: JoinService
    menus: MenuService
    greeter: Greeter
    newcomers: NewcomerService
    raids: RaidService
    verification: VerificationService
    welcome: WelcomeService
    settings: SettingsService
    access_tasks: AccessTasks
    affiliates: AffiliateService
    commissions: CommissionService
    coupons: CouponService
    credit: CreditService
    endings: EndingService
    gate: GateService
    gateways: GatewayService
    importing: Importer
    imports: ImportService
    memberships: MembershipService
    checkout: CheckoutService
    newcoupon: NewCouponService
    newgateway: NewGatewayService
    newplan: NewPlanService
    payouts: PayoutService
    orders: OrderService
    payment_methods: PaymentMethodService
    plans: PlanService
    projects: ProjectService
    rates: RateService
    reports: ReportService
    revenue: RevenueService
    receipts: ReceiptService
    refunds: RefundService
    sales: SaleService
    stars: StarService
    subscribers: SubscriberService
    taking: PaymentService  # money that comes
    support: SupportService
    sweep: SweepService
    tokens: TokenService
    webhooks: WebhookService
    webhook_queue: WebhookQueue
    deferred: Sequence[DeferredSource]  # whose calls stand in the outbox
    campaigns: CampaignService
    campaign_fields: CampaignFieldService
    clicks: ClickService
    leads: LeadService
    newcampaign: NewCampaignService
    postbacks: PostbackService
    postback_queue: PostbackQueue
    stats: TrackerStatsService
    boards: BoardService
    broadcasts: BroadcastService
    media: MediaService
    newbroadcast: NewBroadcastService
    tariffs: TariffService
    triggers: TriggerService
    unsubscribes: UnsubscribeService

    def by_name(self) -> dict[str, Any]:
        """What handlers may ask for by parameter name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "actor"}
