"""What is wrong in a config file: where it stands, what it is, what was probably meant."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, at ``line`` and ``column`` (both from 1) of ``file``.

    A message never holds a value that came from the environment: it may be a secret.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        kind = "warning: " if self.severity == "warning" else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {kind}{self.message}{hint}"


class ConfigProblems(Exception):  # noqa: N818 - it is raised for many at once, the name says so
    """Raised with every problem of a file, in its order, warnings too."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, as the eye meets them in the file.

    What stands in ``defaults:`` is judged again in every service and would repeat.
    """
    return tuple(sorted(dict.fromkeys(problems), key=lambda one: (one.line, one.column)))


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The hint that names the nearest of ``names``, or all of a few; empty when neither helps."""
    known = sorted(names)
    near = get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    if 0 < len(known) <= 8:
        return "known are " + ", ".join(known)
    return ""
