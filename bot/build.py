"""The composition root: builds the services, each once; the features come from `bot.features`."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from bot.features import build_menu, build_routes
from bot.i18n import Languages
from bot.settings import Settings
from domain.actor import Actor
from domain.antispam.memory import Memories
from domain.antispam.opinions import Model
from domain.clock import Clock
from domain.gateways import Gateway
from domain.rates import RateSource
from domain.telegram import Files, Telegram
from domain.urls import Caller
from services.access import Access
from services.access_tasks import AccessTasks
from services.accounts import AccountService
from services.activity import ActivityService
from services.affiliates import AffiliateService
from services.antispam import AntiSpamService
from services.autoreplies import AutoReplyService
from services.bans import BanService
from services.boards import BoardService
from services.bot_webhooks import BotWebhooks
from services.bots import BotService
from services.broadcasts import BroadcastService
from services.campaign_fields import CampaignFieldService
from services.campaign_making import CampaignMaker
from services.campaigns import CampaignService
from services.chats import ChatService
from services.checkout import CheckoutService
from services.clicks import ClickService
from services.commissions import CommissionService
from services.couponbook import CouponService
from services.credit import CreditService
from services.directory import BotDirectory
from services.doorboard import Doorboard
from services.doorkeeper import Doorkeeper
from services.drafts import Drafts
from services.endings import EndingService
from services.gate import GateService
from services.gateways import GatewayService
from services.greeter import Greeter
from services.guards import GuardCache, Reactions
from services.hits import HitService
from services.house import House
from services.importing import Importer
from services.imports import ImportService
from services.joins import JoinService
from services.judgements import JudgementService
from services.lead_changes import LeadListener
from services.leads import LeadService
from services.lessons import LessonBook, LessonService
from services.locks import LockService
from services.media import MediaService
from services.memberships import MembershipService
from services.menus import Menu, MenuService
from services.moderation import ModerationService
from services.movements import MovementListener
from services.newbroadcast import NewBroadcastService
from services.newcampaign import NewCampaignService
from services.newcomers import NewcomerService
from services.newcoupon import NewCouponService
from services.newgateway import NewGatewayService
from services.newplan import NewPlanService
from services.opinions import Opinions
from services.orders import OrderService
from services.paying import Paying
from services.payment_methods import PaymentMethodService
from services.payment_notices import PaymentNotices
from services.payments import PaymentService
from services.payouts import PayoutService
from services.people import PeopleService
from services.plans import PlanService
from services.postback_queue import PostbackQueue
from services.postbacks import PostbackService, PostbackWriter
from services.projects import ProjectService
from services.raids import RaidService
from services.rates import RateService
from services.reach import Reach
from services.receipts import ReceiptService
from services.recipients import FollowUps, Recipients
from services.refunds import RefundService
from services.reports import ReportService
from services.revenue import RevenueService
from services.sales import SaleService
from services.settings import SettingsService
from services.signals import Signals
from services.spamlog import SpamLog
from services.spammer_joins import SpammerJoins
from services.spammers import Spammers
from services.stars import StarService
from services.start import StartService
from services.subscribers import SubscriberService
from services.subscriptions import Subscriptions
from services.support import SupportService
from services.suspects import Suspects
from services.sweep import SweepService
from services.tariffs import TariffService
from services.tidying import TidyService
from services.tokens import TokenService
from services.tracker_stats import TrackerStatsService
from services.tracking import Tracking
from services.trigger_jobs import TriggerJobs
from services.triggers import TriggerService
from services.unsubscribes import UnsubscribeService
from services.vault import Vault
from services.verification import VerificationService
from services.ways import Ways
from services.webhook_queue import WebhookQueue
from services.webhooks import WebhookService
from services.welcome import WelcomeService
from services.work import UnitOfWork
from storage.database import Database

__all__ = ["build_house", "build_menu", "build_routes"]


def build_house(
    settings: Settings,
    db: Database,
    clock: Clock,
    signals: Signals,
    vault: Vault,
    directory: BotDirectory,
    telegram: Telegram,
    languages: Languages,
    menu: Menu,
    gateways: Mapping[str, Gateway],
    rate_sources: Sequence[RateSource] = (),
    *,
    caller: Caller,
    files: Files,
    model: Model | None = None,
) -> House:
    """All services. `menu` says which commands they serve; `caller` calls URLs of owners, `files` fetches
    what people send, `model` is asked about doubtful messages."""
    owner_ids = frozenset(settings.owner_ids)
    access = Access(db, clock, telegram, directory, owner_ids)
    work = UnitOfWork(db, clock, vault, signals)
    menus = MenuService(db, clock, telegram, directory, signals, menu, languages.spoken(), owner_ids)
    reach = Reach(db, directory, languages.translator)
    greeter = Greeter(access, db, work, clock, directory, languages.translator)
    people = PeopleService(access, db, work, clock, signals)
    ways = Ways(db, work, clock, telegram, directory)
    plans = PlanService(access, db, work, clock)
    # Features that act on the steps of leads, in the order they do.
    trigger_jobs = TriggerJobs(db, clock, languages.translator)
    on_leads: list[LeadListener] = [PostbackWriter(), trigger_jobs]
    leads = LeadService(access, db, work, clock, telegram, Tracking(on_leads))
    spamlog = SpamLog(db, reach, languages.translator)
    board = Doorboard(directory, languages.translator)
    doorkeeper = Doorkeeper(greeter, directory, board, languages.translator, leads)
    raids = RaidService(access, db, work, clock, directory, doorkeeper, greeter, spamlog)
    spammers = Spammers(access, clock, caller, settings.spammer_lists, settings.data_dir / "spammers")
    at_door = SpammerJoins(spammers, directory, doorkeeper, spamlog)
    newcomers = NewcomerService(
        access, db, work, clock, directory, doorkeeper, board, raids, spamlog, leads, at_door
    )
    gate = GateService(access, db, work, telegram, plans, newcomers)
    chats = ChatService(access, db, work, directory, telegram, reach)
    activity = ActivityService(db, clock)
    memories = Memories()
    lessons = LessonBook(db, signals)
    autoreplies = AutoReplyService(access, db, work, clock, languages.translator)
    suspects = Suspects(db, telegram, activity, Opinions(clock, model))
    reactions = Reactions(HitService(work, spamlog), suspects, autoreplies)
    # Features that act on joins and leaves, in the order they do.
    listeners: list[MovementListener] = [gate, newcomers, leads]
    paying = Paying(gateways, vault, settings.public_url)
    names = {name: one.traits.display_name for name, one in gateways.items()}
    notices = PaymentNotices(db, ways, reach, languages.translator)
    taking = PaymentService(access, db, work, clock, directory, paying, notices)
    house = Actor(0, languages.translator())
    hooks = BotWebhooks(db, work, telegram, directory, vault, settings.public_url)
    bots = BotService(access, db, work, clock, telegram, directory, vault, hooks, menus)
    maker = CampaignMaker(access, db, telegram, directory, chats)
    stopping = Subscriptions(db, paying)
    installed = GatewayService(access, db, work, directory, paying)
    orders = OrderService(
        access, db, work, clock, directory, paying, Drafts(db, clock, paying), taking, ways, house
    )
    return House(
        actor=house,
        clock=clock,
        access=access,
        directory=directory,
        people=people,
        conversations=StartService(access, db, work),
        accounts=AccountService(access, db, work, clock),
        activity=activity,
        guards=GuardCache(db, clock, signals, access, directory, memories, reactions, lessons, spammers),
        antispam=AntiSpamService(
            access, db, work, clock, directory, lessons, spammers, urlsplit(settings.llm_url).hostname or ""
        ),
        bans=BanService(access, db, work, clock, directory),
        autoreplies=autoreplies,
        judgements=JudgementService(access, db, work, telegram, directory, spamlog),
        spammers=spammers,
        lessons=LessonService(access, work, directory),
        locks=LockService(access, work, telegram, directory),
        tidying=TidyService(access, work, telegram, directory, memories),
        moderation=ModerationService(access, db, work, telegram, directory, people, memories),
        bots=bots,
        chats=chats,
        menus=menus,
        joins=JoinService(access, db, work, clock, listeners, [newcomers]),
        greeter=greeter,
        newcomers=newcomers,
        raids=raids,
        verification=VerificationService(access, db, work, doorkeeper),
        welcome=WelcomeService(access, db, work, directory),
        settings=SettingsService(access, db, work, directory),
        access_tasks=AccessTasks(
            access,
            db,
            work,
            clock,
            telegram,
            directory,
            ways,
            reach,
            languages.translator,
            signals,
            chats.shut_out,
        ),
        affiliates=AffiliateService(access, db, work, clock, directory),
        commissions=CommissionService(access, db, work),
        coupons=CouponService(access, db, work, clock, directory, paying, plans),
        credit=CreditService(access, db, work, directory, languages.translator),
        endings=EndingService(access, db, work, clock, directory, languages.translator, leads),
        gate=gate,
        gateways=installed,
        newgateway=NewGatewayService(access, db, work, paying, vault, installed),
        memberships=MembershipService(access, db, work, clock, directory, ways, stopping),
        checkout=CheckoutService(access, db, work, telegram, paying, languages.translator),
        orders=orders,
        payment_methods=PaymentMethodService(access, db, paying),
        imports=ImportService(access, db, work, files),
        importing=Importer(access, db, work, clock, telegram, directory, reach, languages.translator),
        receipts=ReceiptService(access, db),
        support=SupportService(access, db, work, directory, reach, languages.translator),
        sales=SaleService(access, db, work, directory, people),
        refunds=RefundService(access, db, work, clock, directory, paying, taking, notices, reach),
        stars=StarService(access, db, clock, telegram, taking),
        taking=taking,
        newcoupon=NewCouponService(access, work, directory),
        newplan=NewPlanService(access, work),
        payouts=PayoutService(access, db, work, clock, directory, reach, languages.translator),
        plans=plans,
        projects=ProjectService(access, db, work),
        rates=RateService(access, db, clock, rate_sources),
        reports=ReportService(access, db, clock),
        revenue=RevenueService(access, db, work, clock, directory, reach, names),
        subscribers=SubscriberService(
            access, db, work, clock, directory, people, languages.translator, stopping
        ),
        sweep=SweepService(access, db, work, clock, telegram, directory),
        tokens=TokenService(access, db, work, directory, people, ways),
        webhooks=WebhookService(access, db, work, clock, vault, caller, private=settings.allow_private_urls),
        webhook_queue=WebhookQueue(access, db, work, clock, vault, directory, reach),
        deferred=[
            Recipients(db, work, clock, directory, languages.translator),
            FollowUps(db, clock, languages.translator),
            trigger_jobs,
        ],
        postbacks=PostbackService(access, db, work, private=settings.allow_private_urls),
        postback_queue=PostbackQueue(access, db, work, clock),
        stats=TrackerStatsService(access, db, clock),
        boards=BoardService(access, db, work, clock, languages.translator),
        broadcasts=BroadcastService(access, db, work, clock, directory, reach),
        media=MediaService(access, work),
        newbroadcast=NewBroadcastService(access, db, work, directory, reach, files),
        tariffs=TariffService(access, db, work, directory),
        triggers=TriggerService(access, db, work, clock, directory, reach, files),
        unsubscribes=UnsubscribeService(access, work),
        campaigns=CampaignService(access, db, work, maker, settings.public_url),
        campaign_fields=CampaignFieldService(access, db, work, files, settings.public_url),
        clicks=ClickService(access, db, work, clock, directory),
        leads=leads,
        newcampaign=NewCampaignService(access, db, work, maker, bots, chats, files, settings.public_url),
    )
