"""Joining, leaving, promoting, restricting, banning: one place for people and bots alike."""

from __future__ import annotations

from sandbox.announce import announce_join_request, announce_member, announce_private
from sandbox.errors import SandboxError
from sandbox.model import Bot, Chat, InviteLink, JoinRequest, Member, Query, User
from sandbox.posting import post_service
from sandbox.render import member_json, user_json
from sandbox.world import World

FOREVER_BELOW, FOREVER_ABOVE = 30, 366 * 86_400
"""``until_date`` closer than 30 s or farther than 366 days means forever."""
WRITABLE_AFTER_REQUEST = 300.0


def standing(world: World, chat: Chat, user: User) -> Member:
    """The member's row, brought up to date: bans and restrictions that ran out are lifted."""
    member = chat.members.setdefault(user.id, Member(user))
    if member.until and member.until <= world.clock.time():
        member.until = 0
        if member.status == "kicked":
            member.status = "left"
        elif member.status == "restricted":
            member.status = "member" if member.is_member else "left"
            member.permissions = {}
    return member


def until_of(world: World, until: int) -> int:
    """``until_date`` as stored: 0 for forever."""
    distance = until - world.clock.time()
    return until if FOREVER_BELOW <= distance <= FOREVER_ABOVE else 0


def change(
    world: World,
    chat: Chat,
    user: User,
    status: str,
    *,
    actor: User,
    rights: dict[str, bool] | None = None,
    permissions: dict[str, bool] | None = None,
    until: int = 0,
    inside: bool | None = None,
    link: InviteLink | None = None,
    via_join_request: bool = False,
) -> Member:
    """Give an account a new standing and announce what changed.

    ``inside`` is for ``restricted``: by default the account stays in or out as it was.
    """
    member = standing(world, chat, user)
    old, was_inside = member_json(member, chat), member.inside
    if status == "restricted":
        member.is_member = was_inside if inside is None else inside
    else:
        member.is_member = True
    member.status = status
    member.until = until
    member.permissions = permissions or {}
    if status == "administrator":
        member.promoted_by = actor.id
        member.rights = dict(rights or {})
        member.anonymous = member.rights.pop("is_anonymous", member.anonymous)
    else:
        member.rights, member.title, member.anonymous = {}, None, False
    new = member_json(member, chat)
    if member.inside:
        chat.requests.pop(user.id, None)
    if member.inside and not was_inside:
        member.joined_by = link
        if link is not None:
            link.used += 1
    if old != new:
        announce_member(world, chat, actor, user, old, new, link=link, via_join_request=via_join_request)
    _service_message(world, chat, user, actor, was_inside, member)
    world.notify("chat", chat)
    return member


def _service_message(
    world: World, chat: Chat, user: User, actor: User, was_inside: bool, member: Member
) -> None:
    if not chat.is_group or was_inside == member.inside:
        return
    if member.inside:
        # People let in by an administrator "join by request" themselves.
        author = user if actor.is_bot or member.joined_by is not None else actor
        content = {"new_chat_members": [user_json(user)]}
        post_service(world, chat, author, "new_chat_members", content)
    else:
        content_left = {"left_chat_member": user_json(user)}
        post_service(world, chat, actor, "left_chat_member", content_left)


def join(world: World, chat: Chat, user: User, link: InviteLink | None = None) -> str:
    """A person follows a link or opens a public chat; returns ``member`` or ``requested``.

    Raises:
        SandboxError: what Telegram's client would tell the person.
    """
    member = standing(world, chat, user)
    if member.status == "kicked":
        raise SandboxError("{name} is banned from {chat}.", name=user.full_name, chat=chat.title)
    if member.inside:
        raise SandboxError("{name} is already in {chat}.", name=user.full_name, chat=chat.title)
    if link is not None:
        _check_link(world, link)
    if chat.join_by_request or (link is not None and link.creates_join_request):
        request_to_join(world, chat, user, link)
        return "requested"
    if link is not None and link.subscription_price:
        _subscribe(world, member, link)
    # Leaving does not lift a restriction.
    change(
        world,
        chat,
        user,
        "restricted" if member.status == "restricted" else "member",
        actor=user,
        permissions=member.permissions,
        until=member.until,
        inside=True,
        link=link,
    )
    return "member"


def _subscribe(world: World, member: Member, link: InviteLink) -> None:
    user = member.user
    if user.stars < link.subscription_price:
        raise SandboxError(
            "{name} has not enough Stars to join {chat}.", name=user.full_name, chat=link.chat.title
        )
    user.stars -= link.subscription_price
    member.paid_until = world.clock.unix() + link.subscription_period
    world.notify("user", user)


def _check_link(world: World, link: InviteLink) -> None:
    expired = link.expire_date and link.expire_date <= world.clock.time()
    members = link.chat.members.values()
    inside = sum(1 for member in members if member.inside and member.joined_by is link)
    full = link.member_limit and inside >= link.member_limit
    if link.revoked or expired or full:
        raise SandboxError("Sorry, this invite link has expired.")


def request_to_join(world: World, chat: Chat, user: User, link: InviteLink | None = None) -> JoinRequest:
    """A person asks to be let in. Asking again while waiting changes nothing."""
    waiting = chat.requests.get(user.id)
    if waiting is not None:
        return waiting
    request = JoinRequest(user, chat, world.clock.unix(), link)
    guard = chat.guard_bot
    if guard is not None:
        request.query_id = str(9_000_000_000 + world.new_uid())
        world.queries[request.query_id] = Query(
            request.query_id, "join_request", guard, user, world.clock.time(), request=request
        )
    chat.requests[user.id] = request
    for member in chat.members.values():
        if isinstance(member.user, Bot) and member.is_admin:
            private = world.private_chat(user, member.user)
            private.writable_until = world.clock.time() + WRITABLE_AFTER_REQUEST
    announce_join_request(world, request)
    world.notify("chat", chat)
    return request


def approve(world: World, request: JoinRequest, actor: User) -> None:
    """Let a waiting person in."""
    request.chat.requests.pop(request.user.id, None)
    change(
        world,
        request.chat,
        request.user,
        "member",
        actor=actor,
        link=request.link,
        via_join_request=True,
    )


def decline(world: World, request: JoinRequest) -> None:
    """Turn a waiting person away. Bots are not told."""
    request.chat.requests.pop(request.user.id, None)
    world.notify("chat", request.chat)


def leave(world: World, chat: Chat, user: User) -> None:
    """An account leaves by itself; restrictions stay for its return."""
    member = standing(world, chat, user)
    if not member.inside:
        raise SandboxError("{name} is not in {chat}.", name=user.full_name, chat=chat.title)
    if member.status == "restricted":
        change(
            world,
            chat,
            user,
            "restricted",
            actor=user,
            permissions=member.permissions,
            until=member.until,
            inside=False,
        )
    else:
        change(world, chat, user, "left", actor=user)


def start(world: World, chat: Chat) -> None:
    """A person opens a private chat with a bot, unblocking it if needed."""
    if chat.blocked:
        unblock(world, chat)
    if not chat.started:
        chat.started = True
        world.notify("chat", chat)


def block(world: World, chat: Chat) -> None:
    """A person stops a bot."""
    if not chat.blocked:
        chat.blocked = True
        announce_private(world, chat, "member", "kicked")
        world.notify("chat", chat)


def unblock(world: World, chat: Chat) -> None:
    """A person restarts a bot."""
    if chat.blocked:
        chat.blocked = False
        announce_private(world, chat, "kicked", "member")
        world.notify("chat", chat)
