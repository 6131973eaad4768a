"""The small languages of a config: durations, sizes, rates, names, networks, paths.

No message here repeats what it was given: it may have come from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Final, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError


class Strict(BaseModel):
    """What every part of a config is: unchangeable, and refusing keys it does not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=False,
        arbitrary_types_allowed=True,
    )


def wrong(message: str) -> PydanticCustomError:
    """A validation error that reads as ``message`` and nothing more."""
    return PydanticCustomError("config", "{message}", {"message": message})


_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION: Final = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h|d|w))+")
_DURATION_PART: Final = re.compile(r"([0-9.]+)(ms|s|m|h|d|w)")
MIN_DURATION: Final = 0.001
MAX_DURATION: Final = 366 * 86400.0

_BYTES: Final = {
    "": 1, "B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3,
    "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3,
}  # fmt: skip
_SIZE: Final = re.compile(r"([0-9]{1,15})\s*([kKMG]?i?B|)")

_RATE: Final = re.compile(r"([0-9]{1,9})/([0-9.]*)(ms|s|m|h|d|w)")


def duration(value: object) -> float:
    """``30s``, ``1h30m``, ``500ms`` in seconds, from a millisecond to a year."""
    seconds = duration_or_none(value)
    if seconds < MIN_DURATION:
        raise wrong("a duration should be 1ms or more")
    return seconds


def duration_or_none(value: object) -> float:
    """As :func:`duration`, and ``0``."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        if value == 0:
            return 0.0
        raise wrong("a duration needs its unit: 500ms, 30s, 15m, 1h, 1d")
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise wrong("should be a duration: 500ms, 30s, 15m, 1h, 1d")
    parts = _DURATION_PART.findall(value)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > MAX_DURATION:
        raise wrong("a duration should be a year at most")
    return seconds


def size(value: object) -> int:
    """``10MiB``, ``64kB`` or plain bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not found or found[2] not in _BYTES:
        raise wrong("should be a size: 512KiB, 10MiB, 1GiB, or a number of bytes")
    return int(found[1]) * _BYTES[found[2]]


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` calls in each ``period`` seconds."""

    count: int
    period: float

    @classmethod
    def parse(cls, value: object) -> Self:
        """``200/15m``, ``60/1m``, ``10/s``."""
        if isinstance(value, cls):
            return value
        found = _RATE.fullmatch(value) if isinstance(value, str) else None
        if not found:
            raise wrong("should be a rate: calls/duration, as in 200/15m or 10/s")
        count, period = int(found[1]), duration((found[2] or "1") + found[3])
        if count < 1:
            raise wrong("a rate should let at least one call through")
        return cls(count, period)

    def __str__(self) -> str:
        for unit in ("d", "h", "m", "s"):
            if self.period % _SECONDS[unit] == 0:
                return f"{self.count}/{int(self.period // _SECONDS[unit])}{unit}"
        return f"{self.count}/{self.period * 1000:g}ms"


def _text(pattern: str, message: str, *, fold: bool = False) -> Callable[[str], str]:
    """A check that the whole of a text fits ``pattern``."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        value = value.lower() if fold else value
        if not compiled.fullmatch(value):
            raise wrong(message)
        return value

    return check


def _network(value: object) -> Any:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    try:
        return ip_network(value if isinstance(value, str) else "", strict=True)
    except ValueError as error:
        if "host bits" in str(error):
            raise wrong("the address has bits set beyond its /length") from None
        raise wrong("should be an address or a network: 10.0.0.0/8, 2001:db8::/32") from None


_TEXT_SCHEMA: Final = {"type": "string"}

Duration: TypeAlias = Annotated[
    float, BeforeValidator(duration), WithJsonSchema({**_TEXT_SCHEMA, "examples": ["30s", "15m"]})
]
"""Seconds, 0.001 or more."""

DurationOrNone: TypeAlias = Annotated[
    float, BeforeValidator(duration_or_none), WithJsonSchema({"type": ["string", "integer"]})
]
"""Seconds, 0 too."""

Size: TypeAlias = Annotated[
    int,
    BeforeValidator(size),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["10MiB"]}),
]
"""Bytes."""

RateLimit: TypeAlias = Annotated[
    Rate,
    BeforeValidator(Rate.parse),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({**_TEXT_SCHEMA, "examples": ["200/15m"]}),
]

Network: TypeAlias = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_network),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({**_TEXT_SCHEMA, "examples": ["10.0.0.0/8"]}),
]

Name: TypeAlias = Annotated[
    str,
    AfterValidator(
        _text(
            r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?",
            "a name should be lower-case letters, digits and '-', 64 at most",
        )
    ),
]
"""What stands in URLs, metrics and limits: a platform's, a service's, an upstream's."""

FieldName: TypeAlias = Annotated[
    str,
    AfterValidator(
        _text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}", "should be the name of an HTTP field")
    ),
]

CookieName: TypeAlias = Annotated[
    str,
    AfterValidator(_text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}", "should be the name of a cookie")),
]

Brand: TypeAlias = Annotated[
    str, AfterValidator(_text(r"(?=.*[A-Za-z0-9])[ -~]{1,64}", "a brand needs a letter or a digit"))
]
"""What stands in a vendor's place."""

Word: TypeAlias = Annotated[
    str, AfterValidator(_text(r"[!#-\[\]-~]{1,256}", "should be one word without spaces or quotes"))
]
"""A scope (RFC 6749 §3.3)."""
