"""In other European languages a capital tells no name: what is known, or has a title, does."""

from __future__ import annotations

import pytest

from router.privacy.find.around import Around
from router.privacy.find.people.languages import Speech
from router.privacy.find.people.people import People

PEOPLE = People(0.35)


def names(text: str) -> list[str]:
    found = {span[:2] for span in PEOPLE.find(text, Around(text)) if span is not None}
    return [text[start:end] for start, end in sorted(found)]


@pytest.mark.parametrize(
    "text",
    [
        "Können Sie mir bitte helfen?",
        "Vielen Dank für Ihre Anfrage und Ihre Bestellung. Die Ware geht heute an Sie.",
        "Die Heizung ist kaputt. Bei Fragen bitte anrufen, mit freundlichen Grüßen",
        "Jeśli masz pytania, zadzwoń. Urząd Miasta jest zamknięty. Zarząd przyjął uchwałę.",
        "El departamento de Recursos Humanos está en el Paseo de Gracia, gracias por todo.",
        "A Transferência foi enviada para a sua conta na Quinta-feira, não é?",
        "Le loyer est payé devant le Tribunal Judiciaire de Paris, merci pour votre aide.",
        "Il Consiglio di Amministrazione approva il bilancio, che sarà inviato alla Camera.",
        "Fakturan är betald och Kundtjänst svarar inte.",
        "Lütfen fatura için Müşteri Hizmetleri ile bir daha görüşün.",
    ],
)
def test_ordinary_words_with_capitals_are_no_names(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hallo Sören, kannst du bitte Viktor anrufen?", ["Sören", "Viktor"]),
        ("Bei Fragen erreichen Sie Herrn Bachinger unter der Nummer.", ["Bachinger"]),
        ("Sehr geehrte Frau Pölitz, vielen Dank für Ihre Bestellung.", ["Pölitz"]),
        ("Hola Raúl, soy Héctor. Mi dirección nueva es esta.", ["Raúl", "Héctor"]),
        ("Szanowny Panie Siemieńczuk, dziękujemy za zamówienie.", ["Siemieńczuk"]),
        ("Bonjour Gérard, peux-tu appeler Solène pour moi ?", ["Gérard", "Solène"]),
        ("Reunião com Luísa da Silva para não perder mais tempo.", ["Luísa da Silva"]),
        ("Hej Sven, jag skriver om fakturan till Björn Lindqvist.", ["Sven", "Björn Lindqvist"]),
    ],
)
def test_names_stay_without_salutations(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Please ask Maria de la Cruz, Jan van der Berg and Luís dos Santos to call.",
        "The café in Los Angeles that has a good résumé of the Des Moines case.",
        "Maria de la Cruz\nJan van der Berg\nLudovica del Po",
        "x" * 256 * 3,
        "",
    ],
)
def test_english_and_names_alone_are_no_other_language(text: str) -> None:
    assert not any(Speech(text).is_other(at) for at in range(0, len(text) + 1, 50))


def test_pieces_of_words_do_not_tell() -> None:
    text = ("g" * 250 + " undoing bitterly ") * 8
    assert not any(Speech(text).is_other(at) for at in range(0, len(text), 100))


def test_a_long_english_text_is_read_as_such_far_from_a_quotation() -> None:
    english = "Please ask Quillon Zvonar about the contract that we have. "
    text = (
        english * 30
        + "Ich bitte Sie, das nicht zu vergessen, und wir danken für die Anfrage. " * 10
    )
    speech = Speech(text)
    assert not speech.is_other(0)
    assert speech.is_other(len(text) - 1)


@pytest.mark.parametrize(
    "text",
    ["please use ceil and floor", "jasmine tests fail in ci", "tilde expansion in bash", "amber"],
)
def test_one_word_in_small_letters_is_no_name_unless_it_is_announced(text: str) -> None:
    people = People(0.35)
    assert [one for one in people.find(text, Around(text)) if one is not None] == []
    told = f"my name is {'jasmine'}"
    assert [one for one in people.find(told, Around(told)) if one is not None]
