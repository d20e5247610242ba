"""The words of a text: the same however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.search.stems import stem_of, stems_of
from guichet.search.words import WORD_AT_MOST, folded, words_of


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_any_text_has_words_and_stems_and_they_are_folded(text: str) -> None:
    words = words_of(text)
    assert all(word and word == folded(word) and len(word) <= WORD_AT_MOST for word in words)
    assert len(stems_of(text)) <= len(words)


@given(st.text())
def test_the_words_of_words_are_the_same(text: str) -> None:
    words = words_of(text)
    assert words_of(" ".join(words)) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("L'ÉCOLE d’Éloi", ("ecole", "eloi")),
        ("Cœur de bœuf, ŒUVRE", ("coeur", "de", "boeuf", "oeuvre")),
        ("cafe\u0301 ﬁn", ("cafe", "fin")),
        ("nid-de-poule", ("nid", "de", "poule")),
        ("jusqu'à lundi", ("a", "lundi")),
        ("D'AVRIL", ("avril",)),
        ("M. N’Diaye", ("m", "diaye")),
        ("Straße n° 12", ("strasse", "n", "12")),
    ],
)
def test_french_as_people_write_it(written: str, words: tuple[str, ...]) -> None:
    assert words_of(written) == words


@pytest.mark.parametrize(
    "forms",
    [
        ("fuite", "fuites", "FUITES"),
        ("déménagement", "demenagements", "Déménagement"),
        ("signaler", "signalé", "signalée", "signale"),
        ("école", "écoles", "l’école", "ecole"),
        ("trou", "trous", "Trous"),
        ("pneu", "pneus"),
        ("feu", "feux"),
        ("lieu", "lieux"),
        ("cheveu", "cheveux"),
        ("caillou", "cailloux"),
        ("dangereux", "dangereuse", "dangereuses"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stems_of(form) for form in forms}) == 1


def test_what_stands_everywhere_is_no_stem() -> None:
    assert stems_of("il y a une fuite dans la rue") == (stem_of("fuite"), stem_of("rue"))


def test_what_has_a_digit_is_not_stemmed() -> None:
    assert stems_of("le lot 12ees") == (stem_of("lot"), "12ees")
