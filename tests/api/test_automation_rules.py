"""Auto-replies and welcomes over the automation API, as its document shows them."""

from sandbox import Sandbox
from tests.api.automation import Club, clubs
from tests.api.conftest import Owner

__all__ = ["clubs"]
RULES, WELCOME = "/api/auto-replies", "/api/welcome-messages"


async def test_the_documented_bodies_work_as_printed(clubs: Club) -> None:
    body = {"keyword": "hello", "response": "Hi there!", "match_mode": "contains", "cooldown_seconds": 60}
    made = (await clubs.post(RULES, **body))["rule"]
    assert {name: made[name] for name in body} == body
    tested = await clubs.post(f"{RULES}/test", text="hello world")
    assert tested["matched"] is True
    assert tested["rule"] == made
    changes = {"keyword": "bye", "response": "See you", "enabled": False, "match_mode": "exact"}
    changed = (await clubs.put(f"{RULES}/{made['id']}", **changes))["rule"]
    assert changed == made | changes
    assert await clubs.get(RULES) == {"success": True, "rules": [changed], "count": 1}
    assert await clubs.delete(f"{RULES}/{made['id']}") == {"success": True}
    assert (await clubs.get(RULES))["count"] == 0


async def test_a_rule_answers_in_the_group(tg: Sandbox, clubs: Club) -> None:
    made = (await clubs.post(RULES, keyword="price", response="It is 5 €, {{name}}."))["rule"]
    ann = tg.user("Ann")
    await ann.join(clubs.chess)
    await ann.send(clubs.chess, "What is the PRICE?")
    assert tg.last(clubs.chess).text == "It is 5 €, Ann."
    await clubs.post(f"{RULES}/{made['id']}", response="Free for you.")  # POST is as good as PUT
    await ann.send(clubs.chess, "price?")
    assert tg.last(clubs.chess).text == "Free for you."


async def test_what_was_read_can_be_written_back(clubs: Club) -> None:
    body = {
        "keyword": ["hello", "hi"], "response": ["Hi!", "Hello!"], "match_mode": "word", "reply": False,
        "buttons": [[{"text": "Site", "url": "https://example.com/"}]], "delete_after": 30,
        "delete_trigger": True, "hours": "09:00-18:30 Europe/Berlin", "group_id": clubs.chess.id,
    }  # fmt: skip
    made = (await clubs.post(RULES, **body))["rule"]
    assert {name: made[name] for name in body} == body | {"group_id": str(clubs.chess.id)}
    again = (await clubs.put(f"{RULES}/{made['id']}", **made))["rule"]
    assert again == made
    assert (await clubs.put(f"{RULES}/{made['id']}", hours="always", buttons=[]))["rule"] == (
        made | {"hours": "always", "buttons": []}
    )


async def test_a_picture_and_some_groups(tg: Sandbox, clubs: Club) -> None:
    chess, go = str(clubs.chess.id), str(clubs.go.id)
    photo = {"kind": "photo", "file_id": "AgACnotknown"}
    body = {"keyword": "price", "response": [], "media": photo, "group_ids": [clubs.chess.id]}
    made = (await clubs.post(RULES, **body))["rule"]
    assert {name: made[name] for name in body} == body | {"group_ids": [chess]}
    tested = await clubs.post(f"{RULES}/test", text="price", group_id=go)
    assert (tested["matched"], tested["results"][0]["reason"]) == (False, "elsewhere")
    assert (await clubs.post(f"{RULES}/test", text="price", group_id=chess))["matched"]
    assert (await clubs.post(f"{RULES}/test", text="price"))["matched"], "it answers where it listens"
    rule = f"{RULES}/{made['id']}"
    changed = (await clubs.put(rule, response="5 €", media="none", group_ids=[chess, go]))["rule"]
    assert (changed["media"], sorted(changed["group_ids"])) == ("none", sorted([chess, go]))
    assert (await clubs.put(rule, **changed))["rule"] == changed
    assert (await clubs.put(rule, group_ids=[]))["rule"]["group_ids"] == []
    words = await clubs.refused("POST", RULES, 400, json={**body, "group_id": chess})
    assert words.startswith("group_ids: ")
    await clubs.refused("POST", RULES, 404, json={**body, "group_ids": [-1009999]})


async def test_which_rules_answer_and_why_the_others_do_not(clubs: Club) -> None:
    ids = {}
    for name, body in {
        "first": {"keyword": "price", "response": "5"},
        "second": {"keyword": "price list", "response": "here"},
        "off": {"keyword": "price", "response": "6", "enabled": False},
        "other": {"keyword": "delivery", "response": "by post"},
        "chess": {"keyword": "price", "response": "free", "group_id": str(clubs.chess.id)},
        "private": {"keyword": "price", "response": "psst", "private": True},
    }.items():
        ids[(await clubs.post(RULES, **body))["rule"]["id"]] = name
    everywhere = await clubs.post(f"{RULES}/test", text="the price list")
    assert {ids[one["rule_id"]]: one["reason"] for one in everywhere["results"]} == {
        "first": "", "second": "earlier", "off": "disabled", "other": "no_match", "chess": "", "private": "",
    }  # fmt: skip
    assert everywhere["count"] == 6
    there = await clubs.post(f"{RULES}/test", text="the price list", group_id=clubs.chess.id)
    assert {ids[one["rule_id"]]: one["why"] for one in there["results"]} == {
        "chess": "It answers.", "first": "A rule before it answers.",
        "second": "A rule before it answers.", "off": "It is switched off.",
        "other": "None of its keywords is in the text.",
    }  # fmt: skip
    assert there["rule"]["response"] == "free"
    nothing = await clubs.post(f"{RULES}/test", text="good morning", group_id="_default")
    assert (nothing["matched"], nothing["rule"]) == (False, None)


WRONG: list[tuple[dict[str, object], str]] = [
    ({"response": "x"}, "keyword"),
    ({"keyword": "x"}, "response"),
    ({"keyword": "", "response": "x"}, "keyword"),
    ({"keyword": [], "response": "x"}, "keyword"),
    ({"keyword": "(", "match_mode": "regex", "response": "x"}, "keyword"),
    ({"keyword": "a", "match_mode": "sometimes", "response": "x"}, "match_mode"),
    ({"keyword": "a", "response": "<b>x"}, "response"),
    ({"keyword": "a", "response": "{{nonsense}}"}, "response"),
    ({"keyword": "a", "response": "x", "cooldown_seconds": -1}, "cooldown_seconds"),
    ({"keyword": "a", "response": "x", "hours": "at night"}, "hours"),
    ({"keyword": "a", "response": "x", "group_id": "chess"}, "group_id"),
    ({"keyword": "a", "response": "x", "group_id": 17}, "group_id"),
    ({"keyword": "a", "response": "x", "buttons": [[{"text": "x", "url": "ftp://x"}]]}, "buttons"),
    ({"keyword": "a", "response": "x", "bot_id": "first"}, "bot_id"),
]  # fmt: skip


async def test_a_wrong_parameter_is_named(clubs: Club) -> None:
    for body, field in WRONG:
        words = await clubs.refused("POST", RULES, 400, json=body)
        assert words.startswith(field), (body, words)
    assert (await clubs.get(RULES))["count"] == 0


async def test_what_is_not_there(clubs: Club) -> None:
    for method, path in (("PUT", f"{RULES}/77"), ("POST", f"{RULES}/77"), ("DELETE", f"{RULES}/77"),
                         ("DELETE", f"{WELCOME}/_default"), ("DELETE", f"{WELCOME}/-100777")):  # fmt: skip
        assert await clubs.refused(method, path, 404) == "not found"
    for body in ({"keyword": "a", "response": "b"},):
        words = await clubs.refused("POST", RULES, 404, json=body | {"group_id": -100777})
        assert words == "not found"
    assert await clubs.refused("POST", WELCOME, 404, json={"group_id": "-100777"}) == "not found"


async def test_a_welcome_as_printed(tg: Sandbox, clubs: Club) -> None:
    body = {"group_id": "_default", "welcome_text": "Welcome {{name}}!", "welcome_enabled": True}
    assert (await clubs.post(WELCOME, **body))["config"] == body
    assert await clubs.get(WELCOME) == {"success": True, "configs": [body], "count": 1}
    await tg.user("Ann").join(clubs.chess)
    assert tg.last(clubs.chess).text == "Welcome Ann!"
    assert await clubs.delete(f"{WELCOME}/_default") == {"success": True}
    before = len(tg.messages(clubs.chess))
    await tg.user("Bob").join(clubs.chess)
    said = [message.text for message in tg.messages(clubs.chess)][before:]
    assert not [text for text in said if "Welcome" in text]


async def test_a_group_inherits_what_it_does_not_have(tg: Sandbox, clubs: Club) -> None:
    await clubs.post(WELCOME, welcome_text=["Hi, {{name}}!"], welcome_enabled=True, welcome_silent=True)
    own = await clubs.post(WELCOME, group_id=clubs.chess.id, welcome_text="Chess greets {{name}}!")
    assert own["config"] == {"group_id": str(clubs.chess.id), "welcome_text": "Chess greets {{name}}!"}
    ann = tg.user("Ann")
    await ann.join(clubs.chess)
    await ann.join(clubs.go)
    assert tg.last(clubs.chess).text == "Chess greets Ann!"
    assert tg.last(clubs.go).text == "Hi, Ann!"
    await clubs.post(WELCOME, group_id=clubs.chess.id, inherit=["welcome_text"])
    await tg.user("Bob").join(clubs.chess)
    assert tg.last(clubs.chess).text == "Hi, Bob!"
    words = await clubs.refused("POST", WELCOME, 400, json={"inherit": ["nonsense"]})
    assert words == "nonsense: there is no setting of this name"


async def test_every_field_of_a_welcome(clubs: Club) -> None:
    media = {"kind": "photo", "file_id": "AgACAgIAAx"}
    buttons = [[{"text": "Site", "url": "https://example.com/"}]]
    fields = {
        **{f"{side}_{name}": value for side in ("welcome", "goodbye") for name, value in {
            "text": ["One {{name}}", "Two {{name}}"], "enabled": True, "media": media, "buttons": buttons,
            "delete_previous": True, "delete_after": 60, "silent": True, "thread_id": 7,
        }.items()},
        "welcome_back_text": "Welcome back!", "welcome_only_newcomer": True, "clean_service": True,
        "rules_text": "Touch move.", "rules_button": False,
    }  # fmt: skip
    saved = (await clubs.post(WELCOME, group_id=clubs.go.id, **fields))["config"]
    assert saved == {"group_id": str(clubs.go.id), **fields}
    assert (await clubs.post(WELCOME, **saved))["config"] == saved, "what was read can be written back"
    words = await clubs.refused("POST", WELCOME, 400, json={"welcome_text": "<b>open"})
    assert words.startswith("welcome_text: ")


async def test_forms_are_as_good_as_json(clubs: Club) -> None:
    status, body = await clubs.call(
        "POST", RULES, data={"keyword": "hello\nhi", "response": "Hi!", "cooldown_seconds": "60"}
    )
    assert status == 200
    assert body["rule"]["keyword"] == ["hello", "hi"]


async def test_nothing_of_another_owner_is_reached(tg: Sandbox, clubs: Club, her: Owner) -> None:
    """Olga names Boris's rule and group at her own bot: there they are nothing."""
    rule = (await clubs.post(RULES, keyword="a", response="b", group_id=clubs.chess.id))["rule"]["id"]
    await clubs.post(WELCOME, group_id=clubs.chess.id, welcome_text="Hi")
    key = her.api.key
    for method, path, body in (
        ("PUT", f"{RULES}/{rule}", {"enabled": False}),
        ("DELETE", f"{RULES}/{rule}", None),
        ("POST", f"{RULES}/test", {"text": "a", "group_id": clubs.chess.id}),
        ("POST", RULES, {"keyword": "x", "response": "y", "group_id": clubs.chess.id}),
        ("POST", WELCOME, {"welcome_text": "Mine", "group_id": clubs.chess.id}),
        ("DELETE", f"{WELCOME}/{clubs.chess.id}", None),
        ("GET", f"/api/antispam/config?group_id={clubs.chess.id}", None),
        ("POST", "/api/antispam/config", {"group_id": clubs.chess.id, "flood_limit": 5}),
        ("POST", "/api/antispam/check", {"group_id": clubs.chess.id, "text": "x"}),
        ("POST", "/api/antispam/banned", {"group_id": clubs.chess.id, "user_id": "77"}),
        ("DELETE", f"/api/antispam/banned/77?group_id={clubs.chess.id}", None),
    ):  # fmt: skip
        how = {} if body is None else {"json": body}
        assert await clubs.refused(method, path, 404, key=key, **how) == "not found", f"{method} {path}"
    assert (await clubs.get(RULES))["rules"][0]["enabled"] is True
    assert (await clubs.get(WELCOME))["configs"][0]["welcome_text"] == "Hi"
