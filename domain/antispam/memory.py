"""What flood and duplicate checks remember of a chat: in memory, by message id.

A message that is delivered again is counted once, and gets the same answer however much came after it.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

import msgspec

MOST_AUTHORS = 2_000
MOST_TEXTS = 1_000
MOST_ALBUMS = 200
MOST_NAMES = 5_000
MOST_REGULARS = 10_000
MOST_MESSAGES = 500
INNOCENT = 10  # messages in a row that looked like nothing: the next ones are not weighed


class Repeats(msgspec.Struct, frozen=True, gc=False):
    """How often a text came, and from how many people."""

    count: int = 0
    people: int = 0


@dataclass(slots=True)
class _Album:
    messages: list[int] = field(default_factory=list)
    condemned: bool = False


class ChatMemory:
    """The last minutes of one chat; every part of it is bounded."""

    def __init__(self) -> None:
        self._authors: dict[int, list[tuple[int, int, str | None]]] = {}
        self._texts: OrderedDict[str, list[tuple[int, int, int]]] = OrderedDict()
        self._albums: OrderedDict[str, _Album] = OrderedDict()
        self._names: OrderedDict[str, tuple[int, str]] = OrderedDict()
        self._regulars: dict[int, None] = {}
        self._innocent: dict[int, tuple[int, int]] = {}
        self._messages: deque[tuple[int, int]] = deque(maxlen=MOST_MESSAGES)

    def wrote(self, message_id: int, thread_id: int | None) -> None:
        """A message came, in a topic (None: in the main one)."""
        self._messages.append((message_id, thread_id or 0))

    def written(self, first: int, last: int, thread_id: int | None) -> list[int]:
        """The ids of what was seen of one topic, from one message to another."""
        topic = thread_id or 0
        return sorted({one for one, place in self._messages if place == topic and first <= one <= last})

    def burst(self, author: int, message_id: int, date: int, seconds: int, album: str | None = None) -> int:
        """Note a message; how many the author wrote up to it within `seconds`. An album is one message."""
        seen = self._authors.get(author)
        if seen is None:
            if len(self._authors) >= MOST_AUTHORS:
                del self._authors[next(iter(self._authors))]
            self._authors[author] = [(message_id, date, album)]
            return 1
        since = date - seconds
        # What comes late (redelivered) is judged by what was there at its time.
        if seen[-1][0] < message_id:
            if seen[0][1] <= since:
                seen[:] = [one for one in seen if one[1] > since]
            seen.append((message_id, date, album))
        recent = [one for one in seen if one[0] <= message_id and one[1] > since]
        if album is None and len(recent) < 2:
            return len(recent)
        albums = {one[2] for one in recent if one[2] is not None}
        return sum(one[2] is None for one in recent) + len(albums)

    def repeats(self, text: str, author: int, message_id: int, date: int, seconds: int) -> Repeats:
        """Note a (folded) text; how often it came up to this message within `seconds`."""
        seen = self._texts.get(text)
        if seen is None:
            self._texts[text] = [(message_id, date, author)]
            if len(self._texts) > MOST_TEXTS:
                self._texts.popitem(last=False)
            return Repeats(1, 1)
        self._texts.move_to_end(text)
        if seen[-1][0] < message_id:
            seen[:] = [one for one in seen[-MOST_ALBUMS:] if one[1] > date - seconds]
            seen.append((message_id, date, author))
        recent = [one for one in seen if one[0] <= message_id and one[1] > date - seconds]
        return Repeats(len(recent), len({one[2] for one in recent}))

    def album(self, album: str, message_id: int) -> bool:
        """Note a message of an album; whether the album was found to be spam before."""
        known = self._albums.get(album)
        if known is None:
            known = self._albums[album] = _Album()
            if len(self._albums) > MOST_ALBUMS:
                self._albums.popitem(last=False)
        if message_id not in known.messages:
            known.messages.append(message_id)
        return known.condemned

    def seen_of(self, album: str | None) -> list[int]:
        """The ids of what was seen of an album."""
        known = self._albums.get(album) if album is not None else None
        return known.messages if known is not None else []

    def condemn(self, album: str) -> None:
        """An album is spam: what comes of it goes the same way."""
        self._albums.setdefault(album, _Album()).condemned = True

    def met(self, username: str, user_id: int, name: str) -> None:
        """Somebody with a username wrote: commands may name him by it."""
        key = username.lower()
        if key not in self._names and len(self._names) >= MOST_NAMES:
            self._names.popitem(last=False)
        self._names[key] = (user_id, name)

    def named(self, username: str) -> tuple[int, str] | None:
        """(id, name) of the last person who wrote under a username."""
        return self._names.get(username.lower())

    def innocent(self, author: int, message_id: int) -> None:
        """A message was weighed and found to look like nothing; counted once however often it comes."""
        count, last = self._innocent.get(author, (0, 0))
        if not count and len(self._innocent) >= MOST_REGULARS:
            self._innocent.clear()
        if message_id > last:
            self._innocent[author] = (count + 1, message_id)

    def suspected(self, author: int) -> None:
        """A message looked suspicious: the author's next ones are weighed again."""
        self._innocent.pop(author, None)

    def is_familiar(self, author: int, message_id: int) -> bool:
        """Whether enough of an author's messages before this one looked innocent."""
        count, last = self._innocent.get(author, (0, 0))
        return count >= INNOCENT and message_id > last

    def is_regular(self, user_id: int) -> bool:
        """Whether somebody is known to be no newcomer."""
        return user_id in self._regulars

    def regular(self, user_id: int) -> None:
        """Somebody turned out to be no newcomer: he will not become one again."""
        if len(self._regulars) >= MOST_REGULARS:
            self._regulars.clear()
        self._regulars[user_id] = None


class Memories:
    """Memories of chats by (bot id, chat id), the busiest ones."""

    def __init__(self, most: int = 5_000) -> None:
        self._chats: OrderedDict[tuple[int, int], ChatMemory] = OrderedDict()
        self._most = most

    def of(self, bot_id: int, chat_id: int) -> ChatMemory:
        """The memory of a chat, empty at first."""
        key = (bot_id, chat_id)
        memory = self._chats.get(key)
        if memory is None:
            memory = self._chats[key] = ChatMemory()
            if len(self._chats) > self._most:
                self._chats.popitem(last=False)
        else:
            self._chats.move_to_end(key)
        return memory
