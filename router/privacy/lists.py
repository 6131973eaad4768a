"""A finder with the operator's own recognisers, deny-list and allow-list around it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from router.errors import DownstreamError
from router.linear import TooManyMatchesError
from router.privacy.find.custom import Allowed, Custom, Listed, Recogniser
from router.privacy.redact import Explains
from router.privacy.spans import Span, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.privacy.redact import Finder

_TURN: Final = 8 << 10
"""Characters looked through within one turn of the loop."""

_BUDGET: Final = 0.00002
"""Seconds of CPU for a character, beside one for all: a pattern may be badly made."""


class Listing:
    """As ``finder``, which is asked first; raises ValueError for a pattern that RE2 does not take.

    What ``recognisers`` find counts like what ``finder`` finds: by entity, by score, and not at
    all where ``allow`` has it. What ``deny`` lists is always found; ``finder`` is not asked for
    the entities that are ``only_denied``.
    """

    def __init__(
        self,
        finder: Finder,
        *,
        recognisers: Sequence[Recogniser] = (),
        allow: Sequence[Listed] = (),
        deny: Sequence[Listed] = (),
        only_denied: frozenset[str] = frozenset(),
    ) -> None:
        self._finder = finder
        self._only_denied = only_denied
        self._own = Custom(recognisers)
        self._denied = Custom(denied=deny)
        self._allowed = Allowed(allow)

    def may_hold(self, text: str) -> bool:
        """Whether anything could be found in ``text``, or in a string of it if it is JSON."""
        return (
            self._finder.may_hold(text) or self._own.may_hold(text) or self._denied.may_hold(text)
        )

    def find(
        self, text: str, *, entities: frozenset[str] | None = None, threshold: float = 0.0
    ) -> list[Span]:
        """The findings in one short text, at once."""
        found = self._finder.find(text, entities=self._asked(entities), threshold=threshold)
        return self._listed([text], (), [found], entities, threshold)[0]

    def _asked(self, entities: frozenset[str] | None) -> frozenset[str] | None:
        return None if entities is None else entities - self._only_denied

    async def spans(
        self,
        texts: Sequence[str],
        *,
        contexts: Sequence[str] = (),
        entities: frozenset[str] | None = None,
        threshold: float = 0.0,
        max_text: int = 1 << 20,
    ) -> list[list[Span]]:
        """As :meth:`router.privacy.redact.Finder.spans`."""
        found = await self._finder.spans(
            texts,
            contexts=contexts,
            entities=self._asked(entities),
            threshold=threshold,
            max_text=max_text,
        )
        if sum(map(len, texts)) > _TURN:
            return await asyncio.to_thread(
                self._listed, texts, contexts, found, entities, threshold
            )
        return self._listed(texts, contexts, found, entities, threshold)

    def explained(self, text: str, context: str = "") -> list[tuple[Span, str]]:
        """As :meth:`router.privacy.detector.Detector.explained`, with what the lists found."""
        found = self._finder.explained(text, context) if isinstance(self._finder, Explains) else []
        found += [(span, "privacy.recognisers") for span in self._own.find(text, context)]
        return [*found, *((span, "privacy.deny") for span in self._denied.find(text))]

    def _listed(
        self,
        texts: Sequence[str],
        contexts: Sequence[str],
        found: Sequence[list[Span]],
        entities: frozenset[str] | None,
        threshold: float,
    ) -> list[list[Span]]:
        until = time.thread_time() + 1 + _BUDGET * sum(map(len, texts))
        listed: list[list[Span]] = []
        for number, (text, spans) in enumerate(zip(texts, found, strict=True)):
            context = contexts[number] if contexts else ""
            wanted = self._wanted(text, context, spans, threshold)
            listed.append(
                resolve(one for one in wanted if entities is None or one.entity in entities)
            )
            if time.thread_time() > until:
                raise _too_much()
        return listed

    def _wanted(
        self, text: str, context: str, spans: Sequence[Span], threshold: float
    ) -> list[Span]:
        try:
            own = [one for one in self._own.find(text, context) if one.score >= threshold]
            return [*self._allowed.kept(text, [*spans, *own]), *self._denied.find(text)]
        except TooManyMatchesError:
            raise _too_much() from None


def _too_much() -> DownstreamError:
    return DownstreamError(413, "the text holds too much to be inspected for personal data")
