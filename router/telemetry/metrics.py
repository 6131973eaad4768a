"""The router's numbers: plain dictionaries on the hot path, Prometheus only when scraped.

A labelled ``prometheus_client`` counter costs 4 µs a hit; a dictionary of floats costs 0.2. The
numbers are per process and hold no label that comes from a request: what the configuration does
not name is ``other``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

Labels: TypeAlias = tuple[str, ...]

PS = ("platform", "service")
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Counter:
    """A number that only grows, per set of labels."""

    def __init__(self, name: str, text: str, labels: Labels) -> None:
        self.name, self.text, self.labels = name, text, labels
        self.values: dict[Labels, float] = {}
        self.read: Callable[[], Iterable[tuple[Labels, float]]] = lambda: list(self.values.items())
        """Each set of labels and its value now; another's, where another does the counting."""

    def add(self, labels: Labels, amount: float = 1) -> None:
        """Adds ``amount`` under ``labels``."""
        self.values[labels] = self.values.get(labels, 0) + amount

    def family(self) -> Metric:
        """The counter as Prometheus reads it."""
        family = CounterMetricFamily(
            self.name.removesuffix("_total"), self.text, labels=self.labels
        )
        for labels, value in self.read():
            family.add_metric(labels, value)
        return family


class Gauge:
    """A number that goes up and down, set or read at scrape."""

    def __init__(
        self,
        name: str,
        text: str,
        labels: Labels,
        read: Callable[[], Iterable[tuple[Labels, float]]] | None = None,
    ) -> None:
        self.name, self.text, self.labels, self._read = name, text, labels, read
        self.values: dict[Labels, float] = {}

    def add(self, labels: Labels, amount: float) -> None:
        """Moves the gauge by ``amount``."""
        self.values[labels] = self.values.get(labels, 0) + amount

    def family(self) -> Metric:
        """The gauge as Prometheus reads it."""
        family = GaugeMetricFamily(self.name, self.text, labels=self.labels)
        for labels, value in self.read():
            family.add_metric(labels, value)
        return family

    def read(self) -> Iterable[tuple[Labels, float]]:
        """Each set of labels and its value now."""
        return self._read() if self._read else list(self.values.items())


class Histogram:
    """Durations in seconds, counted into fixed buckets."""

    def __init__(self, name: str, text: str, labels: Labels) -> None:
        self.name, self.text, self.labels = name, text, labels
        self.values: dict[Labels, tuple[list[int], list[float]]] = {}

    def observe(self, labels: Labels, seconds: float) -> None:
        """Counts one duration."""
        entry = self.values.get(labels)
        if entry is None:
            entry = self.values[labels] = ([0] * (len(SECONDS) + 1), [0.0])
        entry[0][bisect_left(SECONDS, seconds)] += 1
        entry[1][0] += seconds

    def family(self) -> Metric:
        """The histogram as Prometheus reads it, buckets cumulative."""
        family = HistogramMetricFamily(self.name, self.text, labels=self.labels)
        for labels, (counts, total) in list(self.values.items()):
            buckets, running = [], 0
            for bound, count in zip((*map(str, SECONDS), "+Inf"), counts, strict=True):
                running += count
                buckets.append((bound, running))
            family.add_metric(labels, buckets, sum_value=total[0])
        return family


Family: TypeAlias = Counter | Gauge | Histogram


class Metrics:
    """Every number of one process, by the names of the interface."""

    def __init__(self) -> None:
        self.requests = Counter("router_requests_total", "Answers given", (*PS, "method", "status"))
        self.duration = Histogram(
            "router_request_duration_seconds", "Head read to last byte sent", PS
        )
        self.first_byte = Histogram("router_first_byte_seconds", "Head read to first byte", PS)
        self.gateway = Histogram(
            "router_gateway_duration_seconds", "Time to the answer's head, upstream excluded", PS
        )
        self.in_flight = Gauge("router_requests_in_flight", "Requests under way", PS)
        self.disconnects = Counter(
            "router_client_disconnects_total", "Callers who left before the answer was whole", PS
        )
        self.upstream_duration = Histogram(
            "router_upstream_duration_seconds", "Request sent to answer's head", ("upstream",)
        )
        self.upstream_errors = Counter(
            "router_upstream_errors_total", "Faults by RFC 9209 token", ("upstream", "error")
        )
        self.auth = Counter("router_auth_total", "Credentials judged", ("method", "outcome"))
        self.limited = Counter("router_rate_limited_total", "Requests refused by a limit", PS)
        self.entities = Counter("router_pii_entities_total", "Personal data found", (*PS, "entity"))
        self.privacy = Histogram("router_privacy_seconds", "Time spent on redaction", PS)
        self.privacy_failures = Counter(
            "router_privacy_failures_total", "Requests privacy refused", (*PS, "reason")
        )
        self.masked = Counter("router_masked_total", "Vendor words masked", PS)
        self.leaks = Counter("router_vendor_leaks_total", "Vendor words seen after masking", PS)
        self.lost_lines = Counter(
            "router_log_lines_dropped_total", "Log lines that were lost", ("queue",)
        )
        self.gauges: list[Gauge] = []

    def gauge(
        self,
        name: str,
        text: str,
        labels: Labels,
        read: Callable[[], Iterable[tuple[Labels, float]]],
    ) -> None:
        """Adds a gauge that is read when scraped."""
        self.gauges.append(Gauge(name, text, labels, read))

    def collect(self) -> Iterator[Metric]:
        """All families; the protocol of a prometheus-client collector."""
        for family in (*vars(self).values(), *self.gauges):
            if isinstance(family, Counter | Gauge | Histogram):
                yield family.family()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """The scrape's body and its content type, as ``accept`` prefers (text or OpenMetrics)."""
        registry = CollectorRegistry()
        registry.register(self)
        encoder, content_type = choose_encoder(accept)
        return encoder(registry), content_type
