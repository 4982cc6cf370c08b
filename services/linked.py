"""The channel a group is linked with: its posts come over by themselves, and nobody is punished for them."""

from domain.errors import Refused
from storage import chats
from storage.database import Database


async def spare(db: Database, bot_id: int, chat_id: int, author_id: int, *, automatic: bool = False) -> None:
    """Raise `Refused` (target_linked) for what the linked channel wrote; `automatic`: it was forwarded from
    there by Telegram itself, which tells the linked channel even where we do not know it."""
    if author_id > 0:
        return
    linked = author_id if automatic else None
    if linked is None:
        async with db.read() as tx:
            chat = await chats.get(tx, bot_id, chat_id)
        linked = chat.linked_chat_id if chat is not None else None
    if author_id == linked:
        raise Refused("target_linked")
