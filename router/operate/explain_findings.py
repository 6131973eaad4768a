"""What privacy finds in a request, finding by finding, and what becomes of each."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from router.privacy.redact import Explains
from router.privacy.report import place, private_names, shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.body.filters import Edit
    from router.privacy.parts import Inspected
    from router.privacy.redact import Inspection, Redaction, Redactor
    from router.privacy.request import Request
    from router.privacy.spans import Span

HEAD: Final = "header"
"""What the paths of the head's lines begin with."""


class Finding(NamedTuple):
    """One finding: where it stands among the items of a request, and what takes its place."""

    number: int
    item: Inspected
    span: Span
    recogniser: str
    placeholder: str
    """Empty where it is only counted."""

    @property
    def value(self) -> str:
        """What was found."""
        return self.item.text[self.span.start : self.span.end]


def findings(redactor: Redactor, inspection: Inspection, tenant: str) -> list[Finding]:
    """All findings in the order of the request, with the placeholders that it would get."""
    request, found, seen = inspection
    edits: list[list[Edit]] = []
    if found:
        edits = request.edits(found, redactor.placeholders(tenant))
    told: list[Finding] = []
    for number, item in enumerate(request.items):
        acted = found[number] if found else []
        counted = seen[number] if seen else []
        if not acted and not counted:
            continue
        named = _named(redactor, request, number)
        for at, span in enumerate(acted):
            new = edits[number][min(at, len(edits[number]) - 1)].new
            new = html.unescape(new) if item.markup else new
            told.append(Finding(number, item, span, _name(named, span), new))
        told += [Finding(number, item, span, _name(named, span), "") for span in counted]
    return sorted(told, key=lambda one: (one.number, one.span.start))


def _named(redactor: Redactor, request: Request, number: int) -> list[tuple[Span, str]]:
    """Everything that any recogniser finds in an item, with its name."""
    detector = redactor.detector
    if not isinstance(detector, Explains):
        return []
    context = request.contexts[number]
    named = detector.explained(request.texts[number], context)
    for where, spelling in request.spelt:
        if where == number:
            named += [
                (spelling.back(span), name)
                for span, name in detector.explained(spelling.text, context)
            ]
    return named


def _name(named: Sequence[tuple[Span, str]], span: Span) -> str:
    """The recogniser of the finding that won: resolved, it may have grown over others."""
    within = [
        (one.score, one.end - one.start, name)
        for one, name in named
        if one.entity == span.entity and span.start <= one.start and one.end <= span.end
    ]
    return max(within, default=(0.0, 0, ""))[2]


def told(
    redactor: Redactor,
    found: Sequence[Finding],
    redaction: Redaction | None,
    *,
    show_values: bool,
) -> list[dict[str, Any]]:
    """The findings for a reader; ``redaction`` None: the request was refused."""
    private = _private(found)
    out: list[dict[str, Any]] = []
    for one in found:
        becomes = _becomes(redactor, one, redaction)
        line: dict[str, Any] = {
            "path": _path(one.item, private, show_values=show_values),
            "name": one.item.key,
            "entity": one.span.entity,
            "score": round(one.span.score, 2),
            "recogniser": one.recogniser,
            "shape": shape(one.value),
            "mode": redactor.mode_of(one.span.entity),
            "becomes": becomes,
            "placeholder": one.placeholder if becomes == "placeholder" else None,
        }
        out.append(line | {"value": one.value} if show_values else line)
    return out


def _private(found: Sequence[Finding]) -> frozenset[str]:
    return private_names([one.item for one in found], [[one.span] for one in found])


def _path(item: Inspected, private: frozenset[str], *, show_values: bool) -> str:
    if show_values:
        steps = (f"[{one}]" if isinstance(one, int) else f".{one}" for one in item.path[1:])
        return str(item.path[0]) + "".join(steps)
    return place(item.path, private)


def _becomes(redactor: Redactor, one: Finding, redaction: Redaction | None) -> str:
    """``placeholder``, ``left out`` (a field), ``counted``, ``refused``, or ``unsent`` with it."""
    mode = redactor.mode_of(one.span.entity)
    if mode == "observe":
        return "counted"
    if redaction is None:
        return "refused" if mode == "block" else "unsent"
    name = str(one.item.path[-1]).encode("latin-1", "replace")
    sent = {line for line, _ in redaction.fields}
    if one.item.path[0] == HEAD and name not in sent:
        return "left out"
    return "placeholder"
