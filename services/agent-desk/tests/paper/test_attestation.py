"""Silence accepted, nobody doubts it, and the request was complete: that is attested; of anything else it is said why not."""

from datetime import timedelta

import pytest

from guichet.contracts.legal_facts import StatedFact
from guichet.documents.typeset import TypesettingProcesses
from guichet.store.audit.trail import Act
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import GARLAND, SIGN, TERRACE

TYPED = {
    "applicant": "Mme Aïcha Le Goff",
    "recipient": "Mme Aïcha Le Goff\n22, avenue du Général-de-Gaulle\n99999 Saint-Aubin-des-Prés",
    "acts_for": "Pour le maire et par délégation,",
    "name": "Karim Haddad",
    "capacity": "Agent, Voirie et éclairage public",
}
COMPLETE = StatedFact(event="file-complete", at=ARRIVED)


def confirmed(procedure):
    return StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=procedure)


def put(hall, case, *facts, days=30):
    now = case.model_copy(update={"received_at": ARRIVED, "facts": facts})
    hall.cases.put(now)
    hall.clock.now = ARRIVED + timedelta(days=days)
    return f"/demandes/{now.reference}/attestation"


async def test_what_silence_accepted_is_attested_by_its_rule_and_source(sign_in, hall, cases, fields):
    here = put(hall, cases["hole"], confirmed(GARLAND), COMPLETE)
    karim = await sign_in("karim.haddad")
    page = await karim.get(here)
    assert 'value="Karim Haddad"' in page.text
    assert "acceptée le 9 décembre 2026" in page.text
    answer = await karim.post(here, data={**fields(page), **TYPED, "language": "en"})
    name = f"attestation-{cases['hole'].reference}.pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    said = hall.typesetting.last.said
    rows = {row["label"]: row["value"] for row in said["act"]["facts"]}
    assert rows["Ce qui est demandé"] == "Guirlande d’un commerce"
    assert rows["Demande reçue le"] == "24 novembre 2026"
    assert rows["Acceptée depuis le"] == "9 décembre 2026"
    assert rows["Règle"] == "Le silence gardé pendant 15 jours vaut acceptation, la demande étant complète."
    assert rows["Source"] == "CRPA L231-1"
    assert "confirm" not in repr(said)
    assert said["translation"] is not None
    assert said["signature"]["acts_for"] == TYPED["acts_for"]
    read = [each.things for each in hall.audit.entries if (each.act, each.thing) == (Act.READ, "attestation")]
    assert read == [(cases["hole"].case_id,)] * 2


@pytest.mark.parametrize(
    ("facts", "days", "told"),
    [
        ((confirmed(GARLAND),), 30, "personne n’a dit que la demande était complète"),
        ((confirmed(GARLAND), COMPLETE), 14, "le silence n’a pas accepté cette demande"),
        ((confirmed(TERRACE), COMPLETE), 90, "le silence n’a pas accepté cette demande"),
        ((confirmed(SIGN), COMPLETE), 90, "le silence n’a pas accepté cette demande"),
        ((), 90, "le silence n’a pas accepté cette demande"),
    ],
)
async def test_else_it_is_said_why_not_and_nothing_is_printed(sign_in, hall, cases, fields, facts, days, told):
    here = put(hall, cases["hole"], *facts, days=days)
    karim = await sign_in("karim.haddad")
    token = fields(await karim.get("/demandes"))
    assert told in (await karim.get(here)).text
    assert (await karim.post(here, data={**token, **TYPED})).status_code == 422
    assert hall.typesetting.last is None


async def test_it_is_offered_beside_the_clocks_where_silence_accepted(sign_in, hall, cases):
    accepted = put(hall, cases["hole"], confirmed(GARLAND))
    rejected = put(hall, cases["lamp"], confirmed(TERRACE), days=90)
    karim = await sign_in("karim.haddad")
    for here, is_offered in ((accepted, True), (rejected, False)):
        page = (await karim.get(here.replace("attestation", "delais"))).text
        assert (f'href="{here}"' in page) is is_offered


async def test_it_needs_who_asks_and_who_signs(sign_in, hall, cases, fields):
    here = put(hall, cases["hole"], confirmed(GARLAND), COMPLETE)
    karim = await sign_in("karim.haddad")
    page = await karim.get(here)
    answer = await karim.post(here, data={**fields(page), **TYPED, "applicant": "", "capacity": " "})
    assert answer.status_code == 422
    assert "qui a présenté la demande" in answer.text
    assert "la qualité de l’agent" in answer.text


async def test_it_is_pdf_a_and_pdf_ua(sign_in, hall, cases, fields, verapdf, tmp_path):
    here = put(hall, cases["hole"], confirmed(GARLAND), COMPLETE)
    karim = await sign_in("karim.haddad")
    await karim.post(here, data={**fields(await karim.get(here)), **TYPED, "language": "en"})
    file = tmp_path / "attestation.pdf"
    file.write_bytes(await TypesettingProcesses().typeset(hall.typesetting.last))
    for profile in ("2b", "ua1"):
        assert verapdf.broken_clauses([file], profile) == {"attestation.pdf": []}
