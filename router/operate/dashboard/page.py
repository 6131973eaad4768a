"""The dashboard's answers: the page, the sign-in, the numbers it draws."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from router.exchange import Response
from router.operate.operators import COOKIE
from router.telemetry.metrics import SECONDS

if TYPE_CHECKING:
    from router.operate.operators import Operators
    from router.telemetry.metrics import Histogram, Metrics

_HTML = b"text/html; charset=utf-8"
_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    b" connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_FIELDS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"no-referrer"),
)


def _file(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def show(*, operator: bool) -> Response:
    """The page for an operator; for anybody else 404 with a form that asks for the token.

    A status of 404 keeps the promise that the page is not there for strangers.
    """
    if operator:
        return Response(200, _file("dashboard.html"), _FIELDS, _HTML)
    return Response(404, _file("sign_in.html"), _FIELDS, _HTML)


def sign_in(operators: Operators, body: bytes) -> Response:
    """Trades the token for a cookie that proves it; a wrong token is asked for again."""
    # One character a byte, both ways: whatever was sent has bytes to be compared.
    token = parse_qs(body.decode("latin-1"), encoding="latin-1").get("token", [""])[0]
    if not operators.is_token(token.encode("latin-1")):
        return show(operator=False)
    cookie = (
        COOKIE
        + b"="
        + operators.cookie_value()
        + b"; Path=/dashboard; Max-Age=43200; Secure; HttpOnly; SameSite=Strict"
    )
    return Response(303, b"", (*_FIELDS, (b"set-cookie", cookie), (b"location", b"/dashboard")))


def numbers(metrics: Metrics) -> dict[str, object]:
    """What the page draws: per platform and service calls, faults, latencies, finds."""
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for (platform, service, _, status), count in list(metrics.requests.values.items()):
        row = rows.setdefault((platform, service), {"requests": 0, "refused": 0, "failed": 0})
        row["requests"] += count
        row["refused"] += count if status.startswith("4") else 0
        row["failed"] += count if status.startswith("5") else 0
    services = [
        {
            "platform": platform,
            "service": service,
            **row,
            "p50": _quantile(metrics.duration, (platform, service), 0.5),
            "p99": _quantile(metrics.duration, (platform, service), 0.99),
            "entities": _sum(metrics.entities.values, (platform, service)),
            "masked": _sum(metrics.masked.values, (platform, service)),
            "leaks": _sum(metrics.leaks.values, (platform, service)),
        }
        for (platform, service), row in sorted(rows.items())
    ]
    targets = [
        {"labels": labels, "up": value}
        for gauge in metrics.gauges
        if gauge.name == "router_upstream_up"
        for labels, value in gauge.read()
    ]
    return {"services": services, "targets": targets}


def _sum(values: dict[tuple[str, ...], float], start: tuple[str, str]) -> float:
    return sum(value for labels, value in list(values.items()) if labels[:2] == start)


def _quantile(histogram: Histogram, labels: tuple[str, str], share: float) -> float | None:
    """Seconds below which ``share`` of the durations lie: the upper bound of their bucket."""
    entry = histogram.values.get(labels)
    if entry is None:
        return None
    wanted, seen = share * sum(entry[0]), 0
    for bound, count in zip(SECONDS, entry[0][:-1], strict=True):
        seen += count
        if seen >= wanted:
            return bound
    return None
