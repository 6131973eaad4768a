"""One request taken apart, and put together again without what was found in it."""

from __future__ import annotations

import html
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from router.body.filters import Edit
from router.privacy.parts import Inspected, Part, value_of
from router.privacy.urls import FormPart, PathPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.privacy.bodies import BodyRules
    from router.privacy.placeholders import Placeholders
    from router.privacy.spans import Span


class Sent(NamedTuple):
    """A request as it came."""

    body: bytes
    media_type: bytes
    coding: bytes
    query: bytes
    rest: bytes


class Request:
    """The parts of one request, in the order in which placeholders are numbered."""

    __slots__ = ("_body", "_parts", "_query", "_rest", "items")

    def __init__(self, rules: BodyRules, sent: Sent, body: bytes) -> None:
        self._rest: Part | bytes = sent.rest
        self._query: Part | bytes = sent.query
        self._body: Part | bytes = body
        if not rules.quiet.url(sent.rest):
            self._rest = PathPart(sent.rest)
        if not rules.quiet.url(sent.query):
            self._query = FormPart(sent.query, "query", keys=rules.keys)
        if body:
            self._body = rules.read(body, sent.media_type.decode("latin-1")) or body
        self._parts = [
            part for part in (self._rest, self._query, self._body) if not isinstance(part, bytes)
        ]
        self.items = [item for part in self._parts for item in part.inspected]

    def redacted(
        self, found: Sequence[list[Span]], placeholders: Placeholders
    ) -> tuple[bytes, bytes, bytes]:
        """Body, query and rest with every finding replaced."""
        for part in self._parts:
            placeholders.reserve(part.texts())
        edits = iter(
            [
                _edits(item, spans, placeholders)
                for item, spans in zip(self.items, found, strict=True)
            ]
        )
        rest, query, body = (
            part
            if isinstance(part, bytes)
            else part.rebuilt(list(islice(edits, len(part.inspected))))
            for part in (self._rest, self._query, self._body)
        )
        return body, query, rest


def _edits(item: Inspected, spans: Sequence[Span], placeholders: Placeholders) -> list[Edit]:
    if item.whole and spans:
        return [Edit(0, len(item.text), placeholders.issue(spans[0].entity, item.text))]
    edits: list[Edit] = []
    for span in spans:
        placeholder = placeholders.issue(span.entity, value_of(item, span.start, span.end))
        new = html.escape(placeholder) if item.markup else placeholder
        edits.append(Edit(span.start, span.end, new))
    return edits
