"""A resumable walk over the members and elements of JSON, without copying anything."""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from router.body.json_paths import Marks, Node, Path, tree

if TYPE_CHECKING:
    import re

    from router.body.json_grammar import Grammar, Match

CLOSE: Final = 1
STRING: Final = 3
OPEN: Final = 4
SCALAR: Final = 5
COMMA: Final = 6
LONG: Final = 7

Step: TypeAlias = tuple[int, int, int, int, int, int, Node, Path]
"""(kind, begin, name start, name end, start, end, node, path), offsets into the buffer.

Steps tile the buffer: each begins where the one before ended. The name span is that of the raw
member name without quotation marks, -1 in arrays. ``start`` and ``end`` hold the value: of a
STRING its content without quotation marks (the step ends one byte later), of an OPEN or CLOSE
the bracket, of a SCALAR in an array a run of scalars (``node`` and ``path`` are then the
array's, and the name's end is the index of the first). COMMA is a
comma that goes because every member before it was dropped. LONG is a string longer than the
limit: the step ends at its first character.
"""

_PARTS: Final = 5  # a matcher's place in Grammar to that of its part
_GONE: Final = tree(Marks(drop=frozenset({""})))


class Status(IntEnum):
    """Why a walk stopped."""

    PART = 0
    """What is left may be the beginning of a step."""
    DONE = 1
    """A root value is complete."""
    BROKEN = 2
    """What is left is not JSON, nested too deep, or a step is over the limit."""
    LONG = 3
    """Inside a long string; the caller finds its end and goes on behind the closing mark."""
    FULL = 4
    """``most`` steps were made."""


class Walker:
    """Where a walk stands between buffers.

    ``limit`` bounds a step in bytes (a string's content does not count); strings over it become
    LONG steps. ``most`` bounds the steps of one call. ``in_string`` tells, after PART, that only a
    quotation mark can bring more.
    """

    __slots__ = (
        "_count",
        "_depth",
        "_grammar",
        "_limit",
        "_match",
        "_most",
        "_node",
        "_path",
        "_stack",
        "in_string",
    )

    def __init__(
        self, grammar: Grammar, root: Node, *, max_depth: int, limit: int, most: int = sys.maxsize
    ) -> None:
        self._grammar = grammar
        self._depth = max_depth
        self._limit = limit
        self._most = most
        self._stack: list[tuple[Node, Path, Match, int]] = []
        self._node = root
        self._path: Path = ()
        self._match: Match = grammar.root
        self._count = 0
        self.in_string = False

    @property
    def at_root(self) -> bool:
        """Whether the walk stands between documents."""
        return self._match is self._grammar.root

    @property
    def dropping(self) -> bool:
        """Whether the walk stands within a member that is dropped."""
        return self._node.dropped

    def advance(self, buf: bytes, pos: int) -> tuple[list[Step], int, Status]:  # noqa: C901, PLR0912, PLR0915 - one loop over locals is what makes it fast
        """The complete steps in ``buf`` from ``pos``, where they end, and why there."""
        steps: list[Step] = []
        grammar, limit, stack = self._grammar, self._limit, self._stack
        node, path, match, count = self._node, self._path, self._match, self._count
        root, member, element = grammar.root, grammar.member, grammar.element
        first_member, first_element = grammar.first_member, grammar.first_element
        status = Status.DONE
        for _ in range(self._most):
            found = match(buf, pos)
            if found is None:
                found, status = self._part(match, buf, pos)
                if found is None:
                    break
                status = Status.DONE
            kind = found.lastindex or 0
            start, end = found.span(kind)
            if kind == CLOSE:
                steps.append((CLOSE, pos, -1, -1, start, end, node, path))
                node, path, match, count = stack.pop()
                pos = end
                if match is root:
                    break
                continue
            name_start = name_end = -1
            if match is member or match is first_member:
                name_start, name_end = found.span(2)
                if name_end - name_start > limit:
                    status = Status.BROKEN
                    break
                child = node[buf[name_start:name_end]]
                if not child.dropped:
                    if not count and match is member:
                        comma = buf.index(b",", pos) + 1
                        steps.append((COMMA, pos, -1, -1, pos, comma, _GONE, path))
                        pos = comma
                    count = 1
                below = path + child.step
                after = member
            elif match is root:
                child, below, after = node, path, root
            elif kind == SCALAR:
                child, below, after = node, path, element
                name_end = count
                count += buf.count(b",", start, end) + 1
            else:
                child, below, after = node[b""], (*path, count), element
                count += 1
            if kind == STRING and end - start > limit:
                kind, end, status = LONG, start, Status.LONG
            elif kind == OPEN and len(stack) >= self._depth:
                status = Status.BROKEN
                break
            steps.append((kind, pos, name_start, name_end, start, end, child, below))
            match = after
            if kind == OPEN:
                stack.append((node, path, after, count))
                node, path, count, pos = child, below, 0, end
                match = first_member if buf[start] == 0x7B else first_element
                continue
            pos = end + 1 if kind == STRING else end
            if after is root or kind == LONG:
                break
        else:
            status = Status.FULL
        self._node, self._path, self._match, self._count = node, path, match, count
        return steps, pos, status

    def _part(self, match: Match, buf: bytes, pos: int) -> tuple[re.Match[bytes] | None, Status]:
        """The beginning of a long string; or None, and whether to wait for more."""
        grammar = self._grammar
        found = grammar[grammar.index(match) + _PARTS](buf, pos)
        if found is None:
            return None, Status.BROKEN
        kind = found.lastindex or 0
        self.in_string = kind in (1, STRING)
        start, end = found.span(kind)
        if kind == STRING and end - start > self._limit:
            return found, Status.LONG
        over = kind != STRING and end - start > self._limit  # of a name; span 0 of a scalar
        return None, Status.BROKEN if over else Status.PART
