"""An explanation as a document, whose members are always the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from router.errors import GatewayError


@dataclass(slots=True)
class Explanation:
    """The document under way; ``step`` is the decision being made, named in a refusal."""

    show_values: bool
    step: str = "head"
    document: dict[str, Any] = field(
        default_factory=lambda: dict.fromkeys(
            (
                *("request", "outcome", "answered_by", "refusal", "page", "route", "limits"),
                *("auth", "access", "plugins", "privacy", "upstream", "answer"),
            )
        )
    )

    def __setitem__(self, name: str, value: object) -> None:
        self.document[name] = value

    def answered(self, by: str) -> None:
        """Notes that the router answers by itself, and no upstream hears of the request."""
        self["outcome"], self["answered_by"] = "answered", by

    def refuse(self, error: GatewayError) -> None:
        """Notes where the request ends, and what its caller is told."""
        self["outcome"] = "refused"
        self["refusal"] = {
            "step": self.step,
            "status": error.status,
            "code": error.code,
            "detail": error.detail,
            "fields": [[name.decode(), value.decode("latin-1")] for name, value in error.fields],
        }
