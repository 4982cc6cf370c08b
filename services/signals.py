"""News inside the process, and between processes: a cache hears that what it holds has changed."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from storage import signals
from storage.database import Tx

Listener = Callable[[Any], None]
log = logging.getLogger(__name__)


class Signals:
    """Topics with listeners. A signal goes with the transaction it tells of and is heard after its commit."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = defaultdict(list)
        self._doubters: list[Callable[[], None]] = []
        self._me = uuid4().hex

    def on(self, topic: str, listener: Listener) -> None:
        """Call `listener` with the payload of every signal on the topic, from any process."""
        self._listeners[topic].append(listener)

    def on_gap(self, doubter: Callable[[], None]) -> None:
        """Call `doubter` when signals of other processes may have been missed: what it holds may be old."""
        self._doubters.append(doubter)

    def missed(self) -> None:
        """The line to the other processes was cut, or was not there yet, until now."""
        for doubter in self._doubters:
            doubter()

    async def announce(self, tx: Tx, topic: str, payload: Any) -> None:
        """Tell the other processes at commit."""
        if tx.dialect.name == "postgresql":  # on SQLite there are no others
            await signals.notify(tx, json.dumps([self._me, topic, payload]))

    def dispatch(self, topic: str, payload: Any) -> None:
        """Tell the listeners of this process."""
        for listener in self._listeners[topic]:
            listener(payload)

    def heard(self, text: str) -> None:
        """A signal came from the database; our own were dispatched at commit."""
        sender, topic, payload = json.loads(text)
        if sender != self._me:
            self.dispatch(topic, payload)
