"""Hits, warnings, approvals, bans, rules and cooldowns, on both engines."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.antispam.evidence import Evidence
from domain.antispam.hits import Hit, State, unit_of
from domain.antispam.sanctions import Action
from domain.autoreplies import Rule
from domain.autoreply_fields import changed
from storage import antispam, autoreplies, chat_moves, moderation
from storage.database import Database
from storage.moderation import Ban

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BOT, CHAT, ANN, OLGA = 1, -1001, 7, 4
HIT = Hit(
    CHAT, "m5", 5, None, ANN, "Ann", "text", "buy <b>now</b>", (Evidence("link", 100, {"url": "x"}),),
    Action.WARN, State.ACTED, NOW,
)  # fmt: skip


async def record(db: Database, hit: Hit, bot_id: int = BOT) -> bool:
    async with db.write() as tx:
        return await antispam.record(tx, bot_id, hit)


async def test_a_message_is_logged_once(db: Database) -> None:
    results = await asyncio.gather(*(record(db, HIT) for _ in range(5)))
    assert sorted(results) == [False] * 4 + [True]
    async with db.read() as tx:
        assert await antispam.get(tx, BOT, CHAT, "m5") == HIT
        assert await antispam.get(tx, BOT + 1, CHAT, "m5") is None
        assert await antispam.get(tx, BOT, CHAT - 1, "m5") is None
        assert await antispam.hits_since(tx, BOT, CHAT, ANN, NOW - timedelta(seconds=1)) == 1
        assert await antispam.hits_since(tx, BOT, CHAT, ANN, NOW) == 0


async def test_of_two_who_decide_at_once_one_does(db: Database) -> None:
    await record(db, HIT)

    async def restore(name: str) -> bool:
        async with db.write() as tx:
            decided = await antispam.decide(
                tx,
                BOT,
                CHAT,
                "m5",
                State.RESTORED,
                name,
                among=(State.ACTED,),
                since=NOW - timedelta(hours=1),
            )
            return decided is not None

    assert sorted(await asyncio.gather(restore("Olga"), restore("Bob"))) == [False, True]


async def test_what_was_only_noted_becomes_what_was_done(db: Database) -> None:
    await record(db, replace(HIT, state=State.REPORTED, action=Action.DELETE))
    done = replace(HIT, action=Action.BAN, text="edited", at=NOW + timedelta(days=2))
    for hit, known in ((done, True), (replace(done, action=Action.KICK), False)):
        async with db.write() as tx:
            assert await antispam.renew(tx, BOT, hit, among=(State.REPORTED,)) is known
            assert await antispam.get(tx, BOT, HIT.chat_id, HIT.unit) == done
    async with db.write() as tx:
        await antispam.renew(tx, BOT, replace(done, text=""), among=(State.ACTED,))
        assert await antispam.get(tx, BOT, HIT.chat_id, HIT.unit) == done, "a part of an album without words"


async def test_too_late_to_decide(db: Database) -> None:
    await record(db, HIT)
    async with db.write() as tx:
        late = await antispam.decide(
            tx, BOT, CHAT, "m5", State.RESTORED, "Olga", among=(State.ACTED,), since=NOW + timedelta(hours=1)
        )
    assert late is None


async def test_the_other_hits_of_a_person_are_restored_too(db: Database) -> None:
    await record(db, HIT)
    await record(db, replace(HIT, unit="m6", message_id=6))
    await record(db, replace(HIT, unit="m7", message_id=7, author_id=8))
    async with db.write() as tx:
        others = await antispam.restore_others(tx, BOT, CHAT, ANN, "Olga", NOW - timedelta(days=1))
    assert {hit.unit for hit in others} == {"m5", "m6"}
    assert {hit.state for hit in others} == {State.RESTORED}


async def test_old_hits_are_forgotten(db: Database) -> None:
    await record(db, HIT)
    async with db.write() as tx:
        assert await antispam.forget_before(tx, NOW) == 0
        assert await antispam.forget_before(tx, NOW + timedelta(seconds=1)) == 1


async def test_warnings_at_once_are_all_counted(db: Database) -> None:
    async def warn(number: int) -> int:
        async with db.write() as tx:
            note = {"at": 0, "by": "Olga", "reason": "", "unit": f"m{number}"}
            return len(await moderation.warn(tx, BOT, CHAT, ANN, note, NOW))

    assert sorted(await asyncio.gather(*(warn(number) for number in range(6)))) == [1, 2, 3, 4, 5, 6]
    async with db.write() as tx:
        assert await moderation.unwarn(tx, BOT, CHAT, ANN, NOW) == 5
        assert await moderation.unwarn(tx, BOT, CHAT, ANN, NOW, units=["m0", "m1", "m2", "m9"]) in (2, 3)
        assert await moderation.warnings(tx, BOT + 1, CHAT, ANN) == []
        await moderation.clear_warnings(tx, BOT, CHAT, ANN)
        assert await moderation.warnings(tx, BOT, CHAT, ANN) == []


async def test_approvals_belong_to_a_chat(db: Database) -> None:
    async with db.write() as tx:
        assert await moderation.approve(tx, BOT, CHAT, ANN, OLGA, NOW)
        assert not await moderation.approve(tx, BOT, CHAT, ANN, OLGA, NOW)
        assert await moderation.approved_in(tx, BOT, CHAT) == {ANN}
        assert await moderation.approved_in(tx, BOT, CHAT - 1) == frozenset()
        assert await moderation.disapprove(tx, BOT, CHAT, ANN)
        assert not await moderation.disapprove(tx, BOT, CHAT, ANN)


async def test_bans_end(db: Database) -> None:
    async with db.write() as tx:
        await moderation.put_ban(tx, BOT, Ban(CHAT, ANN, "Ann", "spam", OLGA, NOW, NOW + timedelta(hours=1)))
        await moderation.put_ban(tx, BOT, Ban(CHAT, 8, "Bob", "spam", OLGA, NOW))
        assert [ban.user_id for ban in await moderation.bans(tx, BOT, CHAT, NOW)] == [ANN, 8]
        later = NOW + timedelta(hours=2)
        assert [ban.user_id for ban in await moderation.bans(tx, BOT, CHAT, later)] == [8]
        assert await moderation.drop_ban(tx, BOT, CHAT, 8)
        assert not await moderation.drop_ban(tx, BOT + 1, CHAT, ANN)


async def test_the_first_day_begins_once(db: Database) -> None:
    async with db.write() as tx:
        assert await antispam.guard(tx, BOT, CHAT, NOW) == NOW
        assert await antispam.guard(tx, BOT, CHAT, NOW + timedelta(days=1)) == NOW


async def test_rules_by_scope(db: Database) -> None:
    def rule(chat_id: int, private: bool = False, enabled: bool = True) -> Rule:
        fields = {"keyword": "price", "response": "free", "enabled": enabled}
        return changed(Rule(chat_id=chat_id, private=private), fields)

    async with db.write() as tx:
        ids = [
            await autoreplies.add(tx, BOT, one, 5, NOW)
            for one in (rule(0), rule(CHAT), rule(0, private=True), rule(CHAT, enabled=False), rule(CHAT - 1))
        ]
        assert None not in ids
        assert await autoreplies.add(tx, BOT, rule(0), 5, NOW) is None
        assert await autoreplies.add(tx, BOT + 1, rule(CHAT), 5, NOW) is not None
        assert [one.id for one in await autoreplies.heard_in(tx, BOT, (0, CHAT))] == ids[:2]
        assert [one.id for one in await autoreplies.of_scope(tx, BOT, 0, True)] == [ids[2]]
        assert len(await autoreplies.of_bot(tx, BOT)) == 5
        assert await autoreplies.get(tx, BOT + 1, CHAT, ids[1] or 0) is None
        assert not await autoreplies.remove(tx, BOT, 0, ids[1] or 0)
        known = await autoreplies.get(tx, BOT, CHAT, ids[1] or 0)
        assert known is not None
        assert await autoreplies.replace(tx, BOT, changed(known, {"cooldown_seconds": 9}))
        again = await autoreplies.get(tx, BOT, CHAT, known.id)
        assert again is not None
        assert again.cooldown_seconds == 9


async def test_rules_for_some_groups(db: Database) -> None:
    some = changed(Rule(), {"keyword": "price", "response": "free", "group_ids": [CHAT, CHAT - 1]})
    elsewhere = changed(some, {"group_ids": [CHAT - 2]})
    async with db.write() as tx:
        first, second = [await autoreplies.add(tx, BOT, one, 5, NOW) for one in (some, elsewhere)]
        assert [one.id for one in await autoreplies.heard_in(tx, BOT, (0, CHAT))] == [first]
        await chat_moves.move(tx, BOT, CHAT, -2002, NOW)
        assert await autoreplies.heard_in(tx, BOT, (0, CHAT)) == []
        assert [one.id for one in await autoreplies.heard_in(tx, BOT, (0, -2002))] == [first]
        assert [one.id for one in await autoreplies.heard_in(tx, BOT, (0, CHAT - 2))] == [second]


async def test_of_two_answers_at_once_one_is_given(db: Database) -> None:
    async def answer(user: int, now: datetime) -> bool:
        async with db.write() as tx:
            return await autoreplies.begin_pause(tx, BOT, CHAT, 1, user, 60, now)

    assert sorted(await asyncio.gather(answer(ANN, NOW), answer(ANN, NOW))) == [False, True]
    assert await answer(8, NOW)
    assert not await answer(ANN, NOW + timedelta(seconds=59))
    assert await answer(ANN, NOW + timedelta(seconds=60))
    async with db.write() as tx:
        assert await autoreplies.forget_pauses(tx, NOW + timedelta(hours=1)) == 2


async def test_everything_follows_a_group_that_became_a_supergroup(db: Database) -> None:
    await record(db, HIT)
    async with db.write() as tx:
        await moderation.approve(tx, BOT, CHAT, ANN, OLGA, NOW)
        await chat_moves.move(tx, BOT, CHAT, -2002, NOW)
        assert await moderation.approved_in(tx, BOT, -2002) == {ANN}
        assert await antispam.get(tx, BOT, CHAT, "m5") == HIT, "what it says of message 5 stays true"
    assert await record(db, replace(HIT, chat_id=-2002)), "message 5 of the supergroup is another one"


def test_units() -> None:
    assert unit_of(5, None) == "m5"
    assert unit_of(5, "13000000000000017") == "a13000000000000017"
