"""What each verb of ``POST /sandbox/api/act`` does; ``page_api.md`` describes them."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from sandbox.errors import SandboxError
from sandbox.handles import ChatHandle
from sandbox.model import Json
from sandbox.people import Person
from sandbox.people.links import destination
from sandbox.view_actions import Action, verb
from sandbox.view_money import invoice_shape

__all__ = ["Action"]


@verb("send")
async def send(action: Action) -> Json:
    body = action.body
    options: dict[str, Any] = {"topic": body.get("topic")}
    if body.get("reply_to"):
        options["reply_to"] = action.message("reply_to")
    if file := body.get("file"):
        data = (str(file["name"]), base64.b64decode(file["data"]))
        kind = "photo" if str(file.get("mime", "")).startswith("image/") else "document"
        options[kind] = data
    text = str(body.get("text") or "")
    sent = await action.me.send(action.place(), text, **options)
    return {"message": sent.message.uid}


@verb("edit")
async def edit(action: Action) -> None:
    await action.me.edit(action.message(), str(action.body.get("text") or ""))


@verb("delete")
async def delete(action: Action) -> None:
    await action.me.delete(action.message())


@verb("react")
async def react(action: Action) -> None:
    await action.me.react(action.message(), action.text("emoji"))


@verb("forward")
async def forward(action: Action) -> None:
    await action.me.forward(action.message(), action.place("to"))


@verb("click")
async def click(action: Action) -> None:
    message = action.message()
    row, column = int(action.body.get("row", 0)), int(action.body.get("column", 0))
    try:
        button = message.inline_keyboard[row][column]
    except IndexError:
        raise SandboxError("That button is gone.") from None
    if button.get("pay"):
        await action.me.pay(message)
    elif "callback_data" in button:
        await action.me.press_callback(message, button)


@verb("press")
async def press(action: Action) -> None:
    place = action.place()
    if isinstance(place, ChatHandle):
        await action.me.send(place, action.text("text") or "")
        return
    share = action.body.get("share")
    shared: Any = None
    if isinstance(share, str):
        shared = action.chat("share")
    elif isinstance(share, list):
        shared = [Person(action.tg, action.tg.world.users[int(number)]) for number in share]
    await action.me.press(
        action.text("text") or "",
        bot=place,
        share=shared,
        name=action.text("name"),
        username=action.text("username"),
    )


@verb("open")
async def open_link(action: Action) -> Json:
    url = action.text("url") or ""
    where = destination(action.tg.world, url)
    if where.kind == "external":
        return {"kind": "external", "url": url}
    if where.kind == "invoice" and where.invoice is not None:
        return {"kind": "invoice", "link": url, **invoice_shape(where.invoice)}
    chat = where.chat
    if chat is not None:
        if chat.has(action.me.user):
            return action.key_of(chat)
        request = chat.join_by_request or (where.link and where.link.creates_join_request)
        return {
            "kind": "join",
            "chat": chat.key,
            "title": chat.title,
            "members": sum(1 for member in chat.members.values() if member.inside),
            "request": bool(request),
            "link": url,
        }
    return await _open_bot(action, url)


async def _open_bot(action: Action, url: str) -> Json:
    where = destination(action.tg.world, url)
    if where.bot is None:
        return {"kind": "external", "url": url}
    if where.kind in ("startgroup", "startchannel"):
        if not action.body.get("chat"):
            return {"kind": "pick_chat", "bot": where.bot.id, "url": url}
        chat = action.chat()
        await action.me.follow(url, chat=chat)
        return action.key_of(chat.chat)
    if where.kind == "newbot" or where.payload:
        await action.me.follow(url)
    return action.private_key(where.bot)


@verb("start")
async def start(action: Action) -> Json:
    bot = action.bot()
    await action.me.start(bot, action.text("payload") or "")
    return action.private_key(bot.bot)


@verb("join")
async def join(action: Action) -> Json:
    link = action.text("link") or ""
    status = await action.me.join(via=link)
    where = destination(action.tg.world, link)
    return {"chat": where.chat.key if where.chat else None, "status": status}


@verb("leave")
async def leave(action: Action) -> None:
    await action.me.leave(action.chat())


@verb("approve")
async def approve(action: Action) -> None:
    await action.me.approve(action.person("user"), action.chat())


@verb("decline")
async def decline(action: Action) -> None:
    await action.me.decline(action.person("user"), action.chat())


@verb("add")
async def add(action: Action) -> None:
    await action.me.add(action.somebody(), action.chat(), rights=action.body.get("rights"))


@verb("promote")
async def promote(action: Action) -> None:
    await action.me.promote(action.somebody(), action.chat(), action.body.get("rights") or "all")


@verb("demote", "kick", "unban")
async def change_member(action: Action) -> None:
    change = {
        "demote": action.me.demote,
        "kick": action.me.kick,
        "unban": action.me.unban,
    }[str(action.body["do"])]
    await change(action.somebody(), action.chat())


@verb("ban")
async def ban(action: Action) -> None:
    await action.me.ban(action.somebody(), action.chat(), until=action.until())


@verb("restrict")
async def restrict(action: Action) -> None:
    permissions = action.body.get("permissions")
    await action.me.restrict(action.somebody(), action.chat(), permissions, until=action.until())


@verb("block", "unblock")
async def block(action: Action) -> None:
    if action.body["do"] == "block":
        await action.me.block(action.bot())
    else:
        await action.me.unblock(action.bot())


@verb("create_chat")
async def create_chat(action: Action) -> Json:
    title = action.text("title")
    kind = action.text("type") or "supergroup"
    if not title or kind not in ("group", "supergroup", "channel"):
        raise SandboxError("A chat needs a title and a type: group, supergroup or channel.")
    chat = action.tg.world.add_chat(kind, title, action.me.user)  # type: ignore[arg-type]
    return action.key_of(chat)


@verb("create_link")
async def create_link(action: Action) -> Json:
    until = action.until()
    expires: datetime | None = action.tg.clock.now() + until if until else None
    url = await action.me.create_link(
        action.chat(),
        name=action.text("name"),
        request=bool(action.body.get("request")),
        limit=action.body.get("limit"),
        expires=expires,
    )
    return {"url": url}


@verb("revoke_link")
async def revoke_link(action: Action) -> None:
    await action.me.revoke_link(action.chat(), action.text("url") or "")


@verb("rename")
async def rename(action: Action) -> None:
    await action.me.rename(action.chat(), action.text("title") or "")


@verb("upgrade")
async def upgrade(action: Action) -> None:
    await action.me.upgrade(action.chat())


@verb("anonymous")
async def anonymous(action: Action) -> None:
    await action.me.set_anonymous(action.chat(), bool(action.body.get("on")))


@verb("delete_chat_history")
async def delete_chat_history(action: Action) -> None:
    await action.me.clear_history(action.place())
