"""A text as the upstream says it and as the caller should hear it, piece by piece."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

NAMES: Final = ("PERSON_1", "PERSON_12", "EMAIL_ADDRESS_1", "EMAIL_ADDRESS_2", "PHONE_NUMBER_123")

_TRUE: Final = (
    "jane.roe@example.com",
    'Ada "Bee" Roe',
    "C:\\new\\u0041",
    "two\nlines",
    "a<b>&amp;c",
    "Zoë 😀 Łęcka",
    "ends in <",
    " <PERSON_12>",
    "\\",
)
_PLAIN: Final = (
    *("Dear ", "a", " is 1 < 2 & 3 > 2. ", "\n", "```\n", "<b>", "</", "<", "&", "\\", " {", "}"),
    *(
        "é",
        "😀",
        "&lt;",
        "&lt;b&gt;",
        "\\u003",
        "C:\\dir\\",
        "<PERSON",
        "x_1>",
        '"',
        " [Ada](b)",
        "",
    ),
)
_LOOK_ALIKES: Final = (
    *("<PERSON_2> ", "<PERSON_123>", "<EMAIL_ADDRESS_01>", "<EMAIL_ADDRESS_1 ", "<PERSON_1 >"),
    *("&lt;PERSON_1>", "&lt;PERSON_1 ", "<person_3>", "\\u003cPERSON_1 ", "\\<PERSON_1>>"[:10]),
)


def values(rng: Random) -> dict[str, str]:
    """The placeholders of one request; some need no escape anywhere."""
    pool = _TRUE if rng.randrange(3) else _TRUE[:1]
    return {f"<{name}>": rng.choice(pool) for name in NAMES}


def escaped(text: str, times: int = 1) -> str:
    """``text`` within a JSON string, ``times`` deep."""
    for _ in range(times):
        text = json.dumps(text, ensure_ascii=False)[1:-1]
    return text


@dataclass
class Said:
    """``pieces`` are pairs: sent, and heard."""

    pieces: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sent(self) -> str:
        return "".join(sent for sent, _ in self.pieces)

    @property
    def heard(self) -> str:
        return "".join(heard for _, heard in self.pieces)

    def heard_of(self, upto: int) -> str:
        """What ``sent[:upto]`` is to the caller; no placeholder is cut by ``upto``."""
        out = ""
        for sent, heard in self.pieces:
            if upto < len(sent):
                assert sent == heard or not upto, "within a placeholder"
                return out + heard[:upto]
            out += heard
            upto -= len(sent)
        return out


def _cased(rng: Random, name: str) -> str:
    return rng.choice((name, name, name, name.lower(), name.title()))


def _spelt(rng: Random, name: str, value: str) -> tuple[str, str, bool]:
    """A spelling in a text, what it becomes there, and whether that is markup."""
    name = _cased(rng, name)
    marked = name.replace("_", "\\_")
    return rng.choice(
        (
            (f"<{name}>", value, False),
            (f"<{name}>", value, False),
            (f"<{marked}>", value, False),
            (f"\\<{name}\\>", value, False),
            (f"\\<{marked}\\>", value, False),
            (f"\\u003c{name}\\u003e", escaped(value), False),
            (f"\\u003C{name}\\u003E", escaped(value), False),
            (f"&lt;{name}&gt;", value, True),
            (f"&#60;{name}&#62;", value, True),
            (f"&#x3C;{name}&#X3e;".replace("X", "x"), value, True),
        )
    )


def prose(
    rng: Random,
    true: Mapping[str, str],
    *,
    within: str = "json",
    clean: Callable[[str], str] = lambda text: text,
) -> Said:
    """A text with placeholders in it. ``within``: a member of ``json``, ``text`` or ``html``."""
    said = Said()
    for _ in range(rng.randrange(1, 9)):
        what = rng.randrange(5)
        if what < 2:
            text = clean(rng.choice(_PLAIN))
            said.pieces.append((text, text))
        elif what < 3:
            text = rng.choice(_LOOK_ALIKES)
            said.pieces.append((text, text))
        else:
            name = rng.choice(NAMES)
            sent, heard, markup = _spelt(rng, name, true[f"<{name}>"])
            if within == "html" or (markup and within == "json"):
                heard = html.escape(heard)
            said.pieces.append((sent, heard))
    return unmixed(said, true)


def unmixed(said: Said, true: Mapping[str, str]) -> Said:
    """The same with a blank where two pieces together would say another placeholder."""
    out = Said()
    for sent, heard in said.pieces:
        before = out.sent[-40:]
        plain = sent == heard
        if before and plain and ">" in sent.replace("&gt;", ">").replace("\\u003e", ">"):
            out.pieces.append((" ", " "))
        if before.endswith("\\") and sent[:1] in ("<", "\\", "u"):
            out.pieces.append((" ", " "))
        out.pieces.append((sent, heard))
    return out


def arguments(rng: Random, true: Mapping[str, str]) -> Said:
    """Tool arguments: JSON whose strings hold texts, or JSON with texts in it, twice at most."""
    said = Said()
    _object(rng, true, said, depth=1)
    return said


def _object(rng: Random, true: Mapping[str, str], said: Said, depth: int) -> None:
    def put(text: str) -> None:
        written = escaped(text, depth - 1)
        said.pieces.append((written, written))

    put("{")
    for number in range(rng.randrange(1, 4)):
        put(f'{", " if number else ""}"m{number}": ')
        if depth < 3 and not rng.randrange(3):
            put('"')
            _object(rng, true, said, depth + 1)
            put('"')
            continue
        if not rng.randrange(4):
            put(rng.choice(("12.5", "null", "[1, true]", "{}")))
            continue
        put('"')
        for sent, heard in prose(rng, true).pieces:
            said.pieces.append((escaped(sent, depth), escaped(heard, depth)))
        if not rng.randrange(3):
            name = rng.choice(NAMES)
            slash = "\\" * 2 ** (depth - 1)
            sent = f" {slash}u003c{name}{slash}u003e"
            said.pieces += [(" ", " "), (sent[1:], escaped(true[f"<{name}>"], depth))]
        put('"')
    put("}")
