"""A request as privacy leaves it, to be looked at without a value that was found in it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from router.body.filters import Edit
from router.errors import GatewayError
from router.operate.explain_findings import HEAD, findings, told
from router.operate.explain_secrets import HIDDEN, usual_values, without_values
from router.privacy.report import count, full_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from router.exchange import Fields
    from router.operate.explain_findings import Finding
    from router.phases.inbound import Draft
    from router.privacy.redact import Redaction, Redactor
    from router.privacy.request import Request, Sent


class View:
    """What privacy finds in one request of ``tenant``, and what may be shown of it."""

    def __init__(self, redactor: Redactor, tenant: str, *, show_values: bool) -> None:
        self._redactor = redactor
        self._tenant = tenant
        self._show_values = show_values
        self._request: Request | None = None
        self._failure = ""
        self._found: list[Finding] = []

    async def look(self, sent: Sent) -> None:
        """Looks through the request; that it cannot be is told in :meth:`document`."""
        try:
            inspection = await self._redactor.inspect(sent)
        except GatewayError as error:
            self._failure = error.detail
            return
        self._request = inspection.request
        self._found = findings(self._redactor, inspection, self._tenant)

    @property
    def has_looked(self) -> bool:
        """Whether the request was looked through."""
        return self._request is not None

    def document(self, mode: str, redaction: Redaction | None) -> dict[str, Any]:
        """The findings and what becomes of them; ``redaction`` None: the request is refused."""
        found = told(self._redactor, self._found, redaction, show_values=self._show_values)
        return {
            "mode": mode,
            "looked": self._request is not None,
            "why_not": self._failure or None,
            "counts": count([[one.span] for one in self._found]),
            "findings": found,
        }

    def rest(self, rest: bytes) -> bytes:
        """What follows the service in the path, all findings in it as shapes."""
        if self._request is None or self._show_values:
            return rest
        here = [one._replace(placeholder="") for one in self._found if one.item.path[0] == "path"]
        return self._request.rebuilt(list(_edits(self._request, here)))[2]

    def shown(self, draft: Draft, redaction: Redaction) -> Draft:
        """``draft`` as it leaves, with shapes in place of what is only counted."""
        if self._show_values:
            return draft
        if self._request is None:
            return unread(draft)
        counted = [one for one in self._found if not one.placeholder]
        if not counted:
            return draft
        body, query, rest, _ = self._request.rebuilt(list(_edits(self._request, self._found)))
        fields: Fields = [
            (name, _in_shapes(value, [one for one in counted if _is_of(one, name)]))
            for name, value in redaction.fields
        ]
        return draft._replace(body=body, query=query, rest=rest, fields=fields)


def unread(draft: Draft) -> Draft:
    """What is shown of a request that nobody has looked through; its body is another matter."""
    return draft._replace(query=without_values(draft.query), fields=usual_values(draft.fields))


def _edits(request: Request, found: Sequence[Finding]) -> Iterator[list[Edit]]:
    """What takes the place of findings outside the head, item by item."""
    by_item: dict[int, list[Finding]] = {}
    for one in found:
        by_item.setdefault(one.number, []).append(one)
    for number, item in enumerate(request.items):
        here = by_item.get(number, []) if item.path[0] != HEAD else []
        if item.whole and here:
            yield [Edit(0, len(item.text), here[0].placeholder or full_shape(item.text))]
        else:
            yield [Edit(one.span.start, one.span.end, _new(one)) for one in here]


def _new(one: Finding) -> str:
    new = one.placeholder or full_shape(one.value)
    return html.escape(new) if one.item.markup else new


def _is_of(one: Finding, field: bytes) -> bool:
    return one.item.path[0] == HEAD and one.item.path[-1] == field.decode("latin-1")


def _in_shapes(value: bytes, counted: Sequence[Finding]) -> bytes:
    """A field's value without what was only counted in it; hidden where that is encoded."""
    for one in counted:
        raw = one.value.encode("utf-8", "surrogateescape")
        if one.item.key or raw not in value:
            return HIDDEN.encode()
        value = value.replace(raw, full_shape(one.value).encode())
    return value
