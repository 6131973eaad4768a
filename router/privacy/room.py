"""How many values one body may have, whatever documents, lines, fields and files they stand in."""

from __future__ import annotations

from typing import Final

from router.body.json_whole import TooManyStrings

MOST: Final = 100_000


class Room:
    """What is left for the values of one body: each part of it takes its own."""

    __slots__ = ("left",)

    def __init__(self, most: int = MOST) -> None:
        self.left = most

    def take(self, values: int) -> None:
        """Takes room for ``values``. Raises TooManyStrings where less is left."""
        if values > self.left:
            raise TooManyStrings("more values than one body may have")
        self.left -= values
