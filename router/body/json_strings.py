"""JSON read as it comes: strings and member names edited in place, every other byte as it was."""

from __future__ import annotations

import codecs
import re
from typing import Final

from router.body.filters import Editor, Place
from router.body.hints import hits_by, is_awkward, untouched_by, watched_by
from router.body.json_array import ArrayReader, is_array_of_events
from router.body.json_document import edited_document, is_json, places_of
from router.body.json_edit import cut_at, edited, renamed, settled
from router.body.json_grammar import LENIENT
from router.body.json_paths import Marks, Node, Path, tree
from router.body.json_walk import STRING, Status, Step, Walker
from router.body.nesting import Nesting
from router.body.text import TextReader
from router.errors import FilterError

WINDOW: Final = 1 << 16
"""Strings up to this many bytes are shown to the editor whole, longer ones in windows of it."""

_MARGIN: Final = 16
_GROUP: Final = 4
"""Steps about which the editor is asked at once whether they are untouched."""

_QUOTE: Final = 0x22
_OPENING: Final = (b"{", b"[")
_CLOSING: Final = (b"}", b"]")
_WHITE: Final = b" \t\n\r"
_BODY = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_SPACE = re.compile(rb"[ \t\n\r]*+")


class JsonReader:
    """A body of JSON, or of several documents one after the other.

    ``drop`` names members that are removed with all that is in them, at any depth. From where
    the body is no JSON (or deeper than ``max_depth``) it goes on as plain text: edited still,
    but without structure. UTF-16 and UTF-32 raise FilterError, and so does what stops being JSON
    within a member that is removed. Memory: a few times WINDOW.
    """

    # How every reading begins. In the class, since most bodies come whole and change little of it.
    _made: Walker | None = None
    _rest = b""
    _parts: list[bytes] | None = None
    _held = 0
    _begun = _opened = False
    _ahead = 0
    _long: tuple[Node, Path] | None = None
    _nesting: Nesting | None = None
    _other: ArrayReader | TextReader | None = None

    def __init__(
        self, editor: Editor, *, drop: frozenset[str] = frozenset(), max_depth: int = 200
    ) -> None:
        self._editor = editor
        self._drop = drop
        self._max_depth = max_depth

    def whole(self, data: bytes, /) -> bytes:
        """As :func:`router.body.filters.through` has it; neither of the others was called."""
        if is_array_of_events(data):
            array = ArrayReader(self._editor, drop=self._drop)
            return array.feed(data) + array.flush()
        self._begun = True
        out = self._at_once(data)
        return self.feed(data) + self.flush() if out is None else out

    def feed(self, data: bytes, /) -> bytes:
        """All up to the member or element that is not complete yet."""
        if self._other is not None:
            return self._other.feed(data)
        if self._parts and _QUOTE not in data and self._held + len(data) <= WINDOW:
            self._parts.append(data)
            self._held += len(data)
            return b""
        buf = b"".join((*self._parts, data)) if self._parts else self._rest + data
        self._parts = None
        if not self._begun:
            out = self._begin(buf)
            if out is not None:
                return out
        return self._unseen(self._process(buf))

    def _begin(self, buf: bytes) -> bytes | None:
        """What can go out of a beginning; None where it has to be walked."""
        if not buf.strip(_WHITE):
            self._rest = b""
            return buf
        is_array = is_array_of_events(buf)
        if is_array is None or (len(buf) < 4 and not buf.endswith(_CLOSING)):
            self._rest = buf
            return b""
        self._begun = True
        if is_array:
            self._other = ArrayReader(self._editor, drop=self._drop)
            return self._other.feed(buf)
        return self._at_once(buf)

    def flush(self) -> bytes:
        """The rest; what is no complete JSON is edited as text."""
        if self._other is not None:
            return self._other.flush()
        if self._ahead and not self._opened:
            return b""
        out = b"" if self._begun else self._process(self._rest)
        return self._unseen(out + self._last(b"".join(self._parts or ()) or self._rest))

    def _check_dropped(self) -> None:
        """Where a member that goes ends, nobody can tell: what is left of it would stand alone."""
        if self._walker.dropping:
            raise FilterError("a member that is left out is too deep, or has no end")

    def _last(self, rest: bytes) -> bytes:
        if self._long is not None:
            return self._last_window(rest, *self._long)
        if self._made is not None and self._other is None:
            self._check_dropped()
        if not rest and self._other is None:
            return b""
        text = self._other or TextReader(self._editor, marked=False)
        return text.feed(rest) + text.flush()

    @property
    def _walker(self) -> Walker:
        """Made when it is needed: most bodies come as a whole."""
        if self._made is None:
            root = tree(Marks(drop=self._drop))
            self._made = Walker(LENIENT, root, max_depth=self._max_depth, limit=WINDOW)
        return self._made

    def _at_once(self, buf: bytes) -> bytes | None:
        """The output for one whole document; None where it has to be walked."""
        if not (buf.startswith(_OPENING) and buf.endswith(_CLOSING)):
            ends = buf.strip()
            if not (ends.startswith(_OPENING) and ends.endswith(_CLOSING)):
                return None
        if buf.find(b"\\u") >= 0:
            return None
        points = hits_by(self._editor)(buf)
        if points is None:
            return None
        watched = watched_by(self._editor)
        if not self._drop <= watched:
            points += places_of(self._drop - watched, buf)
        if (points and len(buf) > WINDOW) or not is_json(buf):
            return None
        if not points:
            # What may follow is read as if this were; the walk begins here then.
            self._ahead, self._rest = len(buf), buf
            return buf
        out = edited_document(buf, self._editor, points, self._drop, max_depth=self._max_depth)
        if out is not None:
            self._opened, self._rest = True, b""
        return out

    def _is_quiet(self, buf: bytes) -> bool:
        return buf.find(b"\\u") < 0 and untouched_by(self._editor)(buf)

    def _is_quiet_around(self, steps: list[Step]) -> bool:
        """Whether no name of a member that ``steps`` begin within stands for all that is in it."""
        if not steps:
            return True
        _, _, name_start, _, _, _, _, path = steps[0]
        outer = path if name_start < 0 else path[:-1]
        around = "".join([f'"{part}":' for part in outer if isinstance(part, str)])
        return not around or untouched_by(self._editor)(around.encode("utf-8", "replace"))

    def _unseen(self, out: bytes) -> bytes:
        """``out`` without what went out before it was walked."""
        if self._ahead:
            seen = min(self._ahead, len(out))
            self._ahead -= seen
            return out[seen:]
        return out

    def _process(self, buf: bytes) -> bytes:
        out: list[bytes] = []
        pos = self._prologue(buf, out)
        while pos < len(buf):
            if self._long is not None:
                pos = self._windows(buf, pos, out)
                if self._long is not None:
                    self._hold(buf[pos:], in_string=True)
                    return b"".join(out)
            if self._walker.at_root and (space := _SPACE.match(buf, pos)):
                out.append(space.group())
                pos = space.end()
            begin = pos
            steps, pos, status = self._walker.advance(buf, begin)
            self._emit(buf, begin, pos, steps, out)
            if status is Status.PART:
                break
            if status is Status.LONG:
                self._long = steps[-1][6:]
                nested = steps[-1][6].nested and is_awkward(self._editor)
                self._nesting = Nesting() if nested else None
            elif status is Status.BROKEN:
                self._check_dropped()
                self._other = TextReader(self._editor, marked=False)
                out.append(self._other.feed(buf[pos:]))
                pos = len(buf)
        self._hold(buf[pos:], in_string=self._walker.in_string)
        return b"".join(out)

    def _hold(self, rest: bytes, *, in_string: bool) -> None:
        self._rest = rest
        self._held = len(rest)
        self._parts = [rest] if rest and in_string else None

    def _prologue(self, buf: bytes, out: list[bytes]) -> int:
        if self._opened:
            return 0
        self._opened = True
        if buf.startswith(codecs.BOM_UTF8):
            out.append(codecs.BOM_UTF8)
            return len(codecs.BOM_UTF8)
        if b"\0" in buf[:4] or buf.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
            raise FilterError("JSON has to be UTF-8")
        return 0

    def _emit(self, buf: bytes, begin: int, end: int, steps: list[Step], out: list[bytes]) -> None:
        quiet = self._is_quiet(buf[begin:end]) and self._is_quiet_around(steps)
        last = begin
        if not quiet or self._drop:
            for first in range(0, len(steps), _GROUP):
                group = steps[first : first + _GROUP]
                group_quiet = quiet or (
                    self._is_quiet(buf[group[0][1] : group[-1][5] + 1])
                    and self._is_quiet_around(group)
                )
                last = self._edit(buf, last, group, out, quiet=group_quiet)
        out.append(buf[last:end])

    def _edit(
        self, buf: bytes, last: int, steps: list[Step], out: list[bytes], *, quiet: bool
    ) -> int:
        """Puts out what changes, and all before it; returns how far that reaches."""
        editor = self._editor
        for kind, begin, name_start, name_end, start, stop, node, path in steps:
            if node.dropped:
                out.append(buf[last:begin])
                last = stop + 1 if kind == STRING else stop
                continue
            if quiet:
                continue
            if name_start >= 0:
                raw = buf[name_start:name_end]
                if (new := renamed(raw, editor, node, path)) != raw:
                    out += (buf[last:name_start], new)
                    last = name_end
            if kind == STRING:
                changed = edited(buf[start:stop], editor, Place(path, nested=node.nested))
                if changed is not None:
                    out += (buf[last:start], changed)
                    last = stop
        return last

    def _windows(self, buf: bytes, pos: int, out: list[bytes]) -> int:
        """Edits what is there of a long string; windows begin and end wherever chunks do."""
        assert self._long is not None
        node, path = self._long
        while True:
            found = _BODY.match(buf, pos)
            end = found.end() if found else pos
            if end - pos > WINDOW + _MARGIN:
                cut = pos + cut_at(buf[pos : pos + WINDOW + _MARGIN], WINDOW)
                place = Place(path, nested=node.nested)
                new, carry = settled(buf[pos:cut], self._editor, place, self._nesting)
                if len(carry) > WINDOW // 2:
                    raise FilterError("an editor holds back too much")
                out.append(b"" if node.dropped else new)
                pos = cut - len(carry)
                continue
            if buf[end : end + 1] == b'"':
                out += (self._last_window(buf[pos:end], node, path), b"" if node.dropped else b'"')
                self._long = None
                return end + 1
            return pos

    def _last_window(self, raw: bytes, node: Node, path: Path) -> bytes:
        if node.dropped:
            return b""
        new = edited(raw, self._editor, Place(path, nested=node.nested), self._nesting)
        return raw if new is None else new
