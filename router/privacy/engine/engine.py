"""The router's side of a language model: texts in pieces to the crew, findings back."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from router.privacy.engine.crew import Crew, CrewOptions
from router.privacy.engine.models import ENTITIES
from router.privacy.engine.worker import FINDING
from router.privacy.pieces import pieces
from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from router.privacy.pieces import Piece

_LONGEST: Final = 4 << 10
_AROUND: Final = 160
"""Characters of a piece, and of what it sees of its neighbours."""

_WORD: Final = re.compile(r"[^\W\d_]{2}")


class Engine:
    """Finds names of ``entities`` by the model ``names`` (``spacy:<model>`` and the like).

    ``budget``: CPU seconds that a piece of 4 KiB may cost; its process is ended at that.
    """

    def __init__(
        self,
        names: str,
        entities: Iterable[str],
        threshold: float,
        *,
        children: int = 2,
        budget: float = 2.0,
        patience: float = 10.0,
    ) -> None:
        self._entities = tuple(sorted(ENTITIES & set(entities)))
        self.crew = Crew(
            CrewOptions(
                names=names,
                entities=self._entities,
                threshold=threshold,
                children=children,
                budget=budget,
                patience=patience,
            )
        )

    @property
    def ready(self) -> bool:
        """Whether a worker is loaded."""
        return self.crew.ready

    async def until_ready(self) -> None:
        """Returns when a worker is loaded."""
        await self.crew.loaded.wait()

    def may_hold(self, text: str) -> bool:
        """Whether there is a word in ``text``."""
        return _WORD.search(text) is not None

    async def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """The findings in each text; PrivacyUnavailableError where one could not be looked at."""
        asked = [
            (index, piece)
            for index, text in enumerate(texts)
            if self.may_hold(text)
            for piece in pieces(text, _LONGEST, _AROUND, _AROUND)
        ]
        found: list[list[Span]] = [[] for _ in texts]
        if not asked:
            return found
        answers = await self.crew.run(
            [piece.text.encode("utf-8", "surrogatepass") for _, piece in asked]
        )
        for number, ((index, piece), answer) in enumerate(zip(asked, answers, strict=True), 1):
            found[index] += self._unpack(piece, answer)
            if number % 512 == 0:
                await asyncio.sleep(0)
        return found

    def _unpack(self, piece: Piece, answer: bytes) -> Iterator[Span]:
        for start, end, number, score in FINDING.iter_unpack(answer):
            begin = piece.offset + start
            if piece.start <= begin < piece.end:
                yield Span(begin, piece.offset + end, self._entities[number], score)
