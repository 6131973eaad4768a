"""Names and media types in the head of a form's part, as strings to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from router.privacy.parts import Edits, Inspected, edited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.body.multipart import Spelt


class NamePart:
    """One of them; placeholders are written so that it stays what it is (RFC 7578 §4.2)."""

    __slots__ = ("_spelt", "inspected")

    def __init__(self, raw: bytes, spelt: Spelt) -> None:
        self._spelt = spelt
        self.inspected = [Inspected(raw.decode("utf-8", "surrogateescape"), ("form", "*"))]

    def texts(self) -> Iterator[str]:
        """The name."""
        yield self.inspected[0].text

    def rebuilt(self, edits: Edits) -> bytes:
        """The name with the edits made: a bare one in quotes, an extended one in RFC 8187's."""
        changes = edits[0]
        if self._spelt == "extended":
            changes = [edit._replace(new=quote(edit.new, safe="")) for edit in changes]
        raw = edited(self.inspected[0].text, changes).encode("utf-8", "surrogateescape")
        return b'"%b"' % raw if changes and self._spelt == "bare" else raw
