"""Labelled texts to learn from, and real texts without names: Python's own documentation."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from pydoc_data.topics import topics
from typing import TYPE_CHECKING, Final

from training.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES: Final = frozenset({"PER", "PERSON", "PERSON_NAME", "person"})
_UNSURE: Final = "piianon"
"""What files begin with in which some names have no label."""

_PIECE: Final = 1500
"""Characters of documentation read as one text."""

_CREDIT: Final = re.compile(r"(?i)copyright|author|written|contribut|@|\bby\b|thank|inspired")
"""Lines with it may name people, which nobody labelled."""


def labelled(folder: Path) -> dict[str, list[Text]]:
    """The texts of every ``*.jsonl`` in ``folder``, by file."""
    return {path.stem: list(_read(path)) for path in sorted(folder.glob("*.jsonl"))}


def _read(path: Path) -> Iterator[Text]:
    for line in path.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        names = [(start, end) for start, end, label in said["spans"] if label in _NAMES]
        yield Text(said["text"], tuple(sorted(names)), sure=not path.stem.startswith(_UNSURE))


def documentation() -> Iterator[Text]:
    """Python's language reference and its library, in pieces; hardly a name stands there."""
    for title in sorted(topics):
        yield from _pieces(topics[title])
    library = Path(ast.__file__).parent
    for name in sorted(sys.stdlib_module_names):
        path = library / f"{name}.py"
        if path.exists():
            yield from _pieces(path.read_text(encoding="utf-8"))


def _pieces(text: str) -> Iterator[Text]:
    lines: list[str] = []
    size = 0
    for line in text.splitlines(keepends=True):
        if _CREDIT.search(line):
            continue
        lines.append(line)
        size += len(line)
        if size > _PIECE:
            yield Text("".join(lines), sure=False)
            lines, size = [], 0
    if lines:
        yield Text("".join(lines), sure=False)
