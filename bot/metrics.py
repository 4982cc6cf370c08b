"""What the intake counts, kept in plain numbers and shown to Prometheus when it asks.

prometheus-client's own counters take a lock and several µs each; chatter cannot afford that.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # seconds


class IntakeMetrics(Collector):
    """Updates by what became of them, and how long they took."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def took(self, seconds: float) -> None:
        """An update was answered after so many seconds."""
        self._buckets[bisect_left(BUCKETS, seconds)] += 1
        self._seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """The metrics in Prometheus's terms."""
        updates = CounterMetricFamily(
            "gatehouse_updates", "Updates taken in, by what became of them.", labels=["outcome"]
        )
        for outcome, count in sorted(self.outcomes.items()):
            updates.add_metric([outcome], count)
        yield updates
        seconds = HistogramMetricFamily(
            "gatehouse_update_seconds", "Time from an update's arrival to its acknowledgement."
        )
        total, cumulative = 0, []
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), self._buckets, strict=True):
            total += count
            cumulative.append((bound, total))
        seconds.add_metric([], cumulative, self._seconds)
        yield seconds
