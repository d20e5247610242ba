"""The law's clocks on the page of a case: the gravest in a line, all of them unfolded, and nothing in a synthesis."""

from datetime import timedelta

import pytest

from guichet.case.history import HistoryEntry
from guichet.contracts.delivery import Purpose
from guichet.contracts.legal_facts import StatedFact
from guichet.store.audit.trail import Act
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import GARLAND, SIGN, TERRACE


def confirmed(procedure, at=ARRIVED):
    return StatedFact(event="procedure-confirmed", at=at, procedure=procedure)


def put(hall, case, *facts, **kept):
    now = case.model_copy(update={"received_at": ARRIVED, "facts": facts, **kept})
    hall.cases.put(now)
    return now


def told_first(page):
    return page.text.split('<div id="delai">')[1].split("</div>")[0]


@pytest.mark.parametrize(
    ("facts", "days", "told"),
    [
        ((), 0, ["Qualification de la demande", "au plus tard le jeudi 3 décembre 2026 (7 jours ouvrés)", "Dites de"]),
        ((), 9, ["aujourd’hui", "au plus tard le jeudi 3 décembre 2026 (aujourd’hui)"]),
        ((), 15, ["en retard", "Accusé de réception (ARE)", "dépassée le mardi 8 décembre 2026 (1 jour ouvré)"]),
        ((confirmed(SIGN),), 10, ["en retard", "Première réponse"]),
        ((confirmed(TERRACE),), 90, ["Le silence a décidé : rejet le dimanche 24 janvier 2027", "contester"]),
        ((confirmed(GARLAND),), 30, ["Le silence a décidé : acceptation le mercredi 9 décembre 2026", "L232-3"]),
    ],
)
async def test_the_gravest_has_the_first_line(sign_in, hall, cases, facts, days, told):
    case = put(hall, cases["hole"], *facts)
    hall.clock.now = ARRIVED + timedelta(days=days)
    karim = await sign_in("karim.haddad")
    line = told_first(await karim.get(f"/demandes/{case.reference}")).replace("\u00a0", " ")
    for words in told:
        assert words in line


async def test_once_all_receipts_left_silence_is_said_with_its_day(karim, hall, cases):
    sent = StatedFact(event="receipt-sent", at=ARRIVED, receipt="are")
    answered = StatedFact(event="answered", at=ARRIVED)
    closed = StatedFact(event="closed", at=ARRIVED)
    case = put(hall, cases["hole"], confirmed(TERRACE), sent, answered, closed)
    line = told_first(await karim.get(f"/demandes/{case.reference}")).replace("\u00a0", " ")
    assert "Silence vaut rejet" in line
    assert "le dimanche 24 janvier 2027 (61 jours)" in line
    assert "ni une réponse, ni une clôture" in line


async def test_unfolded_each_has_its_rule_and_source(karim, hall, cases):
    case = put(hall, cases["hole"], confirmed(SIGN))
    whole, part = [
        (await karim.get(f"/demandes/{case.reference}/delais", headers=said)).text.replace("\u00a0", " ")
        for said in ({}, {"HX-Request": "true"})
    ]
    assert "<main" in whole
    assert "<main" not in part
    for words in (
        "Accusé de réception (ARE)",
        "L’accusé de réception part au plus tard 10 jours ouvrés après la réception",
        "(CRPA R112-11-2). En vigueur depuis le 7 novembre 2016 (docs/law.md 8).",
        "À regarder",
        "Ce que vaut le silence sur cette démarche reste à confirmer : rien n’en est dit.",
    ):
        assert words in whole
        assert words in part
    assert ("clocks", (case.case_id,)) in [(e.thing, e.things) for e in hall.audit.entries if e.act is Act.READ]


async def test_of_a_synthesis_there_is_no_clock(sign_in, hall, cases):
    case = put(hall, cases["hole"], confirmed(TERRACE))
    browser = await sign_in("in-synthesis")
    page = await browser.get(f"/demandes/{case.reference}")
    assert page.status_code == 200
    assert "Délais" not in page.text
    assert (await browser.get(f"/demandes/{case.reference}/delais")).status_code == 404


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"type": "ReceiptOwed", "code": "full", "state": "rejects"}, "Accusé de réception complet à envoyer"),
        ({"type": "ReceiptOwed", "code": "incomplete"}, "Accusé de réception incomplet à envoyer"),
        (
            {"type": "ClockReached", "code": "late", "state": "are", "due": ARRIVED.date()},
            "Accusé de réception (ARE) : l’échéance du mardi 24 novembre 2026 est dépassée",
        ),
        (
            {"type": "ClockReached", "code": "decided", "state": "silence", "due": ARRIVED.date()},
            "Le silence a décidé, le mardi 24 novembre 2026",
        ),
        (
            {"type": "FactStated", "by": "agent-12", "state": "procedure-confirmed", "code": TERRACE},
            "Karim Haddad a qualifié la demande, démarche : Terrasse sur le domaine public",
        ),
        (
            {"type": "FactStated", "by": "agent-12", "state": "withdrawn", "code": "qualified"},
            "Karim Haddad a retiré ce qui était dit par erreur : la nature",
        ),
    ],
)
async def test_the_story_tells_it(karim, hall, cases, said, told):
    case = cases["hole"]
    hall.happened(case, HistoryEntry(case_id=case.case_id, version=99, at=hall.clock(), cause="c", **said))
    page = (await karim.get(f"/demandes/{case.reference}")).text.replace("\u00a0", " ")
    assert told in page


async def test_the_acknowledgement_is_called_so_in_the_story(karim, hall, cases):
    await hall.send(cases["hole"], "Bonjour, …", purpose=Purpose.ARE, at=hall.clock())
    page = (await karim.get(f"/demandes/{cases['hole'].reference}")).text
    assert "<strong>Accusé de réception</strong>" in page
