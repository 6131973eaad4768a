"""Personal data that an upstream itself writes into its answer: replaced, or counted.

Text that comes in pieces is cut into segments by what stands in it alone, never by how it came: at
the end of a line or a sentence, or at a blank before 256 characters. Each is looked at as a text
of its own once it is there, so that the pieces do not matter, and nothing is held longer. What
goes on over the end of a segment is not found, nor are words seen that stand in another one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.body.filters import Edit, Place
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from router.body.filters import Editor

LONGEST: Final = 256
"""Characters that are held back at most."""

_END: Final = re.compile(r"\n|[.!?][\"')\]]*\s")
_BLANK: Final = re.compile(r"(?<![0-9:,\[({]) (?![0-9])")
_CODED: Final = re.compile(r"[A-Za-z0-9+/=_-]+")
_CODED_FROM: Final = 200
_BARE: Final = re.compile(r"[:\[,]\s*\Z")
_BEHIND_BARE: Final = re.compile(r"\s*(?:[,}\]]|\Z)")

_HANDLE: Final = re.compile(r"[A-Za-z0-9_.:/+=-]{0,256}")
_HANDLES: Final = frozenset(
    {
        *("id", "object", "model", "role", "type", "status", "jsonrpc", "method", "name", "index"),
        *("finish_reason", "stop_reason", "finishReason", "system_fingerprint", "service_tier"),
        *("call_id", "item_id", "response_id", "previous_response_id", "tool_call_id", "cursor"),
        *("tool_use_id", "request_id", "nextCursor", "created_at", "signature", "responseId"),
        *("encrypted_content", "thoughtSignature", "modelVersion", "obfuscation", "container_id"),
    }
)
"""Members whose value names something rather than saying something, if it looks the part."""


class AnswerEditor:
    """Around ``inner`` (masking and restoring), which wins where the two meet.

    ``find`` gives the findings of one short text, in order and apart; ``counts`` is added to.
    ``replace``: ``<EMAIL_ADDRESS>`` stands in a finding's place, without a number, so that no
    later request takes it for one of its placeholders; else it is only counted.
    """

    __slots__ = ("_counts", "_find", "_inner", "_replace")

    def __init__(
        self,
        inner: Editor | None,
        find: Callable[[str], Sequence[Span]],
        counts: dict[str, int],
        *,
        replace: bool,
    ) -> None:
        self._inner = inner
        self._find = find
        self._counts = counts
        self._replace = replace

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:  # noqa: FBT001  the protocol's own signature
        """As :meth:`router.body.filters.Editor.edits`."""
        if not text or not _is_text(text, place):
            return self._theirs(text, place, final=final)
        if place.join:  # of a kind that may be records of their own: each is looked at alone
            return self._segment(text, place, final=final)
        made: list[Edit] = []
        begin = 0
        end = _segment_end(text, 0, final=final)
        while end:
            last = final and end == len(text)
            edits, settled = self._segment(text[begin:end], place, final=last)
            made += [Edit(begin + one.start, begin + one.end, one.new) for one in edits]
            begin += settled
            if last:
                break
            # What is within is not settled as long as something may go on: then it grows.
            end = _segment_end(text, begin if settled else end, final=final)
        return made, len(text) if final else begin

    def _segment(self, text: str, place: Place, *, final: bool) -> tuple[list[Edit], int]:
        theirs, settled = self._theirs(text, place, final=final)
        mine = [
            span
            for span in self._found(text)
            if span.start < settled and not any(_meet(span, edit) for edit in theirs)
        ]
        for span in mine:
            self._counts[span.entity] = self._counts.get(span.entity, 0) + 1
        if not self._replace or not mine:
            return theirs, settled
        edits = [
            Edit(span.start, min(span.end, settled), _stand_in(text, span, place)) for span in mine
        ]
        return sorted([*theirs, *edits]), settled

    def _found(self, text: str) -> Iterator[Span]:
        """The findings in each segment of ``text``, however long it is."""
        begin = 0
        while end := _segment_end(text, begin, final=True) if begin < len(text) else 0:
            segment = text[begin:end]
            if not _is_coded(segment):
                for span in self._find(segment):
                    yield span._replace(start=begin + span.start, end=begin + span.end)
            begin = end

    def _theirs(self, text: str, place: Place, *, final: bool) -> tuple[list[Edit], int]:
        return ([], len(text)) if self._inner is None else self._inner.edits(text, place, final)


def _is_text(text: str, place: Place) -> bool:
    if place.key:
        return False
    last = place.path[-1] if place.path else ""
    return last not in _HANDLES or _HANDLE.fullmatch(text) is None


def _is_coded(text: str) -> bool:
    """Whether it is a stretch of Base64: a picture, a sound, a vector."""
    return len(text) >= _CODED_FROM and _CODED.fullmatch(text) is not None


def _segment_end(text: str, begin: int, *, final: bool) -> int:
    """Where the segment ends that begins at ``begin``; 0: it may go on."""
    found = _END.search(text, begin, begin + LONGEST)
    if found is not None:
        return found.end()
    if len(text) > begin + LONGEST:
        blanks = [one.end() for one in _BLANK.finditer(text, begin, begin + LONGEST)]
        return blanks[-1] if blanks else begin + LONGEST
    return len(text) if final else 0


def _meet(span: Span, edit: Edit) -> bool:
    return span.start < edit.end and edit.start < span.end


def _stand_in(text: str, span: Span, place: Place) -> str:
    """What stands for a finding; of a number in nested JSON another number, so that it is JSON."""
    bare = (
        place.nested
        and text[span.start : span.end].isdigit()
        and _BARE.search(text, 0, span.start)
        and _BEHIND_BARE.match(text, span.end)
    )
    return "0" if bare else f"<{span.entity}>"
