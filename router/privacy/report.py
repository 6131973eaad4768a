"""What is said about findings: how many of what, and where; never what they are."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from router.errors import DownstreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.privacy.parts import Inspected
    from router.privacy.selectors import Path
    from router.privacy.spans import Span

_SIMPLE_NAME: Final = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
_MOST_REPORTED: Final = 100


def count(found: Sequence[Sequence[Span]]) -> dict[str, int]:
    """Findings per entity."""
    counts: dict[str, int] = {}
    for spans in found:
        for span in spans:
            counts[span.entity] = counts.get(span.entity, 0) + 1
    return counts


def blocked(items: Sequence[Inspected], found: Sequence[Sequence[Span]]) -> DownstreamError:
    """The refusal: types and places, never values; so no member name that is one itself."""
    private = {item.text for item, spans in zip(items, found, strict=True) if item.key and spans}
    reported = {
        (span.entity, _where(item.path, private)): None
        for item, spans in zip(items, found, strict=True)
        for span in spans
    }
    entities = [
        {"type": entity, "path": where} for entity, where in islice(reported, _MOST_REPORTED)
    ]
    return DownstreamError(
        422,
        "the request holds personal data, which this service does not accept",
        code="pii_blocked",
        members={"entities": entities},
    )


def _where(path: Path, private: set[str]) -> str:
    out = [str(path[0])]
    for step in path[1:]:
        if isinstance(step, int):
            out.append(f"[{step}]")
        elif step in private or not _SIMPLE_NAME.fullmatch(step):
            out.append(".*")
        else:
            out.append(f".{step}")
    return "".join(out)
