"""``router check``: every problem of a config file at once, or its JSON Schema."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

import orjson

from router.config.load import load
from router.config.problems import ConfigProblems
from router.config.schema import schema as config_schema
from router.provision.router import provision
from router.telemetry.logs import LogWriter

if TYPE_CHECKING:
    from pathlib import Path

    from router.config.models import Config


def read(config: Path, to: TextIO) -> Config | int:
    """The config, or the exit code after its problems were told: 1, or 2 where no file is."""
    if not config.is_file():
        print(f"{config}: there is no such file", file=sys.stderr)
        return 2
    try:
        return load(config, os.environ)
    except ConfigProblems as problems:
        for problem in problems.problems:
            print(problem, file=to)
        return 1


def check(config: Path, *, schema: bool = False) -> int:
    """Prints each problem as ``file:line:column: message``; the exit code.

    Warnings alone are 0. With ``schema`` no file is read.
    """
    if schema:
        print(orjson.dumps(config_schema(), option=orjson.OPT_INDENT_2).decode())
        return 0
    found = read(config, sys.stdout)
    if isinstance(found, int):
        return found
    try:
        provision(found, LogWriter(io.BytesIO()), config.resolve().parent.parent / "plugins")
    except ConfigProblems as problems:
        # What only the parts can know: recognisers, plugins and their options.
        for problem in (*found.warnings, *problems.problems):
            print(problem)
        return 1
    for warning in found.warnings:
        print(warning)
    warned = f", {len(found.warnings)} warnings" if found.warnings else ""
    services, platforms = len(found.services), len(found.platforms)
    print(f"{config}: ok, {services} services on {platforms} platforms{warned}")
    return 0
