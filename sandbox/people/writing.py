"""Writing, editing, deleting, reacting, forwarding."""

from __future__ import annotations

from typing import Any

from sandbox.entities import detect, formatted
from sandbox.errors import SandboxError
from sandbox.filestore import media_json, store, tiny_png
from sandbox.handles import BotHandle, ChatHandle, MessageHandle
from sandbox.limits import DEEP_LINK
from sandbox.membership import block, start, unblock
from sandbox.model import Bot, Chat, Json, Member, Message
from sandbox.params import Upload
from sandbox.people.base import PersonBase, Place
from sandbox.posting import Draft, delete, edit, origin_of, post, react
from sandbox.rights import has_right, may

_PERMISSIONS = {
    "photo": "can_send_photos",
    "video": "can_send_videos",
    "animation": "can_send_other_messages",
    "document": "can_send_documents",
    "audio": "can_send_audios",
    "voice": "can_send_voice_notes",
    "sticker": "can_send_other_messages",
    "poll": "can_send_polls",
}
_NAMES = {
    "photo": ("photo.png", "image/png"),
    "video": ("video.mp4", "video/mp4"),
    "animation": ("animation.mp4", "video/mp4"),
    "document": ("document.txt", "text/plain"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "sticker": ("sticker.webp", "image/webp"),
}
FileLike = bytes | tuple[str, bytes]
"""Bytes, or a file name and bytes."""


class Writing(PersonBase):
    """Messages of a person."""

    async def start(self, bot: BotHandle, payload: str = "") -> MessageHandle:
        """Press START, or follow ``t.me/<bot>?start=<payload>``.

        Raises:
            SandboxError: a payload Telegram's clients would drop.
        """
        if payload and not DEEP_LINK.fullmatch(payload):
            raise SandboxError(
                "'{payload}' is no deep-link payload: 1 to 64 characters of A-Z, a-z, 0-9, _ and -.",
                payload=payload,
            )
        chat = self.chat_with(bot)
        start(self.world, chat)
        text = f"/start {payload}" if payload else "/start"
        content = {"text": text, "entities": [_command(text)]}
        message = post(self.world, chat, self.user, Draft(content))
        await self.tg.acted()
        return MessageHandle(self.tg, message)

    async def send(
        self,
        where: Place,
        text: str = "",
        *,
        reply_to: MessageHandle | None = None,
        topic: int | None = None,
        html: bool = False,
        entities: list[Json] | None = None,
        photo: FileLike | bool | None = None,
        document: FileLike | bool | None = None,
        video: FileLike | bool | None = None,
        sticker: FileLike | bool | None = None,
        voice: FileLike | bool | None = None,
        as_channel: ChatHandle | None = None,
        extra: Json | None = None,
    ) -> MessageHandle:
        """Write a message; with a file, ``text`` is its caption.

        Args:
            html: ``text`` is Telegram HTML, as a formatted message typed in a client.
            photo, document, video, sticker, voice: bytes, (name, bytes), or True for a sample.
            as_channel: write in the name of the person's own channel.
            extra: any further Bot API fields, such as ``{"dice": {…}}`` or ``{"story": {…}}``.
        """
        given = {
            "photo": photo,
            "document": document,
            "video": video,
            "sticker": sticker,
            "voice": voice,
        }
        content = self._content(text, html, entities, given)
        content |= extra or {}
        if not content:
            raise SandboxError("A message needs a text or a file.")
        chat = self.place(where)
        self._may_write(chat, content, as_channel)
        draft = Draft(
            content,
            thread_id=topic,
            reply_to=reply_to.message if reply_to else None,
            sender_chat=as_channel.chat if as_channel else None,
        )
        draft.receiver = self._ephemeral_listener(chat, content)
        message = post(self.world, chat, self.user, draft)
        await self.tg.acted()
        return MessageHandle(self.tg, message)

    async def post(self, channel: ChatHandle, text: str = "", **options: Any) -> MessageHandle:
        """Publish a post in a channel."""
        return await self.send(channel, text, **options)

    async def send_album(self, where: Place, count: int = 2, caption: str = "") -> list[MessageHandle]:
        """Send ``count`` photos as one album."""
        chat = self.place(where)
        album = str(13_000_000_000_000_000 + self.world.new_uid())
        sent = []
        for number in range(count):
            content = self._content(caption if number == 0 else "", False, None, {"photo": True})
            self._may_write(chat, content, None)
            sent.append(post(self.world, chat, self.user, Draft(content, album=album)))
        await self.tg.acted()
        return [MessageHandle(self.tg, message) for message in sent]

    async def edit(self, message: MessageHandle, text: str, *, html: bool = False) -> MessageHandle:
        """Change one's own message."""
        self._require_own(message.message)
        old = message.message.content
        field = "text" if "text" in old else "caption"
        kept = {k: v for k, v in old.items() if k not in (field, "entities", "caption_entities")}
        new = self._content(text, html, None, {})
        if field == "caption":
            new = {
                "caption": new["text"],
                **({"caption_entities": new["entities"]} if "entities" in new else {}),
            }
        edit(self.world, message.message, kept | new, by_user=True)
        await self.tg.acted()
        return message

    async def delete(self, message: MessageHandle) -> None:
        """Delete a message for everybody."""
        member = message.message.chat.member(self.id)
        if not message.message.chat.is_private and not has_right(member, "can_delete_messages"):
            self._require_own(message.message)
        delete(self.world, message.message)
        await self.tg.acted()

    async def react(self, message: MessageHandle, emoji: str | None) -> None:
        """React with one emoji; None takes the reaction back."""
        react(self.world, message.message, self.user, [emoji] if emoji else [])
        await self.tg.acted()

    async def forward(self, message: MessageHandle, where: Place) -> MessageHandle:
        """Forward a message."""
        source = message.message
        if not self.sees(source):
            raise SandboxError("{name} does not see that message.", name=self.name)
        if source.protected:
            raise SandboxError("Forwards from this chat are restricted.")
        chat = self.place(where)
        self._may_write(chat, source.content, None)
        draft = Draft(dict(source.content), forward_origin=origin_of(source))
        forwarded = post(self.world, chat, self.user, draft)
        await self.tg.acted()
        return MessageHandle(self.tg, forwarded)

    async def clear_history(self, where: Place) -> None:
        """Delete the messages of a private chat, or all one may delete in a group."""
        chat = self.place(where)
        member = chat.member(self.id)
        everything = chat.is_private or has_right(member, "can_delete_messages")
        for message in list(chat.history):
            if not message.deleted and (everything or message.sender is self.user):
                delete(self.world, message)
        await self.tg.acted()

    async def block(self, bot: BotHandle) -> None:
        """Stop a bot."""
        block(self.world, self.chat_with(bot))
        await self.tg.acted()

    async def unblock(self, bot: BotHandle) -> None:
        """Restart a bot without sending /start."""
        unblock(self.world, self.chat_with(bot))
        await self.tg.acted()

    def _content(
        self,
        text: str,
        html: bool,
        entities: list[Json] | None,
        files: dict[str, FileLike | bool | None],
    ) -> Json:
        if html:
            text, found = formatted(text, "HTML")
        else:
            found = sorted([*(entities or []), *detect(text)], key=lambda e: int(e["offset"]))
        kind = next((name for name, value in files.items() if value), None)
        content: Json = {}
        if kind is not None:
            content[kind] = self._file(kind, files[kind] or b"")
        if text:
            prefix = "caption" if kind else "text"
            content[prefix] = text
            if found:
                content["caption_entities" if kind else "entities"] = found
        return content

    def _file(self, kind: str, value: FileLike | bool) -> Json | list[Json]:
        name, mime = _NAMES[kind]
        if isinstance(value, bool):
            data = tiny_png() if kind == "photo" else b"sample"
        elif isinstance(value, tuple):
            name, data = value
            mime = ""
        else:
            data = value
        return media_json(store(self.world, kind, Upload(name, mime, data)))

    def _may_write(self, chat: Chat, content: Json, as_channel: ChatHandle | None) -> None:
        if chat.is_private:
            if chat.blocked:
                raise SandboxError("{name} stopped the bot; unblock it or press START first.", name=self.name)
            start(self.world, chat)
            return
        member = self._require_place(chat, as_channel)
        if chat.is_channel:
            if not has_right(member, "can_post_messages"):
                raise SandboxError("{name} may not post in {chat}.", name=self.name, chat=chat.title)
            return
        if as_channel is not None and as_channel.chat.id in chat.banned_senders:
            raise SandboxError("{channel} is banned from {chat}.", channel=as_channel.title, chat=chat.title)
        kinds = [name for name in _PERMISSIONS if name in content]
        needed = _PERMISSIONS[kinds[0]] if kinds else "can_send_messages"
        if not member.is_admin and not may(chat, self.user, needed):
            raise SandboxError("{name} may not write in {chat}.", name=self.name, chat=chat.title)

    def _require_place(self, chat: Chat, as_channel: ChatHandle | None) -> Member:
        if as_channel is not None:
            owner = as_channel.chat.member(self.id)
            if owner is None or owner.status != "creator":
                raise SandboxError(
                    "{channel} does not belong to {name}.", channel=as_channel.title, name=self.name
                )
        return self.require_inside(chat)

    def _require_own(self, message: Message) -> None:
        mine = message.sender is self.user or (
            message.sender_chat is not None and has_right(message.chat.member(self.id), "can_edit_messages")
        )
        if not mine:
            raise SandboxError("That message belongs to somebody else.")

    def _ephemeral_listener(self, chat: Chat, content: Json) -> Bot | None:
        """The bot that alone receives a command it declared ephemeral."""
        text = str(content.get("text", ""))
        if not chat.is_group or not text.startswith("/"):
            return None
        name, _, target = text[1:].split()[0].partition("@")
        for member in chat.members.values():
            bot = member.user
            if not isinstance(bot, Bot) or not member.inside:
                continue
            if target and target.lower() != (bot.username or "").lower():
                continue
            for commands in bot.commands.values():
                if any(c["command"] == name and c.get("is_ephemeral") for c in commands):
                    return bot
        return None


def _command(text: str) -> Json:
    return {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
