"""An express decision is an act: who decides what, why, where one appeals, and who signs it by which delegation."""

import pytest

from guichet.documents.sheet import Signature
from guichet_testing.builders import printed

DELEGATION = "Pour le maire et par délégation (arrêté no 2026-12 du 3 mars 2026),"
SIGNED = Signature(DELEGATION, "Nadia Ferrière", "Adjointe à l’urbanisme", printed.ADDRESS)


def test_it_says_all_that_an_act_owes(printer):
    [page] = printer.words(printed.decision(signature=SIGNED))
    for said in (
        "Mairie d’Exemple Service Stationnement",
        "Madame Aïcha Le Goff Bâtiment C",
        "Objet : Terrasse sur le domaine public",
        "Vu la demande reçue le 14 septembre 2026 sous la référence 2026-W4HD-93R, DÉCIDE La demande est rejetée.",
        "Motifs Le trottoir mesure",
        "Exemple, le 15 octobre 2026 " + DELEGATION + " Nadia Ferrière Adjointe à l’urbanisme",
        "Voies et délais de recours Vous disposez de deux mois",
    ):
        assert said in page


def test_what_is_granted_may_do_without_reasons_and_remedies(printer):
    [page] = printer.words(printed.decision(outcome="granted", reasons=(), remedies=()))
    assert "La demande est acceptée." in page
    assert "Motifs" not in page
    assert "recours" not in page


@pytest.mark.parametrize("outcome", ["refused", "partly-granted"])
@pytest.mark.parametrize("lacks", ["reasons", "remedies"])
def test_what_is_refused_says_why_and_where_one_appeals(outcome, lacks):
    with pytest.raises(ValueError, match="where one appeals"):
        printed.decision(outcome=outcome, **{lacks: ()})


@pytest.mark.parametrize("extra", range(18, 34, 3))
def test_no_signature_stands_alone_on_a_page(printer, extra):
    pages = printer.words(printed.decision(reasons=tuple(f"Motif {nth}." for nth in range(extra))))
    [signed] = [page for page in pages if "Nadia Ferrière" in page]
    assert f"Motif {extra - 1}. Exemple, le 15 octobre 2026" in signed
