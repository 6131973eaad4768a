"""Speed and quality of the detector of personal data, beside other detectors.

On made-up texts; on labelled ones and on texts without personal data where folders are named.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

from bench.detectors import detectors
from bench.hostile import SIZE, slowest, steps
from bench.labelled import Labelled, false_spans, read, score
from bench.texts import CLEAN, NUMBERS, digits, made

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bench.detectors import Find

_LONGEST: Final = 20_000
"""Characters of a text without personal data that are looked at."""


def cpu(find: Callable[[str], object], texts: list[str], seconds: float) -> float:
    """CPU µs a text: the median of rounds over all of ``texts``."""
    rounds: list[float] = []
    until = time.monotonic() + seconds
    while len(rounds) < 3 or time.monotonic() < until:
        begun = time.thread_time()
        for text in texts:
            find(text)
        rounds.append((time.thread_time() - begun) / len(texts) * 1e6)
    return sorted(rounds)[len(rounds) // 2]


def speed(finders: Mapping[str, Find], seconds: float) -> None:
    """Prints what texts of several kinds cost."""
    chance = random.Random(1)
    texts = {
        "200 characters, clean": [CLEAN[:200]],
        "200 characters, numbers": [NUMBERS[:200]],
        "200 characters, 4 findings": [made(chance, 4).text[:200] for _ in range(20)],
        "20,000 characters, clean": [CLEAN * 104],
        "20,000 characters, dense": [made(chance, 400).text[:20_000]],
        "20,000 digits in groups": [" ".join(digits(chance, 4) for _ in range(4000))],
    }
    print(f"{'CPU µs a text':28}" + "".join(f"{name:>12}" for name in finders))
    for name, some in texts.items():
        times = [cpu(find, some, seconds) for find in finders.values()]
        print(f"{name:28}" + "".join(f"{spent:>12.1f}" for spent in times), flush=True)


def quality(finders: Mapping[str, Find], name: str, texts: list[Labelled]) -> None:
    """Prints recall, precision and the labelled characters that would leave, by kind."""
    scores = {who: score(find, texts) for who, find in finders.items()}
    for kind, first in next(iter(scores.values())).items():
        print(f"{name[:24]:25}{kind:18}{first.labels:>6}", end="")
        for who in finders:
            told = scores[who][kind]
            print(f"{told.recall:>9.3f}{told.precision:>6.3f}{told.leaking:>7}", end="")
        print(flush=True)


def quiet(finders: Mapping[str, Find], folder: Path) -> None:
    """Prints how much is found where there should be nothing, by folder."""
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        texts = [
            path.read_text(encoding="utf-8", errors="replace")[:_LONGEST]
            for path in sorted(kind.rglob("*"))
            if path.is_file()
        ]
        print(f"{kind.name[:24]:28}", end="")
        for find in finders.values():
            words, found = false_spans(find, texts)
            print(f"{sum(found.values()) / max(words, 1) * 1000:>12.2f}", end="")
        print(flush=True)


def main(seconds: float, labelled: Path | None, plain: Path | None) -> None:
    finders = detectors()
    speed(finders, seconds)
    spent = ", ".join(f"{name!r} {took:.0f}" for took, name in slowest(finders["router"]))
    print(f"\nhostile texts of {SIZE:,} characters, the slowest, CPU ms: {spent}")
    rounds = steps()
    late = rounds[len(rounds) * 999 // 1000]
    print(f"the event loop waits, CPU ms: p99.9 {late:.1f}, longest {rounds[-1]:.1f}")
    print(f"\n{'labels of a kind':49}" + "".join(f"{who:>22}" for who in finders))
    print(f"{'':49}" + f"{'recall':>9}{'prec.':>6}{'leaks':>7}" * len(finders))
    chance = random.Random(2)
    texts = [made(chance, 5) for _ in range(300)]
    quality(finders, "made up", [Labelled(one.text, one.labels) for one in texts])
    if labelled is not None:
        for path in sorted(labelled.glob("*.jsonl")):
            quality(finders, path.stem, list(read(path)))
    if plain is not None:
        print(f"\n{'found per 1,000 words':28}" + "".join(f"{who:>12}" for who in finders))
        quiet(finders, plain)
