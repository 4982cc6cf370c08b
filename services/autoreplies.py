"""Automatic replies: the rules of chats, and answering by them."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain import calls, greetings, templates, welcome
from domain.actor import Actor, Right, Translator
from domain.autoreplies import MOST_RULES, Rule, RuleBook, Verdict, changed, verdicts_everywhere
from domain.bots import Bot
from domain.clock import Clock
from domain.errors import Conflict, NotAllowed, NotFound
from domain.greetings import Guest
from domain.page import Page
from domain.post import Post
from services.access import Access, Guarded, Permission, needs
from services.chats import CHAT_CHANGED
from services.greetings import rules_of
from services.hits import door_of
from services.reach import Speak
from services.work import UnitOfWork, Work
from storage import autoreplies, chats, settings
from storage.database import Database, Tx
from texts import autoreplies as wording
from texts import greetings as greeting_wording

_OF_CHAT = frozenset(("chat", "count", "rules"))  # placeholders that need more than the message


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
    ) -> Rule:
        async with self._work(actor) as work:
            rule = await _rule(work.tx, bot_id, chat_id, rule_id, lock=True)
            rule = changed(rule, fields_for(rule))
            if not await autoreplies.replace(work.tx, bot_id, rule):
                raise NotFound("auto_reply")
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            await work.end_dialog()
            work.show(wording.rule(actor.t, rule))
        return rule

    @needs(Right.CHANGE_INFO)
    async def add_variant(self, actor: Actor, bot_id: int, chat_id: int, rule_id: int, html: str) -> Rule:
        """One more answer to pick from. Raises as `update` does."""
        return await self._change(
            actor, bot_id, chat_id, rule_id, lambda rule: {"response": [*rule.responses, html]}
        )

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
        return RuleBook(rules).verdicts(text, self._clock.now())

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
            shown = await self._fill(work.tx, actor.t, bot_id, chat_id, rule, guest)
            if shown is not None:
                work.reply(shown)
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
                page = await self._fill(work.tx, actor.t, tenant.id, 0, rule, guest, tenant.name)
                if page is not None:
                    work.reply(page, delete_after=rule.delete_after or None)
        return True

    async def answer(self, tenant: Bot, post: Post, rule: Rule) -> None:
        """Answer a message in a group by a rule, unless the person was answered by it just now."""
        guest = Guest(post.author_id, post.name, post.username)
        t = self._speak(post.language_code)
        async with self._work(door=door_of(post)) as work:
            if not await _may_answer(work, tenant.id, post.chat_id, rule, post.author_id):
                return
            page = await self._fill(work.tx, t, tenant.id, post.chat_id, rule, guest)
            if page is not None:
                call = calls.send(
                    post.chat_id,
                    page,
                    thread_id=post.thread_id,
                    reply_to=post.message_id if rule.reply and not rule.delete_trigger else None,
                    delete_after=rule.delete_after or None,
                )
                work.send(tenant.id, call)
            if rule.delete_trigger:
                work.send(tenant.id, calls.delete(post.chat_id, post.message_id))

    async def _fill(
        self,
        tx: Tx,
        t: Translator,
        bot_id: int,
        chat_id: int,
        rule: Rule,
        guest: Guest,
        private_name: str = "",
    ) -> Page | None:
        """One of the rule's answers with its values; None when they make it longer than Telegram takes."""
        template = random.choice(rule.responses)
        names = templates.used(template)
        asks = not _OF_CHAT.isdisjoint(names)
        chat = await chats.get(tx, bot_id, chat_id) if chat_id and asks else None
        title = chat.title if chat is not None else private_name
        members = chat.members if chat is not None else None
        rules = ""
        if "rules" in names and chat_id:
            document = await settings.merged(tx, bot_id, chat_id, "welcome")
            rules = rules_of(welcome.from_document(document), title, members, t)
        values = greeting_wording.values(t, [guest], title, members, "")
        html = greetings.fitted(template, templates.TEXT_LIMIT, values, 1, rules)
        return None if html is None else wording.reply(html, rule.buttons)


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


async def _title(tx: Tx, bot_id: int, chat_id: int) -> str | None:
    """A chat's title; None for 0, all chats. Raises `NotFound` (chat) for one the bot knows nothing of."""
    if not chat_id:
        return None
    chat = await chats.get(tx, bot_id, chat_id)
    if chat is None:
        raise NotFound("chat")
    return chat.title
