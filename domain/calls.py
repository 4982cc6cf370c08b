"""Bot API calls as plain data. Services decide on them, the outbox keeps them, `delivery` makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from domain.money import Money
from domain.page import Page


class Priority(IntEnum):
    """Who goes first when a bot has more to send than Telegram lets it (lower goes first)."""

    REPLY = 0
    MODERATION = 1
    TRIGGERED = 2
    BULK = 3
    PAID = 4  # bulk somebody pays Stars for: it goes at a pace of its own (`allow_paid_broadcast`)


class Policy(StrEnum):
    """What to do when nobody knows whether a call reached Telegram."""

    REPEATABLE = "repeatable"  # at least once: replies, access links, receipts
    ONCE = "once"  # never repeated by itself: parked as `unknown` for the owner to decide


@dataclass(frozen=True, slots=True)
class Call:
    """A Bot API method with its parameters.

    `files` maps a parameter to (file name, bytes). `keep_as` names the sent message, so that later calls
    can mean it: `about` fills `message_id` with the message kept under that name when the call is made
    (the call is dropped when there is none). `delete_after` removes the sent message after so many seconds.
    `media` is the ref of a stored file, which is put in as the photo or video when the call is made.
    """

    method: str
    params: Mapping[str, Any]
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    keep_as: str | None = None
    about: str | None = None
    delete_after: int | None = None
    media: str | None = None

    @property
    def chat_id(self) -> int:
        """The chat whose order the call keeps; 0 for calls that belong to no chat."""
        chat = self.params.get("chat_id", self.params.get("user_id", 0))
        return chat if isinstance(chat, int) else 0


def send(
    chat_id: int,
    page: Page,
    *,
    reply_to: int | None = None,
    thread_id: int | None = None,
    silent: bool = False,
    keep_as: str | None = None,
    delete_after: int | None = None,
) -> Call:
    """`sendMessage` of a page; a vanished message to reply to does not stop it."""
    params: dict[str, Any] = {
        "chat_id": chat_id,
        "text": page.text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if (markup := page.markup()) is not None:
        params["reply_markup"] = markup
    if reply_to is not None:
        params["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
    if thread_id is not None:
        params["message_thread_id"] = thread_id
    if silent:
        params["disable_notification"] = True
    return Call("sendMessage", params, keep_as=keep_as, delete_after=delete_after)


def send_photo(
    chat_id: int,
    photo: bytes,
    name: str,
    page: Page,
    *,
    reply_to: int | None = None,
    thread_id: int | None = None,
    delete_after: int | None = None,
) -> Call:
    """`sendPhoto` with the page as caption; a vanished message to reply to does not stop it."""
    params: dict[str, Any] = {"chat_id": chat_id, "caption": page.text, "parse_mode": "HTML"}
    if (markup := page.markup()) is not None:
        params["reply_markup"] = markup
    if reply_to is not None:
        params["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
    if thread_id is not None:
        params["message_thread_id"] = thread_id
    return Call("sendPhoto", params, files={"photo": (name, photo)}, delete_after=delete_after)


def edit_photo(chat_id: int, message_id: int, photo: bytes, name: str, page: Page) -> Call:
    """`editMessageMedia` to another picture with the page as its caption."""
    media = {"type": "photo", "media": "attach://photo", "caption": page.text, "parse_mode": "HTML"}
    params = {
        "chat_id": chat_id,
        "message_id": message_id,
        "media": media,
        "reply_markup": page.markup() or {"inline_keyboard": []},
    }
    return Call("editMessageMedia", params, files={"photo": (name, photo)})


def send_file(
    chat_id: int,
    kind: str,
    file_id: str,
    page: Page,
    *,
    reply_to: int | None = None,
    thread_id: int | None = None,
    silent: bool = False,
    keep_as: str | None = None,
    delete_after: int | None = None,
) -> Call:
    """A `photo`, `video` or `animation` Telegram has already, with the page as caption (or without)."""
    params: dict[str, Any] = {"chat_id": chat_id, kind: file_id, "caption": page.text, "parse_mode": "HTML"}
    if (markup := page.markup()) is not None:
        params["reply_markup"] = markup
    if reply_to is not None:
        params["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
    if thread_id is not None:
        params["message_thread_id"] = thread_id
    if silent:
        params["disable_notification"] = True
    return Call(f"send{kind.capitalize()}", params, keep_as=keep_as, delete_after=delete_after)


def only_for(user_id: int, call: Call) -> Call:
    """The same message as an ephemeral one, which only that member of the group sees.

    It has no message id of its own, so it cannot be kept or deleted later; it goes by itself.
    """
    params = {**call.params, "ephemeral_message_parameters": {"receiver_user_id": user_id}}
    return Call(call.method, params, files=call.files)


def delete_ephemeral(chat_id: int, user_id: int, ephemeral_id: int) -> Call:
    """`deleteEphemeralMessage`, which only that member of the group sees."""
    params = {"chat_id": chat_id, "receiver_user_id": user_id, "ephemeral_message_id": ephemeral_id}
    return Call("deleteEphemeralMessage", params)


def send_document(chat_id: int, document: bytes, name: str, page: Page) -> Call:
    """`sendDocument` with the page as caption."""
    params: dict[str, Any] = {"chat_id": chat_id, "caption": page.text, "parse_mode": "HTML"}
    if (markup := page.markup()) is not None:
        params["reply_markup"] = markup
    return Call("sendDocument", params, files={"document": (name, document)})


def invoice(chat_id: int, *, title: str, description: str, payload: str, amount: Money) -> Call:
    """`sendInvoice` in Stars, which takes one price and no provider token
    (https://core.telegram.org/bots/payments-stars)."""
    params: dict[str, Any] = {
        "chat_id": chat_id,
        "title": title,
        "description": description,
        "payload": payload,
        "currency": amount.currency,
        "prices": [{"label": title, "amount": amount.minor}],
        "provider_token": "",
    }
    return Call("sendInvoice", params)


def approve_join(chat_id: int, user_id: int) -> Call:
    """`approveChatJoinRequest`."""
    return Call("approveChatJoinRequest", {"chat_id": chat_id, "user_id": user_id})


def decline_join(chat_id: int, user_id: int) -> Call:
    """`declineChatJoinRequest`."""
    return Call("declineChatJoinRequest", {"chat_id": chat_id, "user_id": user_id})


def revoke_link(chat_id: int, invite_link: str) -> Call:
    """`revokeChatInviteLink`."""
    return Call("revokeChatInviteLink", {"chat_id": chat_id, "invite_link": invite_link})


def edit(chat_id: int, message_id: int | None, page: Page, *, about: str | None = None) -> Call:
    """`editMessageText` to a page, of a message id or of the message kept under the name `about`."""
    params: dict[str, Any] = {
        "chat_id": chat_id,
        "text": page.text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": page.markup() or {"inline_keyboard": []},
    }
    if message_id is not None:
        params["message_id"] = message_id
    return Call("editMessageText", params, about=about)


def edit_caption(chat_id: int, message_id: int | None, page: Page, *, about: str | None = None) -> Call:
    """`editMessageCaption` to a page, of a message id or of the message kept under the name `about`."""
    params: dict[str, Any] = {
        "chat_id": chat_id,
        "caption": page.text,
        "parse_mode": "HTML",
        "reply_markup": page.markup() or {"inline_keyboard": []},
    }
    if message_id is not None:
        params["message_id"] = message_id
    return Call("editMessageCaption", params, about=about)


def delete(chat_id: int, message_id: int | None, *, about: str | None = None) -> Call:
    """`deleteMessage`, of a message id or of the message kept under the name `about`."""
    params = {"chat_id": chat_id} if message_id is None else {"chat_id": chat_id, "message_id": message_id}
    return Call("deleteMessage", params, about=about)


def ban(chat_id: int, user_id: int, until: int = 0, *, revoke_messages: bool = False) -> Call:
    """`banChatMember`; `until` in unix seconds, 0 for ever."""
    params = {"chat_id": chat_id, "user_id": user_id, "until_date": until, "revoke_messages": revoke_messages}
    return Call("banChatMember", params)


def unban(chat_id: int, user_id: int) -> Call:
    """Lift a ban and touch nobody who is a member."""
    return Call("unbanChatMember", {"chat_id": chat_id, "user_id": user_id, "only_if_banned": True})


def remove(chat_id: int, user_id: int) -> Call:
    """Remove a member who stays free to return.

    One call, so that no crash can leave a lasting ban behind
    (https://core.telegram.org/bots/api#unbanchatmember removes a present member by default).
    """
    return Call("unbanChatMember", {"chat_id": chat_id, "user_id": user_id, "only_if_banned": False})


_SPEECH = """
    can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos
    can_send_video_notes can_send_voice_notes can_send_polls can_send_other_messages
    can_add_web_page_previews can_invite_users
"""
MUTED = dict.fromkeys(_SPEECH.split(), False)
# Restrictions are lifted by allowing everything (https://core.telegram.org/bots/api#restrictchatmember).
_REST = "can_react_to_messages can_edit_tag can_change_info can_pin_messages can_manage_topics"
SPEAKING = dict.fromkeys((*MUTED, *_REST.split()), True)


def mute(chat_id: int, user_id: int, until: int = 0) -> Call:
    """`restrictChatMember` to silence; `until` in unix seconds, 0 for ever."""
    params = {
        "chat_id": chat_id,
        "user_id": user_id,
        "permissions": MUTED,
        "until_date": until,
        "use_independent_chat_permissions": True,
    }
    return Call("restrictChatMember", params)


def unmute(chat_id: int, user_id: int) -> Call:
    """`restrictChatMember` back to what the chat allows everybody (Telegram takes the narrower of both)."""
    params = {
        "chat_id": chat_id,
        "user_id": user_id,
        "permissions": SPEAKING,
        "use_independent_chat_permissions": True,
    }
    return Call("restrictChatMember", params)


def ban_sender(chat_id: int, sender_chat_id: int) -> Call:
    """`banChatSenderChat`: a channel may not speak in the chat any more, nor any other of its owner's."""
    return Call("banChatSenderChat", {"chat_id": chat_id, "sender_chat_id": sender_chat_id})


def unban_sender(chat_id: int, sender_chat_id: int) -> Call:
    """`unbanChatSenderChat`."""
    return Call("unbanChatSenderChat", {"chat_id": chat_id, "sender_chat_id": sender_chat_id})
