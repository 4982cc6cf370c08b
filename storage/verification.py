"""Newcomers who have a question to answer, and the question in the group that they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, delete, func, select, update

from domain.movements import Movement
from domain.verification import Challenge
from storage.database import Tx
from storage.statements import insert
from storage.tables.verification import verification, verification_board

# He has to answer; what opens the door to him is still to be done; he is in; he went before he was in.
WAITING, OWED, PASSED, GONE = "waiting", "owed", "passed", "gone"


@dataclass(frozen=True, slots=True)
class Held:
    """A newcomer. `private_id` is where somebody who requests to join is asked; 0: he is in the chat, muted.

    `challenge` is his own question; None: that of the board. `movement` is his join.
    """

    bot_id: int
    chat_id: int
    user_id: int
    state: str
    private_id: int
    expected: bool
    wrong: int
    name: str
    language_code: str | None
    challenge: Challenge | None
    movement: Movement | None
    came_at: datetime
    due_at: datetime

    @property
    def requests(self) -> bool:
        """True for somebody who is not in the chat yet, and asks to be let in."""
        return self.private_id != 0

    @property
    def outside(self) -> bool:
        """True for somebody who requests to join, and has not been let in."""
        return self.requests and self.state in (WAITING, OWED)


def _held(row: Any) -> Held:
    values = {**row._mapping}
    del values["alone"]
    values["challenge"] = msgspec.convert(row.challenge, Challenge) if row.challenge else None
    values["movement"] = msgspec.convert(row.movement, Movement) if row.movement else None
    return Held(**values)


def _him(bot_id: int, chat_id: int, user_id: int) -> ColumnElement[bool]:
    table = verification.c
    return and_(table.bot_id == bot_id, table.chat_id == chat_id, table.user_id == user_id)


async def get(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> Held | None:
    """What is known of somebody at a chat's door."""
    row = (await tx.execute(select(verification).where(_him(bot_id, chat_id, user_id)))).one_or_none()
    return None if row is None else _held(row)


async def by_nonce(tx: Tx, bot_id: int, user_id: int, nonce: str) -> Held | None:
    """Whom a question of his own asks, by its nonce: the chat may have another id than when it was asked."""
    table = verification.c
    where = (table.bot_id == bot_id, table.user_id == user_id, table.state == WAITING, table.alone)
    rows = [_held(row) for row in await tx.execute(select(verification).where(*where))]
    return next((one for one in rows if one.challenge is not None and one.challenge.nonce == nonce), None)


async def hold(tx: Tx, held: Held) -> None:
    """He has to answer. In place of what was known; wrong answers of one who went and comes again count."""
    key = {"bot_id": held.bot_id, "chat_id": held.chat_id, "user_id": held.user_id}
    values = {
        "state": held.state,
        "private_id": held.private_id,
        "expected": held.expected,
        "alone": held.challenge is not None,
        "name": held.name,
        "language_code": held.language_code,
        "challenge": msgspec.to_builtins(held.challenge) if held.challenge else {},
        "movement": msgspec.to_builtins(held.movement) if held.movement else {},
        "came_at": held.came_at,
        "due_at": held.due_at,
    }
    statement = insert(tx, verification).values(**key, **values, wrong=held.wrong)
    await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


async def decide(
    tx: Tx,
    bot_id: int,
    chat_id: int,
    user_id: int,
    among: Sequence[str],
    state: str,
    due: datetime,
    *,
    only_due: datetime | None = None,
    wrong: int | None = None,
) -> Held | None:
    """Move somebody from one of the states `among` on; None when he is in another one by now.

    `only_due` is a moment at which the row must be due; `wrong` sets the count of wrong answers.
    """
    values: dict[str, Any] = {"state": state, "due_at": due}
    if wrong is not None:
        values["wrong"] = wrong
    where = [_him(bot_id, chat_id, user_id), verification.c.state.in_(among)]
    if only_due is not None:
        where.append(verification.c.due_at <= only_due)
    row = (
        await tx.execute(update(verification).where(*where).values(values).returning(verification))
    ).one_or_none()
    return None if row is None else _held(row)


async def miss(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> int | None:
    """Count a wrong answer; how many there are now, None for somebody who has nothing to answer."""
    counted = (
        update(verification)
        .where(_him(bot_id, chat_id, user_id), verification.c.state == WAITING)
        .values(wrong=verification.c.wrong + 1)
        .returning(verification.c.wrong)
    )
    number: int | None = (await tx.execute(counted)).scalar_one_or_none()
    return number


async def drop(tx: Tx, bot_id: int, chat_id: int, user_id: int, state: str) -> Held | None:
    """Forget somebody who is in this state; None when he is not."""
    gone = delete(verification).where(_him(bot_id, chat_id, user_id), verification.c.state == state)
    row = (await tx.execute(gone.returning(verification))).one_or_none()
    return None if row is None else _held(row)


async def waiting(tx: Tx, bot_id: int, chat_id: int, since: datetime | None = None) -> list[Held]:
    """Who has to answer at a chat's door, by arrival; those who came `since` then."""
    table = verification.c
    where = [table.bot_id == bot_id, table.chat_id == chat_id, table.state == WAITING]
    if since is not None:
        where.append(table.came_at >= since)
    rows = await tx.execute(select(verification).where(*where).order_by(table.came_at, table.user_id))
    return [_held(row) for row in rows]


async def owed(tx: Tx, bot_id: int, chat_id: int) -> list[Held]:
    """To whom a chat's door is still to be opened."""
    table = verification.c
    where = (table.bot_id == bot_id, table.chat_id == chat_id, table.state == OWED)
    return [_held(row) for row in await tx.execute(select(verification).where(*where))]


async def at_board(tx: Tx, bot_id: int, chat_id: int, most: int) -> tuple[int, list[Held]]:
    """Who has to answer the question in the group: how many, and the first `most` of them."""
    table = verification.c
    where = (
        table.bot_id == bot_id, table.chat_id == chat_id, table.state == WAITING, table.private_id == 0,
        ~table.alone,
    )  # fmt: skip
    number = (await tx.execute(select(func.count()).select_from(verification).where(*where))).scalar_one()
    if not most:
        return int(number), []
    first = select(verification).where(*where).order_by(table.came_at, table.user_id).limit(most)
    return int(number), [_held(row) for row in await tx.execute(first)]


async def chats_waiting(tx: Tx, bot_id: int) -> list[int]:
    """Chats of a bot at whose door somebody has to answer."""
    table = verification.c
    rows = await tx.execute(
        select(table.chat_id).where(table.bot_id == bot_id, table.state == WAITING).distinct()
    )
    return list(rows.scalars())


async def due(tx: Tx, now: datetime, most: int) -> list[Held]:
    """Rows to be looked at, the longest due first."""
    found = select(verification).where(verification.c.due_at <= now).order_by(verification.c.due_at)
    return [_held(row) for row in await tx.execute(found.limit(most))]


async def postpone(tx: Tx, held: Held, until: datetime) -> None:
    """Look at somebody again later, if nothing has become of him meanwhile."""
    await tx.execute(
        update(verification)
        .where(_him(held.bot_id, held.chat_id, held.user_id), verification.c.state == held.state)
        .values(due_at=until)
    )


async def post(
    tx: Tx, bot_id: int, chat_id: int, question: Challenge, now: datetime, stands: timedelta
) -> bool:
    """Put a new question on the board, unless one was put there within `stands`: False then."""
    values = {"challenge": msgspec.to_builtins(question), "posted_at": now, "due_at": None}
    statement = insert(tx, verification_board).values(bot_id=bot_id, chat_id=chat_id, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["bot_id", "chat_id"],
        set_=values,
        where=verification_board.c.posted_at <= now - stands,
    )
    return bool((await tx.execute(statement.returning(verification_board.c.posted_at))).all())


async def touch(tx: Tx, bot_id: int, chat_id: int, due: datetime) -> None:
    """The board has to be brought up to date, at `due` at the latest."""
    board = verification_board.c
    await tx.execute(
        update(verification_board)
        .where(board.bot_id == bot_id, board.chat_id == chat_id, board.due_at.is_(None))
        .values(due_at=due)
    )


async def question(tx: Tx, bot_id: int, chat_id: int) -> Challenge | None:
    """The question on a chat's board."""
    board = verification_board.c
    found = await tx.execute(select(board.challenge).where(board.bot_id == bot_id, board.chat_id == chat_id))
    document = found.scalar_one_or_none()
    return None if document is None else msgspec.convert(document, Challenge)


async def boards_due(tx: Tx, now: datetime) -> list[tuple[int, int]]:
    """(bot, chat) whose board has to be brought up to date."""
    board = verification_board.c
    rows = await tx.execute(select(board.bot_id, board.chat_id).where(board.due_at <= now))
    return [(row.bot_id, row.chat_id) for row in rows]


async def take_board(tx: Tx, bot_id: int, chat_id: int, now: datetime) -> Challenge | None:
    """The question of a board that is due; None when somebody else has taken it."""
    board = verification_board.c
    taken = (
        update(verification_board)
        .where(board.bot_id == bot_id, board.chat_id == chat_id, board.due_at <= now)
        .values(due_at=None)
        .returning(board.challenge)
    )
    document = (await tx.execute(taken)).scalar_one_or_none()
    return None if document is None else msgspec.convert(document, Challenge)


async def clear_board(tx: Tx, bot_id: int, chat_id: int) -> bool:
    """Nobody has to answer any more: the question is taken down; False when there was none."""
    board = verification_board.c
    done = await tx.execute(
        delete(verification_board).where(board.bot_id == bot_id, board.chat_id == chat_id)
    )
    return bool(done.rowcount)


def of_movement(movement: Movement, challenge: Challenge | None, due: datetime) -> Held:
    """Somebody who has come, and has to answer until `due`."""
    return Held(
        movement.bot_id, movement.chat_id, movement.user_id, WAITING, 0, False, 0, movement.name[:256],
        movement.language_code, challenge, movement, movement.at, due,
    )  # fmt: skip
