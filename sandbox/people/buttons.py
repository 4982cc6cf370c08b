"""Pressing inline and reply-keyboard buttons."""

from __future__ import annotations

from typing import Any

from sandbox.announce import announce_callback
from sandbox.errors import SandboxError
from sandbox.handles import Answer, BotHandle, ChatHandle, MessageHandle
from sandbox.managing import create_managed_bot
from sandbox.membership import change
from sandbox.model import Bot, Json, Message, Query
from sandbox.people.base import PersonBase
from sandbox.people.links import Links
from sandbox.posting import Draft, post, post_service
from sandbox.rights import full_rights


class Buttons(Links):
    """Buttons under messages and under the composer."""

    async def click(
        self,
        what: MessageHandle | str,
        caption: str | None = None,
        *,
        chat: ChatHandle | None = None,
    ) -> Answer:
        """Press the inline button with a caption: ``click("Buy")`` or ``click(message, "Buy")``.

        Without a message, it is the newest one the person can see that has such a button; an
        exact caption goes before a part of one. ``chat`` is the group a ``startgroup`` link asks
        for. The answer tells what the bot said, or where a link led.
        """
        message, button = self._find_inline(what, caption)
        if "callback_data" in button:
            return await self.press_callback(MessageHandle(self.tg, message), button)
        if button.get("pay"):
            await self.pay(MessageHandle(self.tg, message))
            return Answer()
        if "url" in button:
            return await self.follow(str(button["url"]), chat=chat)
        if "copy_text" in button:
            return Answer(copied=str(button["copy_text"]["text"]))
        if "web_app" in button:
            return Answer(url=str(button["web_app"]["url"]))
        raise SandboxError("The button '{button}' does nothing in the sandbox.", button=button["text"])

    async def press_callback(self, handle: MessageHandle, button: Json) -> Answer:
        """Press one callback button of a message."""
        message = handle.message
        bot = message.sender if isinstance(message.sender, Bot) else message.post
        if bot is None:
            raise SandboxError("Only buttons of bots can be pressed.")
        query = Query(
            str(4_000_000_000_000_000_000 + self.world.new_uid()),
            "callback",
            bot,
            self.user,
            self.world.clock.time(),
            message=message,
        )
        self.world.queries[query.id] = query
        announce_callback(query, str(button["callback_data"]))
        await self.tg.acted()
        return Answer(query)

    def _find_inline(self, what: MessageHandle | str, caption: str | None) -> tuple[Message, Json]:
        if isinstance(what, MessageHandle):
            if not self.sees(what.message):
                raise SandboxError("{name} does not see that message (any more).", name=self.name)
            messages, wanted = [what.message], caption or ""
        else:
            messages, wanted = self.visible(), what
        buttons = [
            (message, button)
            for message in messages
            for row in (message.inline_keyboard or {}).get("inline_keyboard", [])
            for button in row
        ]
        for message, button in buttons:
            if button["text"] == wanted:
                return message, button
        for message, button in buttons:
            if wanted and wanted in button["text"]:
                return message, button
        seen = ", ".join(dict.fromkeys(str(button["text"]) for _, button in buttons[:12]))
        raise SandboxError(
            "{name} sees no button '{button}'; there are: {offered}.",
            name=self.name,
            button=wanted,
            offered=seen or "none",
        )

    async def press(
        self,
        caption: str,
        *,
        bot: BotHandle | None = None,
        share: Any = None,
        name: str | None = None,
        username: str | None = None,
    ) -> MessageHandle:
        """Press a reply-keyboard button.

        Args:
            bot: whose keyboard, when several bots show one.
            share: the chat, person or people a request button asks for.
            name, username: of the managed bot a request button creates.
        """
        chat_bot, button = self._find_reply(caption, bot)
        chat = self.world.private_chat(self.user, chat_bot)
        if "request_contact" in button:
            contact = {"phone_number": f"+1555{self.id % 10**7:07}", "user_id": self.id}
            contact["first_name"] = self.user.first_name
            message = post(self.world, chat, self.user, Draft({"contact": contact}))
        elif "request_location" in button:
            location = {"latitude": 52.52, "longitude": 13.405}
            message = post(self.world, chat, self.user, Draft({"location": location}))
        elif "request_chat" in button:
            message = self._share_chat(chat_bot, button["request_chat"], share)
        elif "request_users" in button:
            message = self._share_users(chat_bot, button["request_users"], share)
        elif "request_managed_bot" in button:
            asked = button["request_managed_bot"]
            message = create_managed_bot(
                self.world,
                self.user,
                chat_bot,
                name or asked.get("suggested_name") or "My bot",
                username or asked.get("suggested_username") or "",
            )
        else:
            message = post(self.world, chat, self.user, Draft({"text": button["text"]}))
        await self.tg.acted()
        return MessageHandle(self.tg, message)

    def _find_reply(self, caption: str, bot: BotHandle | None) -> tuple[Bot, Json]:
        offered: list[str] = []
        answered: set[int] = set()
        for message in self.visible():
            owner = message.chat.bot
            if owner is None or owner.id in answered or message.reply_keyboard is None:
                continue
            if bot is not None and owner is not bot.bot:
                continue
            # Only the newest keyboard of each chat is on the screen.
            answered.add(owner.id)
            for row in message.reply_keyboard.get("keyboard", []):
                for button in row:
                    if caption == button["text"] or caption in button["text"]:
                        return owner, button
                    offered.append(button["text"])
        raise SandboxError(
            "{name} has no button '{button}' below the chat; there are: {offered}.",
            name=self.name,
            button=caption,
            offered=", ".join(offered) or "none",
        )

    def _share_chat(self, bot: Bot, asked: Json, share: Any) -> Message:
        if not isinstance(share, ChatHandle):
            raise SandboxError("This button asks for a chat: press(…, share=chat).")
        chat = share.chat
        if bool(asked.get("chat_is_channel")) != chat.is_channel:
            raise SandboxError("This button does not offer {chat}.", chat=chat.title)
        rights = asked.get("bot_administrator_rights")
        if rights is not None:
            wanted = [name for name, on in rights.items() if on]
            change(self.world, chat, bot, "administrator", actor=self.user, rights=full_rights(chat, wanted))
        elif asked.get("bot_is_member") and not chat.has(bot):
            raise SandboxError("{name} is not in {chat}.", name=bot.first_name, chat=chat.title)
        shared: Json = {"request_id": asked["request_id"], "chat_id": chat.id}
        if asked.get("request_title"):
            shared["title"] = chat.title
        if asked.get("request_username") and chat.username:
            shared["username"] = chat.username
        private = self.world.private_chat(self.user, bot)
        return post_service(self.world, private, self.user, "chat_shared", {"chat_shared": shared})

    def _share_users(self, bot: Bot, asked: Json, share: Any) -> Message:
        people = share if isinstance(share, list | tuple) else [share]
        if not all(isinstance(person, PersonBase | BotHandle) for person in people):
            raise SandboxError("This button asks for people: press(…, share=ann).")
        users = []
        for person in people:
            row: Json = {"user_id": person.id}
            if asked.get("request_name"):
                row["first_name"] = person.user.first_name
            if asked.get("request_username") and person.user.username:
                row["username"] = person.user.username
            users.append(row)
        shared = {"request_id": asked["request_id"], "users": users}
        private = self.world.private_chat(self.user, bot)
        return post_service(self.world, private, self.user, "users_shared", {"users_shared": shared})
