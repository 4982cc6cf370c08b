"""Members of chats as Telegram describes them, made values of ours."""

from aiogram.types import Chat, ChatMemberUpdated

from domain.joins import ChatName, MemberChange, standing_of


def chat_name(chat: Chat) -> ChatName:
    """How updates name a chat."""
    return ChatName(chat.id, chat.type, chat.title or chat.full_name or "", chat.username)


def change_of(event: ChatMemberUpdated, update_id: int) -> MemberChange:
    """The change a `chat_member` or `my_chat_member` tells of."""
    user, link = event.new_chat_member.user, event.invite_link
    return MemberChange(
        chat=chat_name(event.chat),
        user_id=user.id,
        first_name=user.first_name,
        last_name=user.last_name,
        username=user.username,
        language_code=user.language_code,
        is_bot=user.is_bot,
        actor_id=event.from_user.id,
        old=standing_of(event.old_chat_member.model_dump(exclude={"user"})),
        new=standing_of(event.new_chat_member.model_dump(exclude={"user"})),
        at=event.date,
        update_id=update_id,
        invite_link=link.invite_link if link else None,
        link_name=link.name if link else None,
        link_asks=link.creates_join_request if link else False,
        via_request=bool(event.via_join_request),
        via_folder=bool(event.via_chat_folder_invite_link),
    )
