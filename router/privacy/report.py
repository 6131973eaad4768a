"""What is said about findings: how many of what, and where; never what they are."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from router.errors import DownstreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from router.privacy.parts import Inspected
    from router.privacy.selectors import Path
    from router.privacy.spans import Span

_SIMPLE_NAME: Final = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
_MOST_REPORTED: Final = 100
_MOST_SHAPES: Final = 5
_LONGEST_SHAPE: Final = 40


def count(found: Sequence[Sequence[Span]]) -> dict[str, int]:
    """Findings per entity."""
    counts: dict[str, int] = {}
    for spans in found:
        for span in spans:
            counts[span.entity] = counts.get(span.entity, 0) + 1
    return counts


class PersonalDataError(DownstreamError):
    """422 ``pii_blocked``; ``counts`` are all findings of the request, per entity."""

    def __init__(self, counts: Mapping[str, int], entities: Sequence[Mapping[str, str]]) -> None:
        super().__init__(
            422,
            "the request holds personal data, which this service does not accept",
            code="pii_blocked",
            members={"entities": entities},
        )
        self.counts = counts


def blocked(
    items: Sequence[Inspected],
    found: Sequence[Sequence[Span]],
    counts: Mapping[str, int],
    is_blocked: Callable[[str], bool],
) -> PersonalDataError:
    """The refusal: types and places, never values; so no member name that is one itself."""
    private = private_names(items, found)
    reported = {
        (span.entity, place(item.path, private)): None
        for item, spans in zip(items, found, strict=True)
        for span in spans
        if is_blocked(span.entity)
    }
    entities = [
        {"type": entity, "path": where} for entity, where in islice(reported, _MOST_REPORTED)
    ]
    return PersonalDataError(counts, entities)


def shapes(
    items: Sequence[Inspected], found: Sequence[Sequence[Span]]
) -> dict[str, tuple[str, ...]]:
    """What findings look like, a few per entity: ``000-00-0000``, ``aaa@aaaaaaa.aaa``."""
    seen: dict[str, dict[str, None]] = {}
    for item, spans in zip(items, found, strict=True):
        for span in spans:
            kinds = seen.setdefault(span.entity, {})
            if len(kinds) < _MOST_SHAPES:
                kinds[shape(item.text[span.start : span.end])] = None
    return {entity: tuple(kinds) for entity, kinds in seen.items()}


def shape(value: str) -> str:
    """As :func:`full_shape`, cut when long."""
    short = full_shape(value[:_LONGEST_SHAPE])
    return short if len(value) <= _LONGEST_SHAPE else f"{short}\u2026"


def full_shape(value: str) -> str:
    """Digits as ``0``, letters as ``a`` and ``A``, ASCII punctuation as it is; ASCII alone."""
    return "".join(map(_sign, value))


def _sign(char: str) -> str:
    if char.isdigit():
        return "0"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return char if char.isascii() and char.isprintable() else "?"


def private_names(items: Sequence[Inspected], found: Sequence[Sequence[Span]]) -> frozenset[str]:
    """The names in a request that hold a finding themselves, and so are not told."""
    return frozenset(
        item.text for item, spans in zip(items, found, strict=True) if item.key and spans
    )


def place(path: Path, private: frozenset[str]) -> str:
    """Where a finding stands, with ``private`` names and odd ones left out."""
    out = [str(path[0])]
    for step in path[1:]:
        if isinstance(step, int):
            out.append(f"[{step}]")
        elif step in private or not _SIMPLE_NAME.fullmatch(step):
            out.append(".*")
        else:
            out.append(f".{step}")
    return "".join(out)
