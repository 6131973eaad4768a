"""Names in texts of other European languages than the one that the weights were learnt from.

German writes every noun with a capital, and unknown capitalised words of all of them look like
names. So in a text that small words tell for one of them, a name is taken only if the lexicon has
a word of it as a person's, or a title or a salutation stands before it. Salutations, pronouns and
titles are cut from its beginning. English text is left as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.privacy.find.people.features import (
    COMMON,
    FAMILY,
    GIVEN,
    PARTICLES,
    THING,
    TITLES,
    fold,
    known,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from router.privacy.find.people.runs import Word


def _of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OTHERS: Final = (
    _of(  # German, Dutch: none of them is English, nor a particle of names
        "und das ist nicht ich wir sie ihr ihre ihren ihnen mir mich uns mit ein eine einen auf "
        "dem oder auch bitte vielen sind wird haben wurde zum zur bei vom nach kann können werden "
        "aber wenn noch nur durch als sehr geehrte geehrter freundlichen unter geht habe kannst "
        "Sie Ihre Ihr Ihnen Können Wir Ich Bitte Vielen Das Wenn Mit Bei Bitten Hiermit "
        "het een niet voor zijn naar wij uw bedankt "
        # Polish, Turkish, Swedish
        "jest nie jak dla oraz przez lub masz mnie ale "
        "czy się że jeśli Nie Czy Dla nas kwota odbiorca "
        "bir için ve bu ile olarak daha gibi ama lütfen veya "
        "och att som för inte är på det jag ett eller ska vill också "
        # Spanish, Portuguese, French
        "que los las por para como pero este esta sus muy favor gracias fecha tipo nacimiento soy "
        "desde hasta valor concepto importe lunes "
        "não uma mais seu sua foi pela pelo aos aqui meu obrigado enviada "
        "les une est pour dans avec vous nous votre notre sur pas qui aux mais merci cette ou je "
        "devant chez sont bien peux permets Virement "
        # Italian
        "che il Il sono causale importo gli nel nella alla dal questo anche lei sarà presso"
    )
    - PARTICLES
)
_WEAK: Final = (
    _of(
        "die per no na en con un e au te com par med till om har av deze "
        "me mi od po tu pod motif nos ha"
    )
    - PARTICLES
)
"""Words of theirs that are rare in English."""

_ENGLISH: Final = _of(
    "the and of to is for with you that it this are be have your we by from on his he at but or "
    "she had been were they their would which who when what if not out about can my our has The It"
)
_WORDS: Final = re.compile(r"[^\W\d_]+")
_STRONG, _LEAST, _MOST_PARTICLES = 2, 4, 3
"""What a word of other languages counts, what tells a text for one, what particles add up to.
Names alone never tell: ``Maria de la Cruz``."""

_BEYOND_LATIN: Final = "\u0250"
_PIECE: Final = 256
"""Characters told as one, with as many to either side."""

_NO_NAMES: Final = _of(
    # pronouns and first words
    "sie ihr ihre ihren ihrem ihnen wir ich es die der das den dem ein eine bei fur mit vielen "
    "danke dank konnen konnten bitte hiermit wenn wie was wann wo warum bin ist jesli czy nie ja "
    "obecni prosze dziekuje el los las una le les la il lo gli soy aqui quando como si se por que "
    # salutations
    "hallo liebe lieber sehr geehrte geehrter gruss grusse guten moin estimado estimada querido "
    "querida hola gracias prezado prezada caro cara ola oi obrigado obrigada bonjour bonsoir salut "
    "cher chere merci szanowny szanowna szanowni czesc witam panstwo ciao gentile buongiorno "
    "egregio egregia salve grazie hej tack hejsan merhaba sayin beste geachte dag "
    # titles
    "herr herrn frau sr sra srta dra don dona senor senora sig sigra dott dottor dottoressa maitre "
    "mme mlle monsieur madame pan pani panie panu pana hausarzt patient kunde"
)
"""Folded, at the beginning of a run: no part of a name."""

_HEADINGS: Final = _of(
    "rua via viale calle paseo avenida avenue boulevard travessa praca plaza place piazza corso "
    "strasse platz impasse ulica plac camara tribunal ayuntamiento mairie comune urzad consiglio "
    "consejo conselho renda alquiler loyer affitto czynsz miete recursos ressources risorse "
    "servicio servico service servizio departamento banco banque banca bank"
)
"""Folded, at the beginning: streets, offices and payments, which are named after people."""

_NOUNS: Final = _HEADINGS | _of(
    "ware waren moulin heizung termin rechnung frage tag mai april juni juli august januar "
    "montag dienstag mittwoch freitag samstag sonntag mayo marzo abril enero lunes martes "
    "domingo sabado konto stadt markt haus garten winter sommer wasser feld berg post recht "
    "zeit kraft grund ende quinta-feira segunda-feira terca-feira quarta-feira sexta-feira"
)
"""Folded; family names, too, that are mostly something else in these languages."""

_TITLED: Final = re.compile(r"([^\W\d_][^\W\d_.]*(?:\.[^\W\d_]+)?)\.? \Z")
_BEFORE: Final = 16
_HEADS: Final = TITLES | _of(
    "herrn pan pani panie panu pana sra srta dra don dona sig sig.ra dott dott.ssa maitre med "
    "gruss soy hola ciao oi sou"
)
_SURE: Final = 40
"""The margin of a single word that the lexicon has."""

_FAR: Final = 190
"""The margin of a name that it has no word of."""


class Speech:
    """Tells which pieces of one text are written in another language; each is read once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._told: dict[int, bool] = {}

    def is_other(self, at: int) -> bool:
        """Whether what stands around ``text[at]`` is in one of the languages told here."""
        piece = at // _PIECE
        if piece not in self._told:
            self._told[piece] = _is_other(self._words(piece))
        return self._told[piece]

    def _words(self, piece: int) -> set[str]:
        """Whole ones: a piece of a word may look like another language's."""
        begin, end = max(0, (piece - 1) * _PIECE), (piece + 2) * _PIECE
        words = _WORDS.findall(self._text, begin, end)
        return set(words[bool(begin) : -1 if end < len(self._text) else None])

    def is_titled(self, start: int) -> bool:
        """Whether a title or a salutation stands directly before."""
        found = _TITLED.search(self._text[max(0, start - _BEFORE) : start])
        return found is not None and fold(found.group(1)) in _HEADS


def _is_other(words: set[str]) -> bool:
    strong = len(words & _OTHERS) + sum(map(_is_accented, words - _OTHERS))
    weak = len(words & _WEAK) + min(len(words & PARTICLES), _MOST_PARTICLES)
    return _LEAST <= _STRONG * strong + weak > _STRONG * len(words & _ENGLISH)


def _is_accented(word: str) -> bool:
    """Whether a word in small Latin letters has other than English ones."""
    return word.islower() and len(word) > 1 and not word.isascii() and max(word) < _BEYOND_LATIN


def name_in(
    words: Sequence[Word], margin: float, lexicon: Mapping[str, int], speech: Speech
) -> Sequence[Word]:
    """What of ``words`` is a name in a text of another language: none, the end of it or all."""
    first = 0
    while first < len(words) and fold(words[first][0]) in _NO_NAMES:
        first += 1
    rest = words[first:]
    named = [fold(one) for one, _, _ in rest if one not in PARTICLES]
    if not named or (named[0] in _HEADINGS and len(named) > 1):
        return ()
    if speech.is_titled(rest[0][1]) or margin > _FAR:
        return rest
    bits = [known(one, lexicon) for one in named if one not in _NOUNS | _NO_NAMES]
    people = [one for one in bits if one & (GIVEN | FAMILY)]
    if len(named) > 1:
        return rest if any(margin > _least(one | GIVEN) for one in people) else ()
    return rest if people and margin > _least(people[0]) else ()


def _least(bits: int) -> int:
    """The margin that one known word needs alone."""
    if bits & (COMMON | THING):
        return 2 * _SURE
    return -_FAR if bits & GIVEN else _SURE
