"""Making named tuples where it counts."""

from __future__ import annotations

from typing import Final

made: Final = tuple.__new__
"""``made(Place, (path, key, nested, join))``: in half the time of calling the class (CPython 3.11).

All values in order: neither defaults nor names are filled in.
"""
