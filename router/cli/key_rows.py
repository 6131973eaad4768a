"""How a key's row is typed in and shown: words, dates, a table."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from router.config.values import duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from router.stores.rows import KeyRow

_WORD = re.compile(r"[A-Za-z0-9*._:/-]{1,128}")
_MAX_LINE = 256
_COLUMNS = ("id", "name", "user", "scopes", "platforms", "status", "created", "expires", "used")


def told(row: KeyRow) -> dict[str, Any]:
    """The row as JSON tells it; times in ISO 8601, UTC."""
    return {
        "id": row.id,
        "name": row.name,
        "user": row.user_id,
        "scopes": sorted(row.scopes),
        "platforms": sorted(row.platforms),
        "status": _status(row),
        "created": _moment(row.created_at),
        "expires": _moment(row.expires_at),
        "used": _moment(row.last_used),
    }


def print_table(rows: list[dict[str, Any]]) -> None:
    """Prints what :func:`told` gave, a row a line."""
    lines = [_COLUMNS, *(tuple(_cell(row[column]) for column in _COLUMNS) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(_COLUMNS))]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths)).rstrip())


def joined(words: Iterable[str]) -> str:
    """The words with spaces between."""
    return " ".join(words) or "-"


def line(text: str, what: str) -> str:
    """A name fit for tables, logs and fields; else ValueError that says ``what`` is wrong."""
    if not text.strip() or len(text) > _MAX_LINE or not text.isprintable():
        raise ValueError(f"{what}: should be a line of 1 to {_MAX_LINE} printable characters")
    return text.strip()


def words(text: str, what: str, known: Iterable[str] = ()) -> frozenset[str]:
    """Words parted by commas or spaces, all of them ``known`` where that is given."""
    found = frozenset(text.replace(",", " ").split())
    if wrong := [word for word in found if _WORD.fullmatch(word) is None]:
        raise ValueError(f"{what}: cannot be {joined(sorted(map(ascii, wrong)))}")
    if (others := frozenset(known)) and not found <= others:
        raise ValueError(f"{what}: there are {joined(sorted(others))}")
    return found


def moment_after(text: str, now: float) -> float | None:
    """A duration from ``now`` or an ISO 8601 date (UTC unless it says), in seconds; "": None."""
    if not text:
        return None
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return now + duration(text)
    moment = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    if moment <= now:
        raise ValueError("expires: is in the past")
    return moment


def _status(row: KeyRow) -> str:
    if not row.active:
        return "revoked"
    return "active" if row.expires_at is None or row.expires_at > time.time() else "expired"


def _cell(value: object) -> str:
    text = joined(value) if isinstance(value, list) else str(value or "-")
    # A row written by others could hold what moves a terminal's cursor.
    return text if text.isprintable() else ascii(text)


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
