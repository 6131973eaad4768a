"""One request taken apart, and put together again without what was found in it."""

from __future__ import annotations

import html
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from router.body.filters import Edit
from router.privacy.head import HeadPart, is_quiet, plain_fields
from router.privacy.parts import Inspected, Part, value_of
from router.privacy.spans import resolve
from router.privacy.spellings import Spelling, spelt_out
from router.privacy.urls import FormPart, PathPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.exchange import Fields
    from router.privacy.bodies import BodyRules
    from router.privacy.placeholders import Placeholders
    from router.privacy.spans import Span


_SMALL: Final = 8 << 10
_FEW: Final = 500


class Sent(NamedTuple):
    """A request as it came, its body in no coding."""

    body: bytes
    media_type: bytes
    query: bytes
    rest: bytes
    fields: Sequence[tuple[bytes, bytes]]

    @property
    def is_large(self) -> bool:
        """Whether taking it apart may cost milliseconds: by its bytes, or by its many values."""
        body = self.body
        if len(body) + len(self.query) + len(self.rest) > _SMALL:
            return True
        return body.count(b",") + body.count(b"&") + body.count(b"\n") > _FEW


class Request:
    """The parts of one request, in the order in which placeholders are numbered.

    ``fields`` are the lines to be sent where nothing is found. ``spelt`` are the texts that say
    something else with their escapes undone, by their number among ``items``.
    """

    __slots__ = (
        "_body",
        "_head",
        "_parts",
        "_query",
        "_rest",
        "contexts",
        "fields",
        "items",
        "spelt",
        "texts",
    )

    def __init__(self, rules: BodyRules, sent: Sent) -> None:
        self._rest: Part | bytes = sent.rest
        self._query: Part | bytes = sent.query
        self._body: Part | bytes = sent.body
        if not rules.quiet.url(sent.rest):
            self._rest = PathPart(sent.rest)
        if not rules.quiet.url(sent.query):
            self._query = FormPart(sent.query, "query", rules)
        if sent.body:
            self._body = rules.read(sent.body, sent.media_type.decode("latin-1")) or sent.body
        self.fields = plain_fields(sent.fields)
        self._head = None if is_quiet(self.fields, rules.quiet) else HeadPart(self.fields)
        self._parts = [
            part for part in (self._rest, self._query, self._body) if not isinstance(part, bytes)
        ]
        self.items = [item for part in self._parts for item in part.inspected]
        if self._head is not None:
            self.items += self._head.inspected
        self.texts = [item.text for item in self.items]
        if not rules.selectors.choose_all:
            self.texts = [
                item.text if rules.selectors.chooses(item.path) else "" for item in self.items
            ]
        self.contexts = [item.context for item in self.items]
        self.spelt: list[tuple[int, Spelling]] = [
            (number, spelling)
            for number, text in enumerate(self.texts)
            if (spelling := spelt_out(text)) is not None
        ]

    def joined(self, found: list[list[Span]], spelt: Sequence[list[Span]]) -> list[list[Span]]:
        """The findings in ``items`` and those in ``spelt``, each where it stands in its item."""
        for (number, spelling), spans in zip(self.spelt, spelt, strict=True):
            if spans:
                found[number] = resolve([*found[number], *map(spelling.back, spans)])
        return found

    def redacted(
        self, found: Sequence[list[Span]], placeholders: Placeholders
    ) -> tuple[bytes, bytes, bytes, Fields]:
        """Body, query, rest and fields with every finding replaced."""
        return self.rebuilt(self.edits(found, placeholders))

    def edits(self, found: Sequence[list[Span]], placeholders: Placeholders) -> list[list[Edit]]:
        """What takes the place of what was found, item by item."""
        for part in (*self._parts, *(() if self._head is None else (self._head,))):
            placeholders.reserve(part.texts())
        return [
            _edits(item, spans, placeholders) for item, spans in zip(self.items, found, strict=True)
        ]

    def rebuilt(self, edits: Sequence[list[Edit]]) -> tuple[bytes, bytes, bytes, Fields]:
        """Body, query, rest and fields with the edits of each item made."""
        left = iter(edits)
        rest, query, body = (
            part
            if isinstance(part, bytes)
            else part.rebuilt(list(islice(left, len(part.inspected))))
            for part in (self._rest, self._query, self._body)
        )
        fields = self.fields if self._head is None else self._head.lines(list(left))
        return body, query, rest, fields


def _edits(item: Inspected, spans: Sequence[Span], placeholders: Placeholders) -> list[Edit]:
    if item.whole and spans:
        return [Edit(0, len(item.text), placeholders.issue(spans[0].entity, item.text))]
    edits: list[Edit] = []
    for span in spans:
        placeholder = placeholders.issue(span.entity, value_of(item, span.start, span.end))
        new = html.escape(placeholder) if item.markup else placeholder
        edits.append(Edit(span.start, span.end, new))
    return edits
