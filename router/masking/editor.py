"""The editor that masks: which words at which place, and what is remembered along a stream."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, ClassVar

from router.body.filters import JOIN_APART, JOIN_TEXT, Edit
from router.masking.leaks import Leaks
from router.masking.matcher import CONTEXT, Matcher
from router.masking.models import MODEL_KEYS, ModelsPolicy, compile_models
from router.masking.places import is_model, level_of
from router.masking.shipped import DROPPED_MEMBERS
from router.masking.vocabulary import MODEL, NAMED, Level, compile_vocabulary
from router.tuples import made

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from router.body.filters import Place

_LONGEST_MODEL = 256
_MOST_LANES = 1024
_KNOWN_FIELDS = 256
_LONGEST_KNOWN_FIELD = 256


class Masking:
    """What a configuration masks, compiled once; makes an editor for each exchange.

    ``vendors`` is word -> brand, ``models`` the caller's name -> the vendor's, ``hosts`` the
    upstreams' own names. Raises ValueError for an empty brand or word.
    """

    def __init__(
        self,
        brand: str,
        *,
        vendors: Mapping[str, str] | None = None,
        models: Mapping[str, str] | None = None,
        models_policy: ModelsPolicy = "pass",
        hosts: Iterable[str] = (),
    ) -> None:
        entries = compile_vocabulary(brand, vendors, models, hosts)
        self.models = compile_models(brand, models, models_policy)
        watched = DROPPED_MEMBERS | self.models.to_alias.keys()
        if models_policy != "pass":
            watched |= MODEL_KEYS
        self.watched = watched
        """Names of members that an editor's ``hits`` tells of too."""
        self.matcher = Matcher(entries, sorted(watched))
        self.leaks = Leaks(entries)
        # Not of a method: that would be a cycle, and keep what is replaced by a new configuration.
        self._field = lru_cache(_KNOWN_FIELDS)(partial(_masked_field, self.matcher))

    def editor(self, *, asked: str = "", failed: bool = False) -> MaskEditor:
        """An editor for one answer.

        ``asked`` is the model's name as this caller gave it; ``failed``: the status is 400 or
        above, so that nothing in the answer is prose.
        """
        return MaskEditor(self, asked=asked, failed=failed)

    def field(self, value: bytes) -> bytes:
        """The masked form of a header field's value; short ones are remembered."""
        known = len(value) <= _LONGEST_KNOWN_FIELD
        return self._field(value) if known else _masked_field(self.matcher, value)

    def text(self, text: str, level: Level = NAMED) -> str:
        """The masked form of a whole ``text`` that stands outside any body."""
        return _masked_text(self.matcher, text, level)


def _masked_text(matcher: Matcher, text: str, level: Level) -> str:
    edits, _ = matcher.scan(text, level)
    return applied(text, edits, len(text)) if edits else text


def _masked_field(matcher: Matcher, value: bytes) -> bytes:
    text = value.decode("latin-1")
    masked = _masked_text(matcher, text, NAMED)
    return value if masked == text else masked.encode("latin-1", "replace")


class MaskEditor:
    """Masks one answer; an Editor, and a ``SettlingEditor`` for ``MaskThenRestore``.

    ``masked`` counts replacements, ``leaks`` the vendor words that went out all the same. A lane
    is known by its path: of each that is not final the last characters are remembered, since
    whether a word begins depends on what stood before it. Of pieces that may be records of their
    own (``Join``) nothing is.
    """

    awkward: ClassVar[bool] = False
    """What is put in needs no escapes, however deep it stands."""

    __slots__ = ("_asked", "_before", "_failed", "_masking", "_suspect", "leaks", "masked")

    def __init__(self, masking: Masking, *, asked: str, failed: bool) -> None:
        self._masking = masking
        self._asked = asked
        self._failed = failed
        self._before: dict[tuple[str | int, ...], str] = {}
        self._suspect = False
        self.masked = 0
        self.leaks = 0

    def untouched(self, raw: bytes, /) -> bool:
        """As :meth:`router.body.hints.Hinting.untouched`.

        The lanes in ``raw`` are not followed: what comes next is taken to begin a word, so the
        doubt falls on the side of masking.
        """
        if not self._masking.matcher.untouched(raw):
            return False
        if self._before:
            self._before.clear()
        return True

    def hits(self, raw: bytes, /) -> list[int] | None:
        """As :meth:`router.body.hints.Pointing.hits`."""
        return self._masking.matcher.hits(raw)

    @property
    def watched(self) -> frozenset[str]:
        """As :attr:`router.body.hints.Pointing.watched`."""
        return self._masking.watched

    def edits(self, text: str, place: Place, final: bool) -> tuple[list[Edit], int]:  # noqa: FBT001  the protocol's own signature
        """As :meth:`router.body.filters.Editor.edits`."""
        looked = self.look(text, place, final=final)
        if final and not (self._suspect or self._before):
            self.masked += len(looked[0])
        else:
            self.settle(text, place, *looked, final=final)
        return looked

    def look(self, text: str, place: Place, *, final: bool) -> tuple[list[Edit], int]:
        """The edits to ``text`` and its settled index; nothing is remembered or counted yet."""
        self._suspect = False
        level = level_of(place, failed=self._failed)
        if level is None:
            return [], len(text)
        join = place.join
        if join is JOIN_APART:
            final = True
        if level is MODEL and is_model(place):
            if not final and len(text) <= _LONGEST_MODEL:
                return [], 0
            alias = self._masking.models.outward(text, self._asked)
            if alias is not None:
                return ([] if alias == text else [made(Edit, (0, len(text), alias))]), len(text)
        matcher = self._masking.matcher
        before = self._before.get(place.path, "") if self._before and not join else ""
        raw = matcher.find(text)
        if not raw:
            return [], len(text) if final else matcher.held(text, level, before)
        judged = matcher.judge(
            text, raw, level, final=final, before=before, whole=join is not JOIN_TEXT
        )
        self._suspect = self._masking.leaks.may_follow(raw, text, judged[0])
        return judged

    def settle(
        self, text: str, place: Place, edits: Sequence[Edit], settled: int, *, final: bool
    ) -> None:
        """Counts what was done and remembers how the text ended."""
        if edits:
            self.masked += len(edits)
        if self._suspect and settled:
            self.leaks += self._masking.leaks.count(applied(text, edits, settled))
        if place.join:
            return
        if final:
            self._before.pop(place.path, None)
        elif settled:
            if len(self._before) >= _MOST_LANES:
                self._before.clear()
            path = place.path
            before = text[max(0, settled - CONTEXT) : settled]
            if settled < CONTEXT:
                before = (self._before.get(path, "") + before)[-CONTEXT:]
            self._before[path] = before


def applied(text: str, edits: Sequence[Edit], settled: int) -> str:
    """``text[:settled]`` with ``edits`` made."""
    if not edits:
        return text[:settled]
    parts: list[str] = []
    at = 0
    for start, end, new in edits:
        parts += (text[at:start], new)
        at = end
    parts.append(text[at:settled])
    return "".join(parts)
