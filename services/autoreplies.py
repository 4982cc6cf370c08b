"""Automatic replies: the rules of chats, and answering by them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from domain import calls
from domain.actor import Actor, Right
from domain.autoreplies import MOST_RULES, Rule, RuleBook, Verdict, verdicts_everywhere
from domain.autoreply_fields import changed
from domain.bots import Bot
from domain.clock import Clock
from domain.errors import Conflict, NotAllowed, NotFound
from domain.greetings import Guest
from domain.page import Page
from domain.post import Post
from services.access import Access, Guarded, Permission, needs
from services.chats import CHAT_CHANGED
from services.hits import door_of
from services.reach import Speak
from services.replies import compose
from services.settings import GROUPS
from services.work import UnitOfWork, Work
from storage import autoreplies, chats
from storage.database import Database, Tx
from texts import autoreplies as wording
from texts import autoreply_places as place_wording


class AutoReplyService(Guarded):
    """Rules by bot and chat; chat id 0 is all groups or, with `private`, the chat with the bot."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, clock: Clock, speak: Speak) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._speak = db, work, clock, speak

    @needs(Permission.OWNER)
    async def all(self, actor: Actor, bot_id: int) -> list[Rule]:
        """All rules of a bot, of every scope."""
        async with self._db.read() as tx:
            return await autoreplies.of_bot(tx, bot_id)

    @needs(Permission.OWNER)
    async def find(self, actor: Actor, bot_id: int, rule_id: int) -> Rule:
        """One rule of a bot, of any scope. Raises `NotFound` (auto_reply)."""
        async with self._db.read() as tx:
            rule = await autoreplies.find(tx, bot_id, rule_id)
        if rule is None:
            raise NotFound("auto_reply")
        return rule

    @needs(Right.CHANGE_INFO)
    async def list(self, actor: Actor, bot_id: int, chat_id: int, private: bool = False) -> list[Rule]:
        """The rules of one scope in the order they are asked."""
        async with self._db.read() as tx:
            return await autoreplies.of_scope(tx, bot_id, chat_id, private)

    @needs(Right.CHANGE_INFO)
    async def get(self, actor: Actor, bot_id: int, chat_id: int, rule_id: int) -> Rule:
        """One rule. Raises `NotFound` (auto_reply)."""
        async with self._db.read() as tx:
            return await _rule(tx, bot_id, chat_id, rule_id)

    @needs(Right.CHANGE_INFO)
    async def create(
        self, actor: Actor, bot_id: int, chat_id: int, fields: Mapping[str, Any], private: bool = False
    ) -> Rule:
        """Save a new rule: fields by their API names (`domain.autoreplies.changed`).

        Raises `Invalid` naming the field, `Conflict` (auto_replies_full), `NotFound` (chat).
        """
        if private and chat_id:
            raise NotAllowed  # rules of the private chat belong to no group
        rule = changed(Rule(chat_id=chat_id, private=private), fields)
        async with self._work(actor) as work:
            await _title(work.tx, bot_id, chat_id)
            await _know(work.tx, bot_id, rule.chats)
            rule_id = await autoreplies.add(work.tx, bot_id, rule, MOST_RULES, work.now)
            if rule_id is None:
                raise Conflict("auto_replies_full", most=MOST_RULES)
            saved = await _rule(work.tx, bot_id, chat_id, rule_id)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            await work.end_dialog()
            work.show(wording.saved(actor.t, saved))
        return saved

    @needs(Right.CHANGE_INFO)
    async def update(
        self, actor: Actor, bot_id: int, chat_id: int, rule_id: int, fields: Mapping[str, Any]
    ) -> Rule:
        """Change a rule and show it. Raises `Invalid` naming the field, `NotFound` (auto_reply)."""
        return await self._change(actor, bot_id, chat_id, rule_id, lambda rule: fields)

    async def _change(
        self,
        actor: Actor,
        bot_id: int,
        chat_id: int,
        rule_id: int,
        fields_for: Callable[[Rule], Mapping[str, Any]],
        page: Callable[[Work, Rule], Awaitable[Page]] | None = None,
    ) -> Rule:
        async with self._work(actor) as work:
            before = await _rule(work.tx, bot_id, chat_id, rule_id, lock=True)
            rule = changed(before, fields_for(before))
            await _know(work.tx, bot_id, set(rule.chats) - set(before.chats))
            if not await autoreplies.replace(work.tx, bot_id, rule):
                raise NotFound("auto_reply")
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            await work.end_dialog()
            work.show(wording.rule(actor.t, rule) if page is None else await page(work, rule))
        return rule

    @needs(Right.CHANGE_INFO)
    async def add_variant(
        self, actor: Actor, bot_id: int, chat_id: int, rule_id: int, fields: Mapping[str, Any]
    ) -> Rule:
        """One more answer to pick from: the `response` of `fields`. Raises as `update` does."""

        def more(rule: Rule) -> Mapping[str, Any]:
            return {**fields, "response": [*rule.responses, fields["response"]]}

        return await self._change(actor, bot_id, chat_id, rule_id, more)

    @needs(Permission.OWNER)
    async def places(self, actor: Actor, bot_id: int, rule_id: int, first: int) -> Page:
        """The groups a rule of all groups may be kept to, from number `first` on. Raises `NotFound`."""
        async with self._db.read() as tx:
            return await _places(tx, actor, bot_id, await _rule(tx, bot_id, 0, rule_id), first)

    @needs(Permission.OWNER)
    async def turn_place(self, actor: Actor, bot_id: int, rule_id: int, chat_id: int, first: int) -> None:
        """Keep a rule of all groups to this one, too, or not any more (0: to none); kept to none it answers
        everywhere. Raises `NotFound`."""

        def turned(rule: Rule) -> Mapping[str, Any]:
            return {"group_ids": sorted(set(rule.chats) ^ {chat_id}) if chat_id else []}

        async def page(work: Work, rule: Rule) -> Page:
            return await _places(work.tx, actor, bot_id, rule, first)

        await self._change(actor, bot_id, 0, rule_id, turned, page)

    @needs(Right.CHANGE_INFO)
    async def delete(self, actor: Actor, bot_id: int, chat_id: int, rule_id: int) -> None:
        """Delete a rule. Raises `NotFound` (auto_reply)."""
        async with self._work(actor) as work:
            rule = await _rule(work.tx, bot_id, chat_id, rule_id)
            await autoreplies.remove(work.tx, bot_id, chat_id, rule_id)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            rules = await autoreplies.of_scope(work.tx, bot_id, chat_id, rule.private)
            title = await _title(work.tx, bot_id, chat_id)
            work.show(wording.panel(actor.t, chat_id, rule.private, title, rules))

    @needs(Right.CHANGE_INFO)
    async def test(
        self, actor: Actor, bot_id: int, chat_id: int, text: str, private: bool = False
    ) -> Sequence[Verdict]:
        """Which rule answers a text in a chat, and why the others do not. Cooldowns do not count.

        For a group these are its own rules and those of all groups; for chat 0 only the latter. Raises
        `NotFound` (chat).
        """
        async with self._db.read() as tx:
            await _title(tx, bot_id, chat_id)
            rules = await autoreplies.of_scope(tx, bot_id, chat_id, private)
            if chat_id:
                rules += await autoreplies.of_scope(tx, bot_id, 0, False)
        return RuleBook(rules).verdicts(text, self._clock.now(), chat_id)

    @needs(Permission.OWNER)
    async def test_all(self, actor: Actor, bot_id: int, text: str) -> Sequence[Verdict]:
        """What every rule of a bot makes of a text, each where it listens. Cooldowns do not count."""
        async with self._db.read() as tx:
            rules = await autoreplies.of_bot(tx, bot_id)
        return verdicts_everywhere(rules, text, self._clock.now())

    @needs(Right.CHANGE_INFO)
    async def panel(self, actor: Actor, bot_id: int, chat_id: int, private: bool = False) -> Page:
        """The rules of a scope. Raises `NotFound` (chat)."""
        async with self._db.read() as tx:
            title = await _title(tx, bot_id, chat_id)
            rules = await autoreplies.of_scope(tx, bot_id, chat_id, private)
        return wording.panel(actor.t, chat_id, private, title, rules)

    @needs(Right.CHANGE_INFO)
    async def ask(self, actor: Actor, bot_id: int, chat_id: int, step: str, data: Mapping[str, Any]) -> None:
        """Ask for the next piece of a rule (`wording.QUESTIONS`); `data` is what was gathered so far.

        Raises `NotFound` (chat, button).
        """
        question = wording.QUESTIONS.get(step)
        if question is None:
            raise NotFound("button")
        async with self._work(actor) as work:
            await _title(work.tx, bot_id, chat_id)
            await work.ask(f"autoreplies:{step}", {**data, "chat": chat_id})
            work.show(question(actor.t))

    @needs(Right.CHANGE_INFO)
    async def preview(
        self, actor: Actor, bot_id: int, chat_id: int, data: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> None:
        """Show a rule that is nearly ready as it will answer, and ask whether to save it.

        Raises `Invalid` naming the field, `NotFound` (chat).
        """
        private = bool(data.get("private"))
        rule = changed(Rule(chat_id=chat_id, private=private), fields)
        guest = Guest(actor.user_id, actor.name, actor.username)
        async with self._work(actor) as work:
            await _title(work.tx, bot_id, chat_id)
            await work.ask(
                "autoreplies:confirm", {"chat": chat_id, "private": private, "fields": dict(fields)}
            )
            shown = await compose(work.tx, actor.t, bot_id, chat_id, rule, guest)
            if shown is not None and work.door is not None:
                work.send(work.door.bot_id, shown.call(work.door.chat_id))
            work.reply(wording.confirm(actor.t, rule))

    @needs(Permission.ANYONE)
    async def answer_private(self, actor: Actor, tenant: Bot, text: str) -> bool:
        """Answer what somebody wrote to the bot in private; False when no rule does."""
        async with self._db.read() as tx:
            rules = await autoreplies.of_scope(tx, tenant.id, 0, private=True)
        now = self._clock.now()
        rule = next((rule for rule in RuleBook(rules).find(text) if rule.answers_at(now)), None)
        if rule is None:
            return False
        guest = Guest(actor.user_id, actor.name, actor.username)
        async with self._work(actor) as work:
            if await _may_answer(work, tenant.id, actor.user_id, rule, actor.user_id):
                reply = await compose(work.tx, actor.t, tenant.id, 0, rule, guest, tenant.name)
                if reply is not None and (door := work.door) is not None:
                    call = reply.call(
                        door.chat_id, thread_id=door.thread_id, delete_after=rule.delete_after or None
                    )
                    work.send(tenant.id, call)
        return True

    async def answer(self, tenant: Bot, post: Post, rule: Rule) -> None:
        """Answer a message in a group by a rule, unless the person was answered by it just now."""
        guest = Guest(post.author_id, post.name, post.username)
        t = self._speak(post.language_code)
        async with self._work(door=door_of(post)) as work:
            if not await _may_answer(work, tenant.id, post.chat_id, rule, post.author_id):
                return
            reply = await compose(work.tx, t, tenant.id, post.chat_id, rule, guest)
            if reply is not None:
                call = reply.call(
                    post.chat_id,
                    thread_id=post.thread_id,
                    reply_to=post.message_id if rule.reply and not rule.delete_trigger else None,
                    delete_after=rule.delete_after or None,
                )
                work.send(tenant.id, call)
            if rule.delete_trigger:
                work.send(tenant.id, calls.delete(post.chat_id, post.message_id))


async def _may_answer(work: Work, bot_id: int, chat_id: int, rule: Rule, user_id: int) -> bool:
    if not rule.cooldown_seconds:
        return True
    return await autoreplies.begin_pause(
        work.tx, bot_id, chat_id, rule.id, user_id, rule.cooldown_seconds, work.now
    )


async def _rule(tx: Tx, bot_id: int, chat_id: int, rule_id: int, *, lock: bool = False) -> Rule:
    rule = await autoreplies.get(tx, bot_id, chat_id, rule_id, lock=lock)
    if rule is None:
        raise NotFound("auto_reply")
    return rule


async def _know(tx: Tx, bot_id: int, places: Iterable[int]) -> None:
    """Raise `NotFound` (chat) for a group that the bot knows nothing of."""
    for chat_id in places:
        await _title(tx, bot_id, chat_id)


async def _places(tx: Tx, actor: Actor, bot_id: int, rule: Rule, first: int) -> Page:
    groups = [(one.chat_id, one.title) for one in await chats.present(tx, bot_id) if one.type in GROUPS]
    return place_wording.places(actor.t, rule, groups, max(0, first))


async def _title(tx: Tx, bot_id: int, chat_id: int) -> str | None:
    """A chat's title; None for 0, all chats. Raises `NotFound` (chat) for one the bot knows nothing of."""
    if not chat_id:
        return None
    chat = await chats.get(tx, bot_id, chat_id)
    if chat is None:
        raise NotFound("chat")
    return chat.title
