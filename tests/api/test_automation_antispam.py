"""Anti-spam over the automation API: settings, trying a message, bans."""

from typing import Any

from api.automation.antispam import _WHAT
from domain.antispam.settings import FIELDS, AntiSpamSettings
from sandbox import Sandbox
from storage import moderation
from tests.api.automation import Club, clubs
from tests.clock import TestClock
from tests.records import Records, difference

__all__ = ["clubs"]
CONFIG, CHECK, BANNED = "/api/antispam/config", "/api/antispam/check", "/api/antispam/banned"
ADVERT = "Join t.me/+AbCdEf123456 and win"


def test_every_setting_is_explained() -> None:
    assert set(_WHAT) == set(FIELDS)


async def test_settings_as_printed(clubs: Club) -> None:
    body: dict[str, Any] = {
        "flood_limit": 5, "block_links": True, "banned_words": ["casino", "free money"], "action": "mute",
    }  # fmt: skip
    fresh = await clubs.get(CONFIG)
    assert fresh["group_id"] == "_default"
    assert fresh["own"] == []
    assert fresh["learned"] == {"spam": 0, "ham": 0}
    assert set(fresh["config"]) == set(AntiSpamSettings.__struct_fields__)
    saved = await clubs.post(CONFIG, **body)
    assert {name: saved["config"][name] for name in body} == body
    assert sorted(saved["own"]) == sorted(body)
    assert await clubs.get(CONFIG) == saved
    assert (await clubs.put(CONFIG, **saved["config"]))["config"] == saved["config"], "written back as read"


async def test_a_group_inherits_and_has_its_own(clubs: Club) -> None:
    await clubs.post(CONFIG, flood_limit=5, action="ban")
    own = await clubs.post(CONFIG, group_id=str(clubs.chess.id), flood_limit=3, mode="on")
    assert (own["config"]["flood_limit"], own["config"]["action"]) == (3, "ban")
    assert (sorted(own["own"]), own["mode_now"]) == (["flood_limit", "mode"], "on")
    assert (await clubs.get(CONFIG, group_id=clubs.go.id))["config"]["flood_limit"] == 5
    back = await clubs.post(CONFIG, group_id=clubs.chess.id, inherit=["flood_limit"])
    assert (back["config"]["flood_limit"], back["own"]) == (5, ["mode"])
    listed = await clubs.post(CONFIG, banned_words="casino\nfree money\n")
    assert listed["config"]["banned_words"] == ["casino", "free money"]


async def test_a_wrong_setting_is_named(clubs: Club) -> None:
    for body, words in (
        ({"flood_limit": 1}, "flood_limit: "),
        ({"flood_limit": "many"}, "flood_limit: "),
        ({"action": "shout"}, "action: "),
        ({"warn_action": "warn"}, "warn_action: must be one of the documented values"),
        ({"mute_seconds": 7}, "mute_seconds: "),
        ({"banned_words": ["!"]}, "banned_words: "),
        ({"allowed_links": ["not a link"]}, "allowed_links: "),
        ({"inherit": ["nonsense"]}, "nonsense: there is no setting of this name"),
        ({"group_id": "@chess"}, "group_id: "),
    ):
        assert (await clubs.refused("POST", CONFIG, 400, json=body)).startswith(words), body
    assert await clubs.refused("POST", CONFIG, 403, json={"log_chat": -100777}) == "forbidden"
    assert (await clubs.get(CONFIG))["own"] == []


async def test_trying_a_message_has_no_side_effect(tg: Sandbox, clubs: Club, clock: TestClock) -> None:
    await clubs.post(CONFIG, banned_words=["followers"], action="kick")
    await tg.settle()
    await clubs.app.house.activity.flush()
    records = Records(clubs.app.db.url)
    before, calls = records.everything(), len(tg.calls)
    good = {"spam": False, "score": 0, "reasons": [], "action": "none", "exempt": False, "success": True}
    for _ in range(12):  # more than the flood limit
        spam = await clubs.post(CHECK, user_id="123", text="buy followers cheap")
        assert (spam["spam"], spam["action"]) == (True, "kick")
        assert spam["score"] >= 100
        assert "a banned word: followers" in spam["reasons"]
        assert await clubs.post(CHECK, user_id="123", text="good morning") == good
    assert difference(before, records.everything()) == {}
    assert not [one for one in tg.calls[calls:] if not one.method.startswith("get")]


async def test_trying_goes_by_the_settings_of_the_group(tg: Sandbox, clubs: Club) -> None:
    await clubs.post(CONFIG, group_id=clubs.chess.id, block_invites=False)
    assert (await clubs.post(CHECK, text=ADVERT))["spam"] is True
    assert (await clubs.post(CHECK, text=ADVERT, group_id=clubs.go.id))["spam"] is True
    assert not [
        words for words in (await clubs.post(CHECK, text=ADVERT, group_id=clubs.chess.id))["reasons"]
        if "invite" in words
    ]  # fmt: skip


async def test_who_is_trusted_is_exempt(tg: Sandbox, clubs: Club) -> None:
    ann = tg.user("Ann")
    trial = {"text": ADVERT, "group_id": clubs.chess.id, "user_id": ann.id}
    assert (await clubs.post(CHECK, **trial))["spam"] is True
    async with clubs.app.db.write() as tx:
        await moderation.approve(tx, clubs.bot_id, clubs.chess.id, ann.id, 1, clubs.app.clock.now())
    trusted = await clubs.post(CHECK, **trial)
    assert (trusted["spam"], trusted["action"], trusted["exempt"]) == (False, "none", True)
    owner = await clubs.post(CHECK, **trial | {"user_id": clubs.owner.id})
    assert owner["exempt"] is True, "so are administrators"


async def test_what_is_tried_is_what_the_group_does(tg: Sandbox, clubs: Club) -> None:
    """The very message that the trial calls spam is removed, and the other one stays."""
    await clubs.post(CONFIG, mode="on", banned_words=["followers"])
    ann = tg.user("Ann")
    await ann.join(clubs.chess)
    for text in ("buy followers cheap", "buy f o l l o w e r s cheap", "I follow you"):
        spam = (await clubs.post(CHECK, text=text, group_id=clubs.chess.id))["spam"]
        assert (await ann.send(clubs.chess, text)).deleted is spam, text


async def test_a_ban_everywhere_and_its_end(tg: Sandbox, clubs: Club, clock: TestClock) -> None:
    spike = tg.user("Spike")
    for group in (clubs.chess, clubs.go):
        await spike.join(group)
    before = int(clock.now().timestamp())
    banned = (await clubs.post(BANNED, user_id=str(spike.id)))["ban"]
    assert before <= banned["banned_at"] <= clock.now().timestamp()
    await tg.settle()
    assert (clubs.chess.status(spike), clubs.go.status(spike)) == ("kicked", "kicked")
    assert banned == {
        "user_id": str(spike.id), "name": "Spike", "group_id": "_default", "reason": "",
        "banned_at": banned["banned_at"], "until": None,
    }  # fmt: skip
    assert await clubs.get(BANNED) == {"success": True, "banned": [banned], "count": 1}
    assert await clubs.delete(f"{BANNED}/{spike.id}") == {"success": True}
    await tg.settle()
    assert (clubs.chess.status(spike), clubs.go.status(spike)) == ("left", "left")
    assert await clubs.refused("DELETE", f"{BANNED}/{spike.id}", 404) == "not found"


async def test_a_ban_in_one_group(tg: Sandbox, clubs: Club) -> None:
    spike = tg.user("Spike")
    for group in (clubs.chess, clubs.go):
        await spike.join(group)
    await clubs.post(BANNED, user_id=spike.id, group_id=clubs.chess.id, reason="shouting")
    await tg.settle()
    assert (clubs.chess.status(spike), clubs.go.status(spike)) == ("kicked", "member")
    (row,) = (await clubs.get(BANNED))["banned"]
    assert (row["group_id"], row["reason"]) == (str(clubs.chess.id), "shouting")
    assert (await clubs.get(BANNED, group_id=clubs.go.id))["count"] == 0
    assert await clubs.refused("DELETE", f"{BANNED}/{spike.id}?group_id={clubs.go.id}", 404) == "not found"
    await clubs.delete(f"{BANNED}/{spike.id}")  # without a group every ban of the person ends
    await tg.settle()
    assert clubs.chess.status(spike) == "left"


async def test_who_cannot_be_banned(tg: Sandbox, clubs: Club) -> None:
    dora = tg.user("Dora")
    await dora.join(clubs.chess)
    await dora.join(clubs.go)
    await clubs.owner.promote(dora, clubs.chess)
    await tg.settle()
    words = await clubs.refused(
        "POST", BANNED, 400, json={"user_id": dora.id, "group_id": str(clubs.chess.id)}
    )
    assert "administrator of this chat" in words
    assert "That is me" in await clubs.refused("POST", BANNED, 400, json={"user_id": clubs.bot.id})
    assert (await clubs.refused("POST", BANNED, 400, json={"user_id": "0"})).startswith("user_id: ")
    assert (await clubs.refused("POST", BANNED, 400, json={})) == "user_id: is required"
    await clubs.post(BANNED, user_id=dora.id)
    await tg.settle()
    assert (clubs.chess.status(dora), clubs.go.status(dora)) == ("administrator", "kicked")


async def test_a_group_where_the_bot_may_not(tg: Sandbox, clubs: Club) -> None:
    await clubs.owner.promote(clubs.bot, clubs.chess, ["delete_messages"])
    await tg.settle()
    spike = tg.user("Spike")
    await spike.join(clubs.chess)
    words = await clubs.refused("POST", BANNED, 400, json={"user_id": spike.id, "group_id": clubs.chess.id})
    assert "Give me the right" in words
    assert clubs.chess.status(spike) == "member"
