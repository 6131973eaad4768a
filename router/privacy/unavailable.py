"""The refusal of a text that could not be looked through: closed, never a guess."""

from __future__ import annotations

from typing import Literal

from router.errors import InternalError

Reason = Literal["error", "overrun", "loading", "overloaded", "timeout"]


class PrivacyUnavailableError(InternalError):
    """503: the text could not be inspected, so it is not passed on. ``reason`` is for metrics."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(
            503,
            "personal data could not be looked for; nothing was passed on",
            code="privacy_unavailable",
            fields=((b"retry-after", b"5" if reason == "loading" else b"1"),),
        )
        self.reason = reason
