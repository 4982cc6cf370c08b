"""Builds the services and the features, each once."""

from bot.i18n import Languages
from bot.settings import Settings
from domain.actor import Actor, Translator
from domain.antispam.memory import Memories
from domain.clock import Clock
from domain.telegram import Telegram
from handlers.affiliates import affiliates_feature
from handlers.antispam import antispam_feature
from handlers.apikey import apikey_feature
from handlers.autoreplies import autoreplies_feature
from handlers.bots import bots_feature
from handlers.chats import chats_feature
from handlers.gate import gate_feature
from handlers.joins import joins_feature
from handlers.memberships import memberships_feature
from handlers.moderation import moderation_feature
from handlers.newplan import newplan_feature
from handlers.plans import plans_feature
from handlers.projects import projects_feature
from handlers.routing import Audience, Routes, Where
from handlers.settings import settings_feature
from handlers.start import described, start_feature
from handlers.subscribers import subscribers_feature
from handlers.tokens import tokens_feature
from handlers.welcome import welcome_feature
from services.access import Access
from services.access_tasks import AccessTasks
from services.accounts import AccountService
from services.activity import ActivityService
from services.affiliates import AffiliateService
from services.antispam import AntiSpamService
from services.autoreplies import AutoReplyService
from services.bots import BotService, Reached
from services.chats import ChatService
from services.directory import BotDirectory
from services.endings import EndingService
from services.gate import GateService
from services.greeter import Greeter
from services.guards import GuardCache, Reactions
from services.hits import HitService
from services.house import House
from services.joins import JoinService
from services.judgements import JudgementService
from services.memberships import MembershipService
from services.menus import Menu, MenuScope, MenuService
from services.moderation import ModerationService
from services.movements import MovementListener
from services.newplan import NewPlanService
from services.people import PeopleService
from services.plans import PlanService
from services.projects import ProjectService
from services.reach import Reach
from services.settings import SettingsService
from services.signals import Signals
from services.spamlog import SpamLog
from services.start import StartService
from services.subscribers import SubscriberService
from services.suspects import Suspects
from services.sweep import SweepService
from services.tokens import TokenService
from services.vault import Vault
from services.ways import Ways
from services.welcome import WelcomeService
from services.work import UnitOfWork
from storage.database import Database


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
) -> House:
    """All services. `menu` says which commands they serve."""
    owner_ids = frozenset(settings.owner_ids)
    access = Access(db, clock, telegram, directory, owner_ids)
    work = UnitOfWork(db, clock, vault, signals)
    menus = MenuService(db, clock, telegram, directory, signals, menu, languages.spoken(), owner_ids)
    reach = Reach(db, directory, languages.translator)
    greeter = Greeter(access, db, work, clock, directory, languages.translator)
    people = PeopleService(access, db, work, clock, signals)
    ways = Ways(db, work, clock, telegram, directory)
    plans = PlanService(access, db, work, clock)
    gate = GateService(access, db, work, telegram, plans)
    chats = ChatService(access, db, work, directory, telegram, reach)
    activity = ActivityService(db, clock)
    memories, spamlog = Memories(), SpamLog(db, reach, languages.translator)
    autoreplies = AutoReplyService(access, db, work, clock, languages.translator)
    reactions = Reactions(HitService(work, spamlog), Suspects(db, telegram, activity), autoreplies)
    # Features that act on joins and leaves, in the order they do.
    listeners: list[MovementListener] = [gate, greeter]
    return House(
        actor=Actor(0, languages.translator()),
        clock=clock,
        access=access,
        directory=directory,
        people=people,
        conversations=StartService(access, db, work),
        accounts=AccountService(access, db, work, clock),
        activity=activity,
        guards=GuardCache(db, clock, signals, access, directory, memories, reactions),
        antispam=AntiSpamService(access, db, work, clock),
        autoreplies=autoreplies,
        judgements=JudgementService(access, db, work, directory, spamlog),
        moderation=ModerationService(access, db, work, telegram, directory, people, memories),
        bots=BotService(
            access, db, work, clock, telegram, directory, vault, Reached(settings.public_url), menus
        ),
        chats=chats,
        menus=menus,
        joins=JoinService(access, db, work, clock, listeners),
        greeter=greeter,
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
        endings=EndingService(access, db, work, clock, directory, languages.translator),
        gate=gate,
        memberships=MembershipService(access, db, work, clock, directory, ways),
        newplan=NewPlanService(access, work),
        plans=plans,
        projects=ProjectService(access, db, work),
        subscribers=SubscriberService(access, db, work, clock, directory, people, languages.translator),
        sweep=SweepService(access, db, work, clock, telegram, directory),
        tokens=TokenService(access, db, work, directory, people, ways),
    )


def build_routes() -> Routes:
    """All features in the order their routers are asked."""
    return Routes(
        [
            start_feature(),
            bots_feature(),
            chats_feature(),
            joins_feature(),
            settings_feature(),
            welcome_feature(),
            autoreplies_feature(),
            antispam_feature(),
            moderation_feature(),
            apikey_feature(),
            plans_feature(),
            newplan_feature(),
            projects_feature(),
            tokens_feature(),
            memberships_feature(),
            subscribers_feature(),
            affiliates_feature(),
            gate_feature(),
        ]
    )


def build_menu(routes: Routes, anybody_owns: bool) -> Menu:
    """The command menus, from the features' own descriptions.

    With `anybody_owns`, everybody may connect bots and sees the commands for it in the service bot.
    """
    commands = list(routes.commands.values())

    def menu(t: Translator, scope: MenuScope, *, is_service: bool) -> list[tuple[str, str]]:
        audiences = {Audience.EVERYONE}
        if scope in (MenuScope.ADMINS, MenuScope.OWNER):
            audiences.add(Audience.ADMINS)
        if scope is MenuScope.OWNER:
            audiences.add(Audience.OWNER)
        if is_service and (scope is MenuScope.OWNER or (scope is MenuScope.PRIVATE and anybody_owns)):
            audiences.add(Audience.SERVICE)
        private = scope in (MenuScope.PRIVATE, MenuScope.OWNER)
        return described(t, commands, Where.PRIVATE if private else Where.GROUPS, audiences)

    return menu
