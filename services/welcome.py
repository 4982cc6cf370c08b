"""What a chat says to those who come and go: looking at it, changing it, trying it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.actor import Actor, Right
from domain.bots import AdminChat
from domain.errors import NotFound
from domain.greetings import Guest
from domain.link_rows import parse, to_document
from domain.page import Page
from domain.welcome import (
    EPHEMERAL_RIGHT,
    Part,
    Side,
    WelcomeSettings,
    Written,
    check_fits,
    checked,
    fields_of,
    from_document,
)
from services.access import Access, Guarded, Permission, needs
from services.chats import CHAT_CHANGED
from services.directory import BotDirectory
from services.greeter import FEATURE
from services.greetings import Occasion, preview, rules_of
from services.work import UnitOfWork, Work
from storage import chats, settings
from storage.database import Database, Tx
from texts import greetings as greeting_wording
from texts import welcome as wording


@dataclass(frozen=True, slots=True)
class WelcomeView:
    """Settings of a chat as they work there. `own` holds what was set for this very chat."""

    chat_id: int
    title: str | None  # None: all chats (`_default`)
    settings: WelcomeSettings
    own: Mapping[str, Any]
    may_whisper: bool  # the bot has the right to write to a newcomer alone


class WelcomeService(Guarded):
    """Welcome and goodbye. Chat id 0 is `_default`, which the other chats inherit from."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, directory: BotDirectory) -> None:
        super().__init__(access)
        self._db, self._work, self._directory = db, work, directory

    @needs(Permission.OWNER)
    async def all(self, actor: Actor, bot_id: int) -> dict[int, dict[str, Any]]:
        """What was set, chat by chat; 0 is `_default`."""
        async with self._db.read() as tx:
            return await settings.of_bot(tx, bot_id, FEATURE)

    @needs(Right.CHANGE_INFO)
    async def get(self, actor: Actor, bot_id: int, chat_id: int) -> WelcomeView:
        """The settings that work in a chat. Raises `NotFound` (chat)."""
        async with self._db.read() as tx:
            return await _view(tx, bot_id, chat_id)

    @needs(Right.CHANGE_INFO)
    async def panel(self, actor: Actor, bot_id: int, chat_id: int, side: Side) -> Page:
        """The panel of one side. Raises `NotFound` (chat)."""
        async with self._db.read() as tx:
            return _panel(actor, await _view(tx, bot_id, chat_id), side)

    @needs(Right.CHANGE_INFO)
    async def set(
        self,
        actor: Actor,
        bot_id: int,
        chat_id: int,
        changes: Mapping[str, Any],
        side: Side = Side.WELCOME,
    ) -> WelcomeView:
        """Change fields (None: inherit again), and show the panel of `side` where a button was pressed.

        Raises `Invalid` for the field that is wrong (see `domain.welcome.checked`), `NotFound` (chat).
        """
        new = checked(changes)
        async with self._work(actor) as work:
            view = await _change(work, bot_id, chat_id, new)
            work.show(_panel(actor, view, side))
        return view

    @needs(Right.CHANGE_INFO)
    async def remove(self, actor: Actor, bot_id: int, chat_id: int) -> bool:
        """Forget all that was set for a chat; False when nothing was."""
        async with self._work(actor) as work:
            removed = await settings.remove(work.tx, bot_id, chat_id, FEATURE)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
        return removed

    @needs(Right.CHANGE_INFO)
    async def reset(self, actor: Actor, bot_id: int, chat_id: int, side: Side) -> WelcomeView:
        """One side inherits everything again."""
        return await self.set(actor, bot_id, chat_id, dict.fromkeys(fields_of(side)), side)

    @needs(Right.CHANGE_INFO)
    async def move_here(self, actor: Actor, bot_id: int, chat_id: int, side: Side, thread_id: int) -> None:
        """Greet in this topic from now on (0: in the main one), and say so there for a moment."""
        async with self._work(actor) as work:
            await _change(work, bot_id, chat_id, checked({f"{side}_thread_id": thread_id}))
            work.reply(wording.moved_here(actor.t, side), delete_after=60)

    @needs(Right.CHANGE_INFO)
    async def ask(self, actor: Actor, bot_id: int, chat_id: int, side: Side, part: Part) -> None:
        """Begin to write a part: the next private message is it."""
        async with self._work(actor) as work:
            view = await _view(work.tx, bot_id, chat_id)
            await work.ask("welcome:write", {"chat": chat_id, "side": side.value, "part": part.value})
            work.show(wording.ask(actor.t, view.chat_id, side, part, view.settings))

    @needs(Right.CHANGE_INFO)
    async def write(
        self, actor: Actor, bot_id: int, chat_id: int, side: Side, part: Part, written: Written
    ) -> WelcomeView:
        """Save what was written, and show what comes of it.

        Raises `Invalid` with the place of the mistake: the conversation goes on, so that it can be sent
        again.
        """
        async with self._work(actor) as work:
            view = await _view(work.tx, bot_id, chat_id)
            view = await _change(work, bot_id, chat_id, checked(_changes(view, side, part, written)))
            await work.end_dialog()
            if part not in (Part.BUTTONS, Part.RULES) or view.settings.of(side).texts:
                template = written.html if part in (Part.TEXT, Part.VARIANT, Part.BACK) else None
                await self._preview(work, actor, bot_id, view, side, template)
            work.reply(_panel(actor, view, side, saved=True))
        return view

    @needs(Right.CHANGE_INFO)
    async def clear(self, actor: Actor, bot_id: int, chat_id: int, side: Side, part: Part) -> WelcomeView:
        """Have none of a part here, whatever `_default` has."""
        name, empty = _field(side, part)
        async with self._work(actor) as work:
            view = await _change(work, bot_id, chat_id, checked({name: empty}))
            await work.end_dialog()
            work.show(_panel(actor, view, side))
        return view

    @needs(Right.CHANGE_INFO)
    async def drop_variant(
        self, actor: Actor, bot_id: int, chat_id: int, side: Side, mark: str
    ) -> WelcomeView:
        """Remove the variant with this `wording.mark`. Raises `NotFound` (variant) when it is gone."""
        async with self._work(actor) as work:
            texts = (await _view(work.tx, bot_id, chat_id)).settings.of(side).texts
            left = [text for text in texts if wording.mark(text) != mark]
            if len(left) == len(texts):
                raise NotFound("variant")
            view = await _change(work, bot_id, chat_id, {f"{side}_texts": left})
            work.show(wording.variants(actor.t, chat_id, side, view.settings.of(side).texts))
        return view

    @needs(Right.CHANGE_INFO)
    async def preview(self, actor: Actor, bot_id: int, chat_id: int, side: Side) -> None:
        """Show every variant as members would see it, with the actor as the newcomer."""
        async with self._work(actor) as work:
            view = await _view(work.tx, bot_id, chat_id)
            for template in view.settings.of(side).texts or (None,):
                await self._preview(work, actor, bot_id, view, side, template)
            work.reply(_panel(actor, view, side))

    @needs(Permission.ANYONE)
    async def rules(self, actor: Actor, bot_id: int, chat_id: int) -> Page:
        """The rules of a chat, for everybody. Raises `NotFound` (rules)."""
        async with self._db.read() as tx:
            return await _rules(tx, actor, bot_id, chat_id)

    @needs(Permission.ANYONE)
    async def show_rules(self, actor: Actor, bot_id: int, chat_id: int, stay: int) -> None:
        """Answer with the rules in the chat, for `stay` seconds. Raises `NotFound` (rules)."""
        async with self._work(actor) as work:
            work.reply(await _rules(work.tx, actor, bot_id, chat_id), delete_after=stay)

    async def _preview(
        self, work: Work, actor: Actor, bot_id: int, view: WelcomeView, side: Side, template: str | None
    ) -> None:
        bot = await self._directory.get(bot_id)
        if bot is None or actor.door is None:
            return
        texts = view.settings.of(side).texts
        template = template or (texts[0] if texts else greeting_wording.default_text(actor.t, side))
        occasion = Occasion(
            chat_id=view.chat_id,
            chat=view.title or wording.any_chat(actor.t),
            members=1,
            guests=[Guest(actor.user_id, actor.name, actor.username)],
            bot_username=bot.username,
        )
        call = preview(actor.t, view.settings, side, occasion, template, actor.door.chat_id)
        if call is not None:
            work.send(bot_id, call)


async def _rules(tx: Tx, actor: Actor, bot_id: int, chat_id: int) -> Page:
    chat = await chats.get(tx, bot_id, chat_id)
    known = from_document(await settings.merged(tx, bot_id, chat_id, FEATURE))
    if chat is None or not known.rules_text:
        raise NotFound("rules")
    return wording.rules(actor.t, chat.title, rules_of(known, chat.title, chat.members, actor.t))


async def _view(tx: Tx, bot_id: int, chat_id: int) -> WelcomeView:
    chat: AdminChat | None = await chats.get(tx, bot_id, chat_id) if chat_id else None
    if chat_id and chat is None:
        raise NotFound("chat")
    return WelcomeView(
        chat_id=chat_id,
        title=chat.title if chat else None,
        settings=from_document(await settings.merged(tx, bot_id, chat_id, FEATURE)),
        own=await settings.get(tx, bot_id, chat_id, FEATURE),
        may_whisper=chat is None or EPHEMERAL_RIGHT in chat.rights,
    )


async def _change(work: Work, bot_id: int, chat_id: int, changes: Mapping[str, Any]) -> WelcomeView:
    await settings.change(work.tx, bot_id, chat_id, FEATURE, changes, work.now)
    view = await _view(work.tx, bot_id, chat_id)
    check_fits(view.settings)
    work.signal(CHAT_CHANGED, [bot_id, chat_id])
    return view


def _field(side: Side, part: Part) -> tuple[str, Any]:
    """The field a part is kept in, and what it holds when there is none."""
    match part:
        case Part.BACK:
            return "welcome_back_text", ""
        case Part.RULES:
            return "rules_text", ""
        case Part.BUTTONS:
            return f"{side}_buttons", []
        case Part.MEDIA:
            return f"{side}_media", {}
        case _:
            return f"{side}_texts", []


def _changes(view: WelcomeView, side: Side, part: Part, written: Written) -> dict[str, Any]:
    name, _ = _field(side, part)
    media: dict[str, Any] = {}
    if written.media is not None and part in (Part.TEXT, Part.VARIANT):
        media = {f"{side}_media": {"kind": written.media.kind, "file_id": written.media.file_id}}
    match part:
        case Part.BUTTONS:
            return {name: to_document(parse(written.html, name))}
        case Part.TEXT if not written.html:
            return media
        case Part.TEXT:
            return {name: [written.html], **media}
        case Part.VARIANT:
            return {name: [*view.settings.of(side).texts, written.html], **media}
        case _:
            return {name: written.html}


def _panel(actor: Actor, view: WelcomeView, side: Side, *, saved: bool = False) -> Page:
    return wording.panel(
        actor.t, view.chat_id, view.title, side, view.settings,
        inherits=not any(name in view.own for name in fields_of(side)), may_whisper=view.may_whisper,
        saved=saved,
    )  # fmt: skip
