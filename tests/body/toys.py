"""Small editors with all the traits of the real ones, and the ways to split an input."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from router.body.filters import BodyFilter, Edit, Place, through
from router.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Swap:
    """Replaces fixed words, holding back any tail that may begin one; ignores nothing."""

    def __init__(self, words: dict[str, str], *, hint: bool = False) -> None:
        self.words = words
        self.seen: list[tuple[str, Place, bool]] = []
        self._pattern = re.compile("|".join(map(re.escape, words)))
        if hint:
            self.untouched = self._untouched

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:
        self.seen.append((text, place, final))
        found = [
            Edit(match.start(), match.end(), self.words[match.group()])
            for match in self._pattern.finditer(text)
        ]
        if final:
            return found, len(text)
        begin = found[-1].end if found else 0
        return found, max(begin, len(text) - self._tail(text))

    def _tail(self, text: str) -> int:
        lengths = (
            length
            for word in self.words
            for length in range(len(word) - 1, 0, -1)
            if text.endswith(word[:length])
        )
        return max(lengths, default=0)

    def _untouched(self, raw: bytes) -> bool:
        return not any(word[0].encode() in raw for word in self.words)


def mask(*, hint: bool = False) -> Swap:
    return Swap({"openai": "onasis", "élan": "ÉLAN"}, hint=hint)


def restore(value: str = 'a"b\\c\nd@x.example', *, hint: bool = False) -> Swap:
    return Swap({"<EMAIL_1>": value, "<PERSON_1>": "Ada"}, hint=hint)


def whole(make: Callable[[], BodyFilter], data: bytes) -> bytes:
    body = make()
    return (body.feed(data) if data else b"") + body.flush()


def pieces(make: Callable[[], BodyFilter], parts: list[bytes]) -> bytes:
    body = make()
    return b"".join(body.feed(part) for part in parts if part) + body.flush()


def splits(data: bytes) -> Iterator[list[bytes]]:
    yield [data[at : at + 1] for at in range(len(data))]
    yield [data[at : at + 3] for at in range(0, len(data), 3)]
    for at in range(1, len(data), 1 + len(data) // 300):
        yield [data[:at], data[at:]]


REFUSED = b"\0refused"
"""What ``outcome`` gives where the reader raises FilterError."""


def outcome(read: Callable[[], bytes]) -> bytes:
    """What ``read`` gives, a refusal being an outcome too."""
    try:
        return read()
    except FilterError:
        return REFUSED


def same_or_refused(make: Callable[[], BodyFilter], data: bytes) -> bytes:
    """As ``same``; where one split is refused, all are."""
    expected = outcome(lambda: whole(make, data))
    assert outcome(lambda: through(make(), data)) == expected
    for parts in splits(data):
        assert outcome(lambda parts=parts: pieces(make, parts)) == expected, parts  # type: ignore[misc]
    return expected


def same(make: Callable[[], BodyFilter], data: bytes) -> bytes:
    """The output for ``data``, which every split of it gives, and no split at all."""
    expected = whole(make, data)
    assert through(make(), data) == expected
    for parts in splits(data):
        assert pieces(make, parts) == expected, parts
    return expected
