"""Places in a request: a subset of JSONPath (RFC 9535), spelt as the 422 of a refusal spells them.

``$.messages[*].content``, ``$..text``, ``$['odd name'][0]``, ``query.email``, ``form.note``,
``header.x-note``, ``path[1]``. A place holds what stands below it too.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field

from router.config.values import wrong


class Any(Enum):
    """``ONE``: any name or index. ``DEEP``: any number of them, none too."""

    ONE = 1
    DEEP = 2


Step: TypeAlias = str | int | Any

_ROOT: Final = re.compile(r"\$|query|form|path|header|body")
_STEP: Final = re.compile(
    r"(?P<deep>\.\.(?=[\w*\[]))?"
    r"(?:(?P<any>\.?\*|\[\*\])|\[(?P<index>\d{1,6})\]|\[(?P<quote>['\"])(?P<quoted>.+?)(?P=quote)\]"
    r"|(?P<dot>\.)?(?P<name>[\w-]+))"
)


def steps(place: str) -> tuple[Step, ...]:
    """The steps of a place, its root (``$``) first. Raises ValueError where it is none."""
    root = _ROOT.match(place)
    if root is None:
        raise ValueError("no root")
    found: list[Step] = [root.group()]
    at = root.end()
    while at < len(place):
        step = _STEP.match(place, at)
        if step is None or (step["name"] and not step["deep"] and not step["dot"]):
            raise ValueError("no step")
        if step["deep"]:
            found.append(Any.DEEP)
        found.append(_step(step))
        at = step.end()
    return tuple(found)


def _step(step: re.Match[str]) -> Step:
    if step["any"]:
        return Any.ONE
    if step["index"]:
        return int(step["index"])
    return step["quoted"] or step["name"]


def _checked(value: str) -> str:
    try:
        steps(value)
    except ValueError:
        raise wrong(
            "should be a place: $.messages[*].content, $..text, query.email, form.note, path[1]"
        ) from None
    return value


Place = Annotated[str, AfterValidator(_checked), Field(max_length=256)]
