"""Which strings of an event are pieces of a longer text, of which text, and when it ends.

Shapes known by name: OpenAI chat and legacy completions, the Responses API, Anthropic messages,
Gemini, Ollama. Their texts are lanes. In any other event each string may be a piece, unless its
type says that the text is complete; these may be records of their own (see ``records``), those
under an unusual name more likely so. JSON-RPC (MCP) messages are never pieces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from router.body.filters import Join, Place
from router.body.json_paths import NESTED, Path
from router.body.repeats import Rule

LaneKey: TypeAlias = tuple[Path, tuple["bytes | None", ...]]
"""The path, with ``index`` members in place of array positions, and the event's tags."""

Facts: TypeAlias = Mapping[Path, bytes]
"""Raw values of an event's FACTS members, by path; items of GROUPS are there too, empty."""

LANES: Final = NESTED | {
    *("content", "text", "delta", "token", "response", "output_text", "completion", "answer"),
    *("reasoning", "reasoning_content", "refusal", "thinking", "transcript", "summary", "chunk"),
    *("generated_text", "inputTextDelta"),
}
GROUPS: Final = frozenset({"choices", "candidates"})
_TAGS: Final = (
    *("type", "index", "item_id", "output_index", "content_index", "summary_index"),
    *("contentBlockIndex", "thought"),
)
_TAG_PATHS: Final = tuple((tag,) for tag in _TAGS[1:-1])
_FINISH: Final = (
    *("finish_reason", "finishReason", "stop_reason", "done", "finished", "is_final"),
    "error",
)
FACTS: Final = GROUPS | {*_TAGS, *_FINISH, "jsonrpc"}

_LONGEST_INDEX: Final = 10
_NOTHING: Final = frozenset({None, b"null", b"false", b"", b"0"})
_OVER = re.compile(
    rb"(?:\A|[._-])(?:done|completed?|stop|ended|end|finish(?:ed)?|final|failed|incomplete|result"
    rb"|message|close)\Z|error\Z",
    re.IGNORECASE,
)
"""Types of events that tell of an end."""
_WHOLE = re.compile(
    rb"(?:\A|[._-])(?:done|completed?|stop|started?|start|ended|end|finish(?:ed)?|final|error"
    rb"|failed|added|created|incomplete|in_progress|queued|result|message|close)\Z"
    rb"|audio[._]delta\Z",
    re.IGNORECASE,
)
_KNOWN = re.compile(rb"(?:response\..+[._]|content_block_|message_)delta\Z")
_OLLAMA: Final = frozenset(
    {("message", "content"), ("message", "thinking"), ("response",), ("thinking",)}
)
_ARGUMENTS = re.compile(rb"(?:arguments|input_json)[._]delta\Z")
_MODELS: Final = frozenset(
    {
        *("model", "model_id", "model_name", "model_version", "modelId", "modelName"),
        *("modelVersion", "models", "engine", "deployment", "deployment_id"),
    }
)
"""Members that name models: whole, since an editor may ask for all of a name."""
_NO_LANE: Final = NESTED | {"logprobs", "tool_calls", "annotations"}


class Ending(NamedTuple):
    """The lanes that an event ends.

    ``everything``; or those of some choices (``groups``); or those whose ``tags`` agree with the
    event's as far as both have them, but for the lanes that the event itself goes on with.
    """

    everything: bool = False
    groups: tuple[Path, ...] = ()
    tags: tuple[bytes | None, ...] | None = None

    def ends(self, key: LaneKey) -> bool:
        """Whether the lane is over."""
        if self.tags is not None:
            pairs = zip(self.tags[1:], key[1][1:], strict=True)
            return all(one is None or other is None or one == other for one, other in pairs)
        return self.everything or key[0][:2] in self.groups

    def ends_here(self, key: LaneKey) -> bool:
        """Whether the lane is over with what the event itself adds to it."""
        return self.tags is None and self.ends(key)


ALL: Final = Ending(everything=True)
NONE: Final = Ending()


def _name(path: Path) -> str:
    """The innermost member's name, array indices aside."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def is_whole(name: bytes) -> bool:
    """Whether an event of this type or name tells that something is complete."""
    return _WHOLE.search(name) is not None


class Event:
    """What the members of one JSON event say about lanes. ``name`` is its SSE event name."""

    __slots__ = ("_facts", "_grouped", "_is_whole", "_name", "_type")

    def __init__(self, facts: Facts, name: bytes) -> None:
        self._facts = facts
        self._name = name
        self._type = facts.get(("type",), name)
        self._grouped = ("choices",) in facts or ("candidates",) in facts
        self._is_whole = ("jsonrpc",) in facts or (not self._grouped and is_whole(self._type))

    @property
    def kind(self) -> tuple[bytes, ...]:
        """What two events of no known shape have in common whose texts may be one."""
        return (b"json", self._name, self._type)

    def rule(self, path: Path, *, nested: bool, usual: bool) -> Rule:
        """How the string at ``path`` is to be looked at, and in which lane.

        ``usual``: it has a name that pieces of texts usually have, or none at all.
        """
        nested = nested or (path == ("delta",) and _ARGUMENTS.search(self._type) is not None)
        if self._is_whole or _name(path) in _MODELS:
            return Rule(Place(path, nested=nested))
        if not usual or not self._is_piece(path):
            return Rule(Place(path, nested=nested, join=Join.APART))
        if not self._is_known(path):
            return Rule(Place(path, nested=nested, join=Join.ALIKE))
        key = self._lane(path)
        return Rule(Place(key[0], nested=nested), key)

    def _lane(self, path: Path) -> LaneKey:
        facts = self._facts
        tags = (
            self._type or None,
            *[facts.get(tag) for tag in _TAG_PATHS],
            facts.get((*path[:-1], "thought")),
        )
        return self._numbered(path), tags

    def _is_known(self, path: Path) -> bool:
        """Whether the shape of the event tells that the piece goes on in the next."""
        if self._grouped:
            return True
        if ("done",) in self._facts:
            return path in _OLLAMA
        return path[:1] == ("delta",) and _KNOWN.match(self._type) is not None

    def _is_piece(self, path: Path) -> bool:
        if self._grouped:
            if path[0] == "choices":
                return path[2] == "delta" or path[2:] == ("text",)
            return path[0] == "candidates" and path[2] == "content"
        return _NO_LANE.isdisjoint(path[:-1])

    def _numbered(self, path: Path) -> Path:
        return tuple(
            self._index(path[: at + 1], part) if isinstance(part, int) else part
            for at, part in enumerate(path)
        )

    def _index(self, path: Path, position: int) -> int:
        index = self._facts.get((*path, "index"), b"")
        return int(index) if index.isdigit() and len(index) < _LONGEST_INDEX else position

    def ending(self) -> Ending:
        """The lanes that end with this event, or before it.

        One that says of nothing that it is over ends nothing: usage, filter results, news of a
        response stand between the pieces of a text too.
        """
        facts = self._facts
        if ("jsonrpc",) in facts:
            return NONE
        if self._over(()):
            return ALL
        groups = [path for path in facts if len(path) == 2 and path[0] in GROUPS]
        if groups:
            return Ending(groups=tuple(self._numbered(path) for path in groups if self._over(path)))
        if self._grouped or not _OVER.search(self._type):
            return NONE
        return Ending(tags=(self._type, *[facts.get(tag) for tag in _TAG_PATHS], None))

    def _over(self, path: Path) -> bool:
        return any(self._facts.get((*path, name)) not in _NOTHING for name in _FINISH)
