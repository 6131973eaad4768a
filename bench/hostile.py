"""Texts that are made to be slow, and how long the event loop waits for any of them."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Final

from bench.texts import made
from router.privacy.detector import Detector
from router.privacy.unavailable import PrivacyUnavailableError

if TYPE_CHECKING:
    from bench.detectors import Find

SIZE: Final = 20_000
_PIECES: Final = (
    *("a.", "1-", ".-", "1 ", "1.", "1/1/", "1,1", "()1", "(4)", "+", "+1 ", "1x", "1xx1 ", "_4"),
    *("2125550143 ", "02079460958 ", "00490301234567 ", "1234567#12 ", "1234567 ext 12 ", "4 4 4~"),
    *("a@", "a@b.co ", "ab:cd:", ":", "a::", "1.1.1.1 ", "12-34-", "GB82 WEST 1234 ", "030/123 x"),
    *("4111 1111 1111 1111 ", "dob 1990 ", "1 A St ", "12 Aa St ", "Via Aa 1 ", "\u4e2d1", "&#64;"),
    *("Aa ", "Jane Doe ", "JANE DOE ", "jane doe ", "O'", "name is ", "\\", "<"),
    *("sk-", "eyJ", "password=", "-----BEGIN ", "Bearer "),
)


def texts(chance: random.Random) -> dict[str, str]:
    """Some by what they repeat, and numbers of all sizes side by side."""
    found = {piece: (piece * SIZE)[:SIZE] for piece in _PIECES}
    found["long word @"] = "a" * (SIZE - 5) + "@b.co"
    found["prices"] = "".join(
        f"{chance.randrange(10**5)}.{chance.randrange(100):02d} " for _ in range(SIZE // 6)
    )[:SIZE]
    found["numbers,"] = "".join(f"{chance.randrange(10**9)}," for _ in range(SIZE // 8))[:SIZE]
    found["base64"] = "".join(
        chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij0123456789+/", k=SIZE)
    )
    return found


def slowest(find: Find, count: int = 5) -> list[tuple[float, str]]:
    """CPU ms of the texts that take longest, each at its best of two."""
    times: list[tuple[float, str]] = []
    for name, text in texts(random.Random(3)).items():
        spent = []
        for _ in range(2):
            begun = time.thread_time()
            find(text)
            spent.append(time.thread_time() - begun)
        times.append((min(spent) * 1e3, name))
    return sorted(times, reverse=True)[:count]


def steps() -> list[float]:
    """CPU ms of each round of the loop while hostile and usual texts are looked through."""
    return asyncio.run(_steps())


async def _steps() -> list[float]:
    detector = Detector()
    await detector.startup()
    await detector.until_ready(60)
    chance = random.Random(4)
    usual = [made(chance, 4).text for _ in range(2000)]
    rounds: list[float] = []
    for some in ([text] for text in (*usual, *texts(chance).values(), made(chance, 400).text)):
        work = asyncio.create_task(_refused_or_not(detector, some))
        while not work.done():
            begun = time.thread_time()
            await asyncio.sleep(0)
            rounds.append((time.thread_time() - begun) * 1e3)
    await detector.shutdown()
    return sorted(rounds)


async def _refused_or_not(detector: Detector, some: list[str]) -> None:
    try:
        await detector.spans(some)
    except PrivacyUnavailableError as refusal:
        print(f"refused ({refusal.reason}): {some[0][:20]!r}")
