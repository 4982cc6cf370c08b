"""An owner with a bot, campaigns, leads and broadcasts: tests and measurements begin with these."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from domain.broadcasts import Audience, Broadcast, BroadcastStatus, bits
from domain.campaigns import new_code
from domain.creatives import Creative
from domain.leads import LeadStatus
from storage import bots, broadcasts, campaigns, recipients
from storage.database import Database
from storage.tables.broadcasts import broadcast_recipient
from storage.tables.core import outbox, person
from storage.tables.tracker import lead

OWNER = 4_200_001
INSIDE = bits([LeadStatus.APPROVE])
FIRST = 7_000_000  # the Telegram id of the first person
AT_ONCE = 1_000  # rows written in one statement


class Mailing:
    """What broadcasts are made of."""

    def __init__(self, db: Database, now: datetime, owner_id: int = OWNER) -> None:
        self.db, self.now, self.owner_id = db, now, owner_id

    async def bot(self, number: int = 1) -> int:
        """A connected bot of the owner's."""
        async with self.db.write() as tx:
            made = await bots.connect(
                tx, telegram_id=700 + number, owner_id=self.owner_id, public_id=f"bot{number}",
                username=f"mail_{number}_bot", name="Mail", token=b"", secret_digest=b"", is_service=False,
                manages_bots=False, now=self.now,
            )  # fmt: skip
        assert made is not None
        return made.id

    async def campaign(self, bot_id: int, chat_id: int = -1001) -> int:
        """A campaign of the bot's."""
        async with self.db.write() as tx:
            made = await campaigns.create(
                tx, self.owner_id, bot_id, chat_id, code=new_code(), name="Club", creative=Creative("Hi"),
                now=self.now,
            )  # fmt: skip
        assert made is not None
        return made.id

    async def people(
        self,
        bot_id: int,
        campaign_id: int,
        users: Sequence[int],
        *,
        status: LeadStatus = LeadStatus.APPROVE,
        met: bool = True,
        **values: Any,
    ) -> None:
        """Leads of the campaign; `met` ones have started the bot."""
        of_lead = {
            "owner_id": self.owner_id, "campaign_id": campaign_id, "bot_id": bot_id, "chat_id": -1001,
            "status": int(status), "entry": 1, "click": "", "subs": {}, "source": "", "invite": "",
            "already_member": False, "created_at": self.now, "status_at": self.now,
        } | values  # fmt: skip
        of_person = {"bot_id": bot_id, "first_name": "Ann", "seen_at": self.now, "started_at": self.now}
        for start in range(0, len(users), AT_ONCE):
            some = users[start : start + AT_ONCE]
            async with self.db.write() as tx:
                await tx.execute(insert(lead), [of_lead | {"user_id": user} for user in some])
                if met:
                    await tx.execute(insert(person), [of_person | {"user_id": user} for user in some])

    async def broadcast(
        self, text: str = "Hello", *, audience: Audience | None = None, paid: bool = False
    ) -> Broadcast:
        """A draft, for everybody inside unless the audience says otherwise."""
        async with self.db.write() as tx:
            made = await broadcasts.create(tx, self.owner_id, "News", self.now)
            await broadcasts.edit(
                tx, self.owner_id, made, "News", audience or Audience(INSIDE), Creative(text), paid
            )
            found = await broadcasts.get(tx, self.owner_id, made)
        assert found is not None
        return found

    async def start(self, one: Broadcast) -> int:
        """Enqueue its audience and let it run; how many wait."""
        async with self.db.write() as tx:
            waiting = await recipients.enqueue(tx, one, self.now)
            await self.put(one, BroadcastStatus.RUNNING, tx=tx)
        return waiting

    async def put(self, one: Broadcast, status: BroadcastStatus, tx: Any = None) -> None:
        """Put it into a status, whatever it was in."""
        if tx is None:
            async with self.db.write() as own:
                await self.put(one, status, own)
            return
        await broadcasts.move(tx, self.owner_id, one.id, list(BroadcastStatus), status, started_at=self.now)

    async def status(self, one: Broadcast) -> tuple[BroadcastStatus, str | None]:
        """Where it stands, and why it paused by itself."""
        async with self.db.read() as tx:
            found = await broadcasts.get(tx, self.owner_id, one.id)
        assert found is not None
        return found.status, found.reason

    async def states(self, one: Broadcast) -> dict[int, str]:
        """Its recipients' states, by user id."""
        return await self.states_of(one.id)

    async def states_of(self, broadcast_id: int) -> dict[int, str]:
        """The same by the broadcast's id."""
        c = broadcast_recipient.c
        async with self.db.read() as tx:
            rows = await tx.execute(select(c.user_id, c.state).where(c.broadcast_id == broadcast_id))
            return {row.user_id: row.state for row in rows}

    async def in_outbox(self) -> int:
        """How many deferred calls stand in the outbox."""
        async with self.db.read() as tx:
            return len((await tx.execute(select(outbox.c.id).where(outbox.c.source.is_not(None)))).all())

    async def change_lead(self, user_id: int, **values: Any) -> None:
        """Set columns of somebody's leads."""
        async with self.db.write() as tx:
            await tx.execute(update(lead).where(lead.c.user_id == user_id).values(**values))

    async def change_person(self, user_id: int, **values: Any) -> None:
        """Set columns of a person."""
        async with self.db.write() as tx:
            await tx.execute(update(person).where(person.c.user_id == user_id).values(**values))
