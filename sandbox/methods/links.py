"""Invite links."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.invites import new_link
from sandbox.methods.targets import require_right, target_chat
from sandbox.model import Chat, InviteLink, Json
from sandbox.params import Call, method
from sandbox.render import link_json

NO_RIGHT = "not enough rights to manage chat invite link"
SUBSCRIPTION_PERIOD = 2_592_000


def _chat(call: Call, words: str = NO_RIGHT) -> Chat:
    chat = target_chat(call)
    if chat.is_private:
        raise bad_request("can't invite members to a private chat")
    require_right(call, chat, "can_invite_users", words)
    return chat


@method("exportChatInviteLink")
def export_chat_invite_link(call: Call) -> str:
    chat = _chat(call, "not enough rights to export chat invite link")
    for link in chat.links.values():
        if link.primary and link.creator is call.bot:
            link.revoked = True
    return new_link(call.world, chat, call.bot, primary=True).url


@method("createChatInviteLink")
def create_chat_invite_link(call: Call) -> Json:
    chat = _chat(call)
    link = new_link(call.world, chat, call.bot)
    try:
        _configure(call, link)
    except Exception:
        del chat.links[link.url], call.world.links[link.url]
        raise
    return link_json(link)


@method("createChatSubscriptionInviteLink")
def create_chat_subscription_invite_link(call: Call) -> Json:
    chat = _chat(call)
    if not chat.is_channel:
        raise bad_request("method is available only for channels")
    if call.params.integer("subscription_period") != SUBSCRIPTION_PERIOD:
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    price = call.params.integer("subscription_price") or 0
    if not 1 <= price <= 10_000:
        raise bad_request("STARS_AMOUNT_INVALID")
    link = new_link(call.world, chat, call.bot, name=_name(call))
    link.subscription_period, link.subscription_price = SUBSCRIPTION_PERIOD, price
    call.world.notify("chat", chat)
    return link_json(link)


@method("editChatInviteLink")
def edit_chat_invite_link(call: Call) -> Json:
    link = _own_link(call, _chat(call))
    if link.primary:
        raise bad_request("CHAT_INVITE_PERMANENT")
    _configure(call, link)
    return link_json(link)


@method("editChatSubscriptionInviteLink")
def edit_chat_subscription_invite_link(call: Call) -> Json:
    link = _own_link(call, _chat(call))
    link.name = _name(call)
    call.world.notify("chat", link.chat)
    return link_json(link)


@method("revokeChatInviteLink")
def revoke_chat_invite_link(call: Call) -> Json:
    chat = _chat(call)
    link = _own_link(call, chat)
    link.revoked = True
    if link.primary:
        new_link(call.world, chat, call.bot, primary=True)
    call.world.notify("chat", chat)
    return link_json(link)


def _own_link(call: Call, chat: Chat) -> InviteLink:
    link = chat.links.get(call.params.text("invite_link") or "")
    if link is None or (link.revoked and call.method.lower() != "revokechatinvitelink"):
        raise bad_request("INVITE_HASH_EXPIRED")
    if link.creator is not call.bot:
        raise bad_request("not enough rights to edit the invite link of another administrator")
    return link


def _name(call: Call) -> str | None:
    name = call.params.text("name")
    if name is not None and len(name) > 32:
        raise bad_request("invite link name is too long")
    return name


def _configure(call: Call, link: InviteLink) -> None:
    limit = call.params.integer("member_limit") or 0
    request = call.params.flag("creates_join_request")
    expires = call.params.integer("expire_date") or 0
    if limit and request:
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    if not 0 <= limit <= 99_999:
        raise bad_request("USAGE_LIMIT_INVALID")
    if expires and expires <= call.world.clock.time():
        raise bad_request("EXPIRE_DATE_INVALID")
    link.name = _name(call)
    link.member_limit, link.creates_join_request, link.expire_date = limit, request, expires
    call.world.notify("chat", link.chat)
