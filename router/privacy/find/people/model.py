"""The model that tells names of people: which words it knows, and what each feature weighs.

``people.model`` is text in UTF-8. Its lines are fields apart by tabulators: ``scale`` and a number
of weight units that make odds of e; then ``words``, bits (see ``features``) and the words that
have them; then ``weigh``, a weight and the features that have it. It is written by
``scripts/train-names``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, inf, log
from typing import Final

_LEANING: Final = log(0.65 / 0.35)
"""A margin of 0, where as much tells for a name as against it, is a score of 0.35.

Margins are learned from known texts; in others half as many of the doubtful ones are names.
"""


@dataclass(frozen=True, slots=True)
class Model:
    """``lexicon``: word to bits; ``weights``: feature to weight, in units of ``scale``."""

    lexicon: dict[str, int]
    weights: dict[str, int]
    scale: float

    def probability(self, margin: float) -> float:
        """How sure a sum of weights is, 0 to 1."""
        return 1 / (1 + exp(_LEANING - max(-50.0, min(50.0, margin / self.scale))))

    def margin(self, probability: float) -> float:
        """The reverse of :meth:`probability`; infinite for 0 and 1."""
        if not 0 < probability < 1:
            return inf if probability > 0 else -inf
        return (log(probability / (1 - probability)) + _LEANING) * self.scale


def parse(lines: str) -> Model:
    """A model from its file's text. Raises ValueError if it is none."""
    lexicon: dict[str, int] = {}
    weights: dict[str, int] = {}
    scale = 0.0
    for line in lines.split("\n"):
        kind, *said = line.split("\t")
        if kind == "words":
            lexicon.update(dict.fromkeys(said[1:], int(said[0])))
        elif kind == "weigh":
            weights.update(dict.fromkeys(said[1:], int(said[0])))
        elif kind == "scale":
            scale = float(said[0])
    if not scale:
        raise ValueError("a model of names has a scale")
    return Model(lexicon, weights, scale)


def dump(model: Model) -> str:
    """The file's text; the same model gives the same text."""
    lines = [f"scale\t{model.scale!r}"]
    for title, table in (("words", model.lexicon), ("weigh", model.weights)):
        grouped: dict[int, list[str]] = {}
        for key in sorted(table):
            grouped.setdefault(table[key], []).append(key)
        lines += ["\t".join((title, str(one), *grouped[one])) for one in sorted(grouped)]
    return "\n".join(lines) + "\n"


@cache
def shipped() -> Model:
    """The model that comes with the router. Loading takes a tenth of a second."""
    return parse(files(__package__).joinpath("people.model").read_text(encoding="utf-8"))
