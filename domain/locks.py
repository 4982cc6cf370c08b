"""What `/lock` can take from the members of a group: kinds of messages by name, as Telegram's permissions.

https://core.telegram.org/bots/api#chatpermissions
"""

from domain.errors import Invalid

_MEDIA = (
    "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos", "can_send_video_notes",
    "can_send_voice_notes",
)  # fmt: skip
_WRITING = (
    "can_send_messages", *_MEDIA, "can_send_polls", "can_send_other_messages", "can_add_web_page_previews",
)  # fmt: skip
ALL = "all"
KINDS: dict[str, tuple[str, ...]] = {
    ALL: _WRITING,
    "text": ("can_send_messages",),
    "media": _MEDIA,
    "photos": ("can_send_photos",),
    "videos": ("can_send_videos",),
    "music": ("can_send_audios",),
    "files": ("can_send_documents",),
    "voice": ("can_send_voice_notes", "can_send_video_notes"),
    "stickers": ("can_send_other_messages",),
    "polls": ("can_send_polls",),
    "links": ("can_add_web_page_previews",),
    "invites": ("can_invite_users",),
    "pins": ("can_pin_messages",),
    "info": ("can_change_info",),
    "topics": ("can_manage_topics",),
}
_ALSO = {
    "everything": ALL, "messages": "text", "previews": "links", "link": "links", "photo": "photos",
    "pictures": "photos", "video": "videos", "audio": "music", "documents": "files", "voices": "voice",
    "sticker": "stickers", "gifs": "stickers", "games": "stickers", "poll": "polls", "invite": "invites",
    "pin": "pins", "topic": "topics",
    "всё": ALL, "все": ALL, "текст": "text", "сообщения": "text", "медиа": "media", "фото": "photos",
    "видео": "videos", "музыка": "music", "музыку": "music", "файлы": "files", "голосовые": "voice",
    "стикеры": "stickers", "гифки": "stickers", "игры": "stickers", "опросы": "polls", "ссылки": "links",
    "приглашения": "invites", "закрепы": "pins", "темы": "topics",
}  # fmt: skip


def read_kinds(args: str) -> list[str]:
    """The kinds that are named, `all` when none is. Raises `Invalid` (lock_kind) for a word that is none."""
    words = args.casefold().replace(",", " ").split()
    kinds = [_ALSO.get(word, word) for word in words] or [ALL]
    for word, kind in zip(words, kinds, strict=False):
        if kind not in KINDS:
            raise Invalid("kind", "lock_kind", word=word[:40])
    return list(dict.fromkeys(kinds))


def permissions_of(kinds: list[str]) -> frozenset[str]:
    """The permissions that these kinds stand for."""
    return frozenset(name for kind in kinds for name in KINDS[kind])


def with_taken(current: dict[str, bool], taken: frozenset[str], back: frozenset[str]) -> dict[str, bool]:
    """A group's permissions with those in `taken` denied and those in `back` given; the others stay."""
    changed = dict.fromkeys(taken, False) | dict.fromkeys(back, True)
    return {name: value for name, value in current.items() if name.startswith("can_")} | changed
