"""Builds the services and the features, each once."""

from bot.i18n import Languages
from bot.settings import Settings
from domain.actor import Actor
from domain.clock import Clock
from domain.telegram import Telegram
from handlers.apikey import apikey_feature
from handlers.bots import bots_feature
from handlers.routing import Routes
from handlers.start import start_feature
from services.access import Access
from services.accounts import AccountService
from services.activity import ActivityService
from services.bots import BotService, Reached
from services.chats import ChatService
from services.directory import BotDirectory
from services.guards import GuardCache
from services.house import House
from services.people import PeopleService
from services.signals import Signals
from services.start import StartService
from services.vault import Vault
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
) -> House:
    """All services."""
    access = Access(db, clock, telegram, directory, settings.owner_ids)
    work = UnitOfWork(db, clock, vault, signals)
    return House(
        actor=Actor(0, languages.translator()),
        clock=clock,
        access=access,
        directory=directory,
        people=PeopleService(access, db, work, clock),
        conversations=StartService(access, db, work),
        accounts=AccountService(access, db, work, clock),
        activity=ActivityService(db, clock),
        guards=GuardCache(),
        bots=BotService(access, db, work, clock, telegram, directory, vault, Reached(settings.public_url)),
        chats=ChatService(access, db, work, directory),
    )


def build_routes() -> Routes:
    """All features in the order their routers are asked."""
    return Routes([start_feature(), bots_feature(), apikey_feature()])
