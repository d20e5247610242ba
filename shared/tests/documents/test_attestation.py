"""The attestation says what silence accepted, since when and by which rule; its translation says that it is one."""

from datetime import date

import pytest

from guichet_testing.builders import printed


def test_it_says_what_silence_accepted_since_when_and_why(printer):
    [page] = printer.words(printed.attestation())
    for said in (
        "Attestation d’acceptation implicite Il est attesté",
        "Référence 2026-W4HD-93R Demande présentée par Mme Aïcha Le Goff",
        "Ce qui est demandé Abonnement de stationnement résident",
        "Demande reçue le 14 août 2026 Acceptée depuis le 14 octobre 2026",
        "Règle Le silence gardé pendant deux mois vaut acceptation, la demande étant complète. Source CRPA L231-1",
        "article L232-3 du code des relations entre le public et l’administration",
        "Exemple, le 15 octobre 2026 Pour le maire et par délégation, Nadia Ferrière Responsable",
    ):
        assert said in page


def test_who_reads_english_gets_a_translation_that_nobody_signs(printer):
    act, translation = printer.words(printed.attestation(language="en"))
    assert act.replace("page 1 sur 2", "page 1 sur 1") == printer.words(printed.attestation())[0]
    for said in (
        "Certificate of implicit acceptance A translation for your information: the page in French is the act",
        "What was asked for Abonnement de stationnement résident Received on 14 August 2026 Accepted since 14 October 2026",
        "Rule Silence kept for two months counts as acceptance, the request being complete. Source CRPA L231-1",
    ):
        assert said in translation
    assert "Ferrière" not in translation


def test_silence_accepts_nothing_before_it_began():
    day = date(2026, 8, 14)
    with pytest.raises(ValueError, match="after"):
        printed.attestation(received_on=day, accepted_on=day)
    with pytest.raises(ValueError, match="French"):
        printed.attestation(sheet=printed.sheet(language="en"))
