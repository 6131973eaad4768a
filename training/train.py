"""From texts to a model: examples of words, their weights, and what is kept of them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Final

from router.privacy.find.people.features import (
    FAMILY,
    GIVEN,
    Token,
    around_run,
    beside,
    fold,
    known,
    neighbours,
    token,
)
from router.privacy.find.people.model import Model
from router.privacy.find.people.runs import runs
from training.fill import Filler
from training.labelled import documentation
from training.lexicon import build
from training.perceptron import Example, averaged, scale_of
from training.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SEED: Final = 20
_TIMES: Final = 28
"""How often each template is filled."""

_ROUNDS: Final = 5
_FORGOTTEN: Final = 0.25
"""Share of names that the lexicon is made to forget, so that unknown ones are learned from, too."""

_FEWEST: Final = 3
"""Words in which a feature stands, to be learned."""

_UNITS: Final = 4
"""What a weight of 1 becomes, before it is rounded."""


def train(labelled: Iterable[Text]) -> Model:
    """A model of ``labelled`` texts, templates and Python's documentation."""
    random = Random(_SEED)  # noqa: S311  chance that is the same each time
    texts = [*labelled, *Filler(random).texts(_TIMES), *documentation()]
    lexicon = build(texts)
    told = [one for text in texts for one in _examples(text, lexicon, random)]
    numbers, examples = _numbered(told)
    weights = averaged(examples, len(numbers), _ROUNDS, random)
    units = {feature: round(weights[number] * _UNITS) for feature, number in numbers.items()}
    margins = [sum(weights[one] for one in features) * _UNITS for features, _ in examples]
    scale = scale_of(margins, [name for _, name in examples])
    return Model(lexicon, {key: weight for key, weight in units.items() if weight}, scale)


def _examples(
    text: Text, lexicon: Mapping[str, int], random: Random
) -> Iterator[tuple[list[str], bool]]:
    forgotten: dict[str, bool] = {}
    for words in runs(text.text, lexicon):
        names = [_inside(start, end, text.names) for _, start, end in words]
        if not text.sure and not any(names) and _looks_like_name(words, lexicon):
            continue
        tokens = [_token(word, lexicon, forgotten, random) for word, _, _ in words]
        whole, each = around_run(tokens, neighbours(text.text, words[0][1], words[-1][2]))
        for at, one in enumerate(tokens):
            if one.kind not in {"p", "h"}:
                own = [start + one.kind for start in each]
                yield [*whole, *own, *one.features, *beside(tokens, at)], names[at]


def _token(
    word: str, lexicon: Mapping[str, int], forgotten: dict[str, bool], random: Random
) -> Token:
    folded = fold(word)
    bits = known(folded, lexicon)
    if bits & (GIVEN | FAMILY):
        if word not in forgotten:
            forgotten[word] = random.random() < _FORGOTTEN
        if forgotten[word]:
            bits &= ~(GIVEN | FAMILY)
    return token(word, folded, bits)


def _inside(start: int, end: int, names: Iterable[tuple[int, int]]) -> bool:
    return any(2 * (min(end, stop) - max(start, begin)) >= end - start > 0 for begin, stop in names)


def _looks_like_name(words: list[tuple[str, int, int]], lexicon: Mapping[str, int]) -> bool:
    known_as = [known(fold(word), lexicon) for word, _, _ in words]
    return any(first & GIVEN and last & FAMILY for first, last in pairwise(known_as))


def _numbered(told: list[tuple[list[str], bool]]) -> tuple[dict[str, int], list[Example]]:
    counts = Counter(feature for features, _ in told for feature in features)
    numbers: dict[str, int] = {}
    examples: list[Example] = []
    for features, name in told:
        kept = [one for one in features if counts[one] >= _FEWEST]
        examples.append((tuple(numbers.setdefault(one, len(numbers)) for one in kept), name))
    return numbers, examples
