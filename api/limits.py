"""Token buckets: how fast somebody may call."""

import math
from collections import OrderedDict
from datetime import datetime


class Buckets:
    """One bucket per name: `burst` calls at once, refilled with `rate` calls a second.

    At most `most` names are remembered; the one longest unused is forgotten first, and starts afresh.
    """

    def __init__(self, rate: float, burst: int, most: int = 10_000) -> None:
        self._rate, self._burst, self._most = rate, burst, most
        self._buckets: OrderedDict[object, tuple[float, datetime]] = OrderedDict()

    def __contains__(self, name: object) -> bool:
        return name in self._buckets

    def wait(self, name: object, now: datetime) -> int:
        """Whole seconds until `name` may go on; 0: now."""
        left = self._left(name, now)
        return 0 if left >= 1 else math.ceil((1 - left) / self._rate)

    def take(self, name: object, now: datetime) -> int:
        """Take one call out of the bucket if there is one; otherwise how many seconds to wait."""
        if seconds := self.wait(name, now):
            return seconds
        self._buckets[name] = (self._left(name, now) - 1, now)
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0

    def _left(self, name: object, now: datetime) -> float:
        if (known := self._buckets.get(name)) is None:
            return self._burst
        left, since = known
        # A clock set back must not empty a bucket.
        return min(self._burst, left + max(0.0, (now - since).total_seconds()) * self._rate)
