"""Letters whose lines were cut on the way out (RFC 3676)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet_mail.read.flowed import unflowed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Le lampadaire \nest éteint.\nMerci", "Le lampadaire est éteint.\nMerci"),
        ("> Vous écriviez \n> hier\nOui", "> Vous écriviez hier\nOui"),
        (">> plus \n> moins", ">> plus \n> moins"),
        ("Bonjour \n-- \nPerrine \nMartin", "Bonjour \n-- \nPerrine Martin"),
        (" > ce n’est pas une citation", "> ce n’est pas une citation"),
        (" From le début", "From le début"),
        ("a\n\nb", "a\n\nb"),
        ("fin ", "fin "),
    ],
)
def test_paragraphs_are_put_together(text: str, shown: str) -> None:
    assert unflowed(text, deletes_space=False) == shown


def test_a_word_that_was_cut_is_whole_again() -> None:
    assert unflowed("https://mairie.example/ \ntravaux", deletes_space=True) == "https://mairie.example/travaux"
    assert unflowed("un  \ndeux", deletes_space=True) == "un deux"


@given(st.text(st.sampled_from("> -ab\n")), st.booleans())
def test_no_word_is_lost(text: str, deletes_space: bool) -> None:
    def letters(of: str) -> str:
        return "".join(filter(str.isalpha, of))

    assert letters(unflowed(text, deletes_space=deletes_space)) == letters(text)
