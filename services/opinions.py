"""Opinions of a language model about doubtful messages, where the installation has one.

Whatever goes wrong, there is no opinion, and without one nobody is punished.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from hashlib import sha256

from domain.antispam.opinions import (
    INSTRUCTIONS,
    LONGEST_TEXT,
    Model,
    NoOpinion,
    Opinion,
    question,
    read_answer,
)
from domain.clock import Clock

log = logging.getLogger(__name__)
MOST_A_MINUTE = 20  # questions for the chats of one owner: he has raids, and somebody pays for each
MINUTE = timedelta(minutes=1)
FAILURES, REST = 3, timedelta(minutes=1)  # so many in a row, and nobody is kept waiting for a while
MOST_OWNERS, MOST_ANSWERS = 1_000, 5_000


class Opinions:
    """Asks the model, at most once about the same text while it is remembered. None: there is no model."""

    def __init__(self, clock: Clock, model: Model | None) -> None:
        self._clock, self._model = clock, model
        self._asked: OrderedDict[int, deque[datetime]] = OrderedDict()
        self._answers: OrderedDict[bytes, Opinion] = OrderedDict()
        self._asking: dict[bytes, asyncio.Future[Opinion | None]] = {}
        self._failures = 0
        self._rests_until: datetime | None = None

    async def of(self, owner_id: int, text: str) -> Opinion | None:
        """What the model says about a text in a chat of an owner's; None when it cannot be asked, or does
        not answer as it should."""
        if self._model is None or not text.strip():
            return None
        key = sha256(text[:LONGEST_TEXT].encode("utf-8", "surrogatepass")).digest()
        if (known := self._answers.get(key)) is not None:
            self._answers.move_to_end(key)
            return known
        if (asking := self._asking.get(key)) is not None:  # in a raid, many write the same at once
            return await asyncio.shield(asking)
        found = None
        self._asking[key] = asyncio.get_running_loop().create_future()
        try:
            found = await self._ask(self._model, owner_id, text)
        finally:
            self._asking.pop(key).set_result(found)
        if found is not None:
            self._answers[key] = found
            if len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)
        return found

    async def _ask(self, model: Model, owner_id: int, text: str) -> Opinion | None:
        now = self._clock.now()
        if (self._rests_until is not None and now < self._rests_until) or not self._may_ask(owner_id, now):
            return None
        try:
            found = read_answer(await model.complete(INSTRUCTIONS, question(text)))
        except NoOpinion as error:
            self._failed(error.reason, now)
            return None
        self._failures = 0
        return found

    def _may_ask(self, owner_id: int, now: datetime) -> bool:
        """Whether an owner has a question left in this minute; it is taken."""
        asked = self._asked.setdefault(owner_id, deque())
        self._asked.move_to_end(owner_id)
        if len(self._asked) > MOST_OWNERS:
            self._asked.popitem(last=False)
        while asked and asked[0] <= now - MINUTE:
            asked.popleft()
        if len(asked) >= MOST_A_MINUTE:
            return False
        asked.append(now)
        return True

    def _failed(self, reason: str, now: datetime) -> None:
        self._failures += 1
        if self._failures % FAILURES == 0:
            self._rests_until = now + REST
        if self._failures == 1:
            log.info("the language model gave no opinion", extra={"reason": reason})
