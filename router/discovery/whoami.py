"""``/whoami``: who the router thinks a caller is, or how each method fared."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from router.exchange import Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.auth.attempt import Attempt
    from router.auth.chain import AuthChain

_LAST_SECOND = 253402300799
"""The end of the year 9999, beyond which there are no dates; a token may say more."""
_NO_STORE = ((b"cache-control", b"no-store"),)


def whoami(chain: AuthChain, attempts: Sequence[Attempt]) -> Response:
    """200 with the principal, or the 401 of ``chain`` raised as its DownstreamError."""
    principal = attempts[-1].principal if attempts else None
    if principal is None:
        raise chain.refusal(attempts)
    expires = principal.expires_at
    told = expires and datetime.fromtimestamp(min(expires, _LAST_SECOND), UTC).isoformat()
    body = {
        "method": principal.method,
        "subject": principal.subject,
        "email": principal.email or None,
        "scopes": sorted(principal.scopes),
        "expires_at": told,
        "platforms": sorted(principal.platforms),
        "plan": principal.plan or None,
        "key": principal.key or None,
    }
    return Response(200, orjson.dumps(body), _NO_STORE)
