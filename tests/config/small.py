"""A small config file, and what loading a changed one tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from router.config.load import load
from router.config.problems import ConfigProblems

if TYPE_CHECKING:
    from router.config.models import Config

SMALL = """\
upstreams:
  origin: {targets: ["http://127.0.0.1:9"]}
platforms:
  maas: {hosts: [maas.example]}
  plat: {hosts: [plat.example, "*.plat.example"]}
services:
  echo: {upstream: origin, methods: [GET, POST]}
"""


def ok(text: str, environment: dict[str, str] | None = None) -> Config:
    return load(text.encode(), environment or {}, name="f")


def told(text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigProblems) as caught:
        ok(text, environment)
    return [str(one) for one in caught.value.problems if one.severity == "error"]


def warned(text: str, environment: dict[str, str] | None = None) -> list[str]:
    return [str(one) for one in ok(text, environment).warnings]


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


def with_service(settings: str) -> str:
    return changed("methods: [GET, POST]", settings)
