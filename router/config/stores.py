"""``stores``: where keys, users, tokens and counters are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator

from router.config.values import Strict, wrong

_SQLITE: Final = "sqlite:///"


def _database(value: str) -> str:
    if value.startswith(("postgres://", "postgresql://", "postgres:", "postgresql+")):
        raise wrong("this version has no PostgreSQL yet: leave it empty, or give sqlite:///path")
    if value and (not value.startswith(_SQLITE) or value == _SQLITE):
        raise wrong("should be empty, sqlite:///relative/path or sqlite:////absolute/path")
    return value


def _redis(value: str) -> str:
    if value:
        raise wrong("this version has no Redis yet: leave it empty, limits are kept in memory")
    return value


Database: TypeAlias = Annotated[str, AfterValidator(_database)]


class OnFailure(Strict):
    """What happens while a store is down."""

    redis: Literal["local", "open", "closed"] = "local"
    """Each process counts for itself, nothing is limited, or everything is 503."""


class Stores(Strict):
    """Each store's URL; empty means the embedded one."""

    data_dir: str = "data"
    """Where embedded stores keep their files; $ROUTER_DATA_DIR where nothing is said."""

    on_failure: OnFailure = OnFailure()
    """What happens while a store is down."""

    redis: Annotated[str, AfterValidator(_redis)] = ""
    """Limits and counters; empty: this process's memory."""

    keys: Database = ""
    """API keys and sessions."""

    users: Database = ""
    """Users, for the e-mail address behind a key."""

    oauth: Database = ""
    """OAuth clients and tokens, events, outbox."""

    def file(self, store: str) -> Path:
        """The SQLite file of ``keys``, ``users`` or ``oauth``."""
        url: str = getattr(self, store)
        return Path(url.removeprefix(_SQLITE)) if url else Path(self.data_dir) / "router.db"
