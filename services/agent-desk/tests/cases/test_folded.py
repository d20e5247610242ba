"""What of a mail is folded: quotations and signatures of mail programs, never what a citizen wrote."""

from time import process_time

import pytest

from agent_desk.domain.cases.folded import Folded, fold

WORDS = "Bonjour,\n\nvoici le plan.\nMerci de votre réponse."
GMAIL = "Le lun. 12 oct. 2026 à 18:22, Mairie de Saint-Aubin-des-Prés <contact@mairie.example> a écrit :"
TWO_LINES = "Le lun. 12 oct. 2026 à 18:22, Mairie de Saint-Aubin-des-Prés\n<contact@mairie.example> a écrit :"
ENGLISH = "On Mon, 12 Oct 2026 at 18:22, Town hall <contact@mairie.example> wrote:"
OUTLOOK = (
    "De : Mairie <contact@mairie.example>\nEnvoyé : lundi 12 octobre 2026 18:22\nÀ : Jeanne\nObjet : Votre demande"
)


@pytest.mark.parametrize(
    "beneath",
    [
        f"{GMAIL}\n> Bonjour,\n>\n> De quel côté ?\n",
        f"{TWO_LINES}\n\n> Bonjour,\n> De quel côté ?",
        f"{ENGLISH}\n> Bonjour",
        f"{OUTLOOK}\n\nBonjour Madame,\nde quel côté ?\n",
        "Cordialement,\nJeanne Moreau\n06 39 98 12 34",
        f"Cordialement,\nJeanne Moreau\n\n{GMAIL}\n> Bonjour",
        "-- \nJeanne Moreau",
    ],
)
def test_what_is_quoted_beneath_and_a_signature_are_folded(beneath):
    assert fold(f"{WORDS}\n\n{beneath}") == Folded(WORDS, beneath)


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        "",
        "Merci",
        "Merci\n",
        f"{GMAIL}\n> De quel côté ?\n\nDu côté pair.\n",
        f"{WORDS}\n{GMAIL}\n> De quel côté ?\nDu côté pair.\n> Quand ?\nSamedi.",
        "Bonjour,\n- un banc cassé\n- un arbre tombé\n- un trou",
        WORDS + "\nCordialement\n" + "\n".join(f"P.-S. {number}" for number in range(9)),
        "Le maire a écrit :\nvenez samedi.",
    ],
)
def test_what_somebody_wrote_is_shown(text):
    assert fold(text) == Folded(text)


@pytest.mark.parametrize(
    "hostile",
    [
        "a" + "\n" * 20_000 + "b\nc",
        "On " * 9_000 + "\nLe " + "a écrit " * 9_000,
        ("On " * 200 + "wrote:\n") * 400,
        "> " * 20_000 + "\nx",
        "_" * 20_000 + "\nx",
        ("De : a\n") * 5_000,
        ("CAUTION: mail " * 2_000 + "\n") * 9,
        " \u00a0" * 20_000 + "\nx\ny",
    ],
)
def test_no_text_takes_long(hostile):
    begun = process_time()
    fold(hostile)
    assert process_time() - begun < 1, "a page of many such messages must not stop the desk"
