"""What verbs beside `serve` need of the configuration; a configuration with errors ends them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from router.cli.check import read
from router.provision.chains import issuer

if TYPE_CHECKING:
    from pathlib import Path

    from router.auth.issuer import Issuer
    from router.config.models import Config


def loaded(path: Path) -> Config:
    """The configuration; SystemExit with the exit code after its problems were told."""
    found = read(path, sys.stderr)
    if isinstance(found, int):
        raise SystemExit(found)
    return found


def key_store(path: Path) -> tuple[Path, list[str]]:
    """The file that holds API keys, and the platforms a key can be limited to."""
    config = loaded(path)
    return config.stores.file("keys"), list(config.platforms)


def session_issuer(path: Path) -> Issuer:
    """Who signs the session cookie; SystemExit 1 where it has no secret."""
    config = loaded(path)
    for name in config.auth.cookie.issuers:
        found = issuer(name, config.auth.issuers[name])
        if found is not None:
            return found
    print("no issuer of the session cookie has a secret: set SSO_JWT_SECRET", file=sys.stderr)
    raise SystemExit(1)
