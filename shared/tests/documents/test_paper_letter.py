"""A letter on paper says who writes, to whom, about what, and who answers for it, on as many pages as it takes."""

from dataclasses import replace
from datetime import date

import pytest

from guichet_testing.builders import printed

SIGNED = "Pour le maire et par délégation, Nadia Ferrière Responsable du service Stationnement 1, place de la Mairie"


def test_it_says_what_a_letter_owes(printer):
    whole = printed.letter(
        received_on=date(2026, 10, 14), follow_at="demandes.mairie.example", remedies=("Vous disposez de deux mois.",)
    )
    [page] = printer.words(whole)
    for said in (
        "Mairie d’Exemple Service Stationnement 1, place de la Mairie 00000 Exemple 01 99 00 12 00",
        "Référence : 2026-W4HD-93R Votre demande : reçue le 14 octobre 2026 Suivi : demandes.mairie.example",
        "Madame Aïcha Le Goff Bâtiment C 22, avenue du Général-de-Gaulle 00000 Exemple",
        "Exemple, le 15 octobre 2026 Objet : votre recours Madame,",
        SIGNED,
        "Vous disposez de deux mois.",
        "Vos données servent à traiter cette demande. page 1 sur 1",
    ):
        assert said in page


def test_an_agent_whose_anonymity_is_protected_signs_by_their_capacity(printer):
    [page] = printer.words(printed.letter(signature=replace(printed.SIGNATURE, name="", acts_for="")))
    assert "Ferrière" not in page
    assert "distinguée. Responsable du service Stationnement 1, place de la Mairie" in page


@pytest.mark.parametrize("extra", range(28, 52))
def test_pages_are_numbered_and_no_signature_stands_alone_on_one(printer, extra):
    paragraphs = tuple(f"Alinéa {nth}." for nth in range(extra))
    pages = printer.words(printed.letter(paragraphs=paragraphs))
    assert [f"page {nth} sur {len(pages)}" in page for nth, page in enumerate(pages, 1)] == [True] * len(pages)
    assert all("Mairie d’Exemple · 2026-W4HD-93R · 15 octobre 2026" in page for page in pages[1:])
    [signed] = [page for page in pages if "Nadia Ferrière" in page]
    assert f"Alinéa {extra - 1}. {SIGNED}" in signed


def test_the_longest_that_is_typed_is_whole(printer):
    paragraphs = tuple(f"Alinéa {nth} : " + "mot " * 200 + "z" * 300 for nth in range(60))
    pages = printer.words(printed.letter(paragraphs=paragraphs))
    assert len(pages) > 10
    assert "".join(pages).count("mot ") == 60 * 200


def test_in_english_its_frame_is_too(printer):
    [page] = printer.words(
        printed.letter(sheet=printed.sheet(language="en"), received_on=date(2026, 10, 14), follow_at="x.example")
    )
    for said in ("Reference: 2026", "Your request: received on 14 October 2026", "To follow it: x.example",
                 "Exemple, 15 October 2026", "Subject: votre recours", "page 1 of 1"):  # fmt: skip
        assert said in page


def test_a_receipt_says_what_it_is_and_its_mentions(printer):
    [page] = printer.words(printed.receipt(remedies=("Voies de recours.",), follow_at="x.example"))
    for said in ("Votre demande : reçue le 14 octobre 2026", "Objet : accusé de réception de votre demande Madame,",
                 "– la carte grise ; – un justificatif.", "Voies de recours."):  # fmt: skip
        assert said in page
    assert "Pour le maire" not in page
    assert SIGNED in printer.words(printed.receipt(signature=printed.SIGNATURE))[0]


@pytest.mark.parametrize(
    ("make", "file_name", "title"),
    [
        (printed.letter, "lettre-2026-W4HD-93R.pdf", "Mairie d’Exemple, lettre (2026-W4HD-93R)"),
        (printed.receipt, "accuse-de-reception-2026-W4HD-93R.pdf", "Mairie d’Exemple, accusé de réception (2026-W4HD-93R)"),
        (printed.attestation, "attestation-2026-W4HD-93R.pdf",
         "Mairie d’Exemple, attestation d’acceptation implicite (2026-W4HD-93R)"),
        (printed.decision, "decision-2026-W4HD-93R.pdf", "Mairie d’Exemple, décision (2026-W4HD-93R)"),
    ],
)  # fmt: skip
def test_neither_its_file_name_nor_its_properties_name_a_person(printer, make, file_name, title):
    document = make()
    assert document.file_name == file_name
    opened = printer.open(document)
    told = opened.get_metadata_dict(skip_empty=True)
    assert told["Title"] == title
    assert told["Author"] == "Mairie d’Exemple"
    assert told["CreationDate"].startswith("D:20261015")
    assert not any("Goff" in each or "Ferrière" in each for each in told.values())
    assert "/Lang (fr)" in printer.typeset(document.typescript()).decode("latin-1") or opened.is_tagged()


def test_every_typeface_is_embedded(printer):
    pdf = printer.typeset(printed.letter(paragraphs=("Été, שלום, سلام, Ελλάδα, ✓",)).typescript())
    assert pdf.count(b"/FontDescriptor ") == pdf.count(b"/FontFile") > 2
    assert b"LibertinusSerif" in pdf


def test_nothing_of_a_citizen_is_in_how_a_document_shows_itself():
    """Logs and tracebacks may show it."""
    for document in (printed.letter(), printed.receipt(), printed.attestation(), printed.decision()):
        shown = repr(document) + repr(document.typescript())
        assert not any(word in shown for word in ("Goff", "Gaulle", "recours", "carte grise", "trottoir"))
