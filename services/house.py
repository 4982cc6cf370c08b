"""All services of the house, built once by the composition root."""

from dataclasses import dataclass, fields
from typing import Any

from domain.actor import Actor
from domain.clock import Clock
from services.access import Access
from services.accounts import AccountService
from services.activity import ActivityService
from services.bots import BotService
from services.chats import ChatService
from services.directory import BotDirectory
from services.guards import GuardCache
from services.people import PeopleService
from services.start import StartService


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
    bots: BotService
    chats: ChatService

    def by_name(self) -> dict[str, Any]:
        """What handlers may ask for by parameter name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "actor"}
