"""Who calls, and what of that decides: attempts, grants, and whom limits count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from router.operate.explain_secrets import identity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.auth.attempt import Attempt
    from router.exchange import Principal
    from router.limits.policy import Decision
    from router.phases.service import Service

_LAST_SECOND = 253402300799
"""The end of the year 9999: a token may say more, a date cannot."""


def attempts(service: Service, made: Sequence[Attempt]) -> list[dict[str, str]]:
    """Every method of the service in order: how it fared, why finely, never a credential."""
    tried = [
        {"method": one.method, "outcome": one.outcome, "reason": one.reason, "detail": one.finer}
        for one in made
    ]
    left = service.auth_names[len(made) :]
    return tried + [
        {"method": name, "outcome": "not asked", "reason": "", "detail": ""} for name in left
    ]


def caller(principal: Principal, *, show_values: bool) -> dict[str, Any]:
    """Who calls; what holds an address is told by its shape alone."""
    expires = principal.expires_at
    moment = None
    if expires is not None:
        moment = datetime.fromtimestamp(min(expires, _LAST_SECOND), UTC).isoformat()
    return {
        "id": identity(principal.id, show_values=show_values),
        "method": principal.method,
        "subject": identity(principal.subject, show_values=show_values),
        "email": identity(principal.email, show_values=show_values) or None,
        "scopes": sorted(principal.scopes),
        "platforms": sorted(principal.platforms),
        "expires_at": moment,
        "key": principal.key or None,
    }


def access(service: Service, principal: Principal, *, show_values: bool) -> dict[str, Any]:
    """What the service asks of a caller, and what of it this one has."""
    needed = sorted(service.scopes)
    subjects = service.subjects
    mine = {principal.email, principal.subject}
    return {
        "platform": {
            "allowed": sorted(principal.platforms) or "all",
            "passes": not principal.platforms or service.info.platform in principal.platforms,
        },
        "subjects": None if subjects is None else {
            "allowed": sorted(identity(one, show_values=show_values) for one in subjects),
            "passes": bool(subjects & mine),
        },
        "scopes": {
            "needed": needed,
            "granted": sorted(principal.scopes),
            "missing": [one for one in needed if not principal.may(frozenset({one}))],
        },
    }  # fmt: skip


def limits(
    decision: Decision, key: str, *, of: str, at: str, show_values: bool
) -> list[dict[str, Any]]:
    """The rules of ``decision``: what they allow, whom they count; ``of``: what they count."""
    return [
        {
            "name": state.rule.name,
            "limit": state.rule.limit,
            "period": state.rule.period,
            "counts": identity(key, show_values=show_values),
            "of": of,
            "at": at,
            "passes": not state.retry_after,
        }
        for state in decision.states
    ]
