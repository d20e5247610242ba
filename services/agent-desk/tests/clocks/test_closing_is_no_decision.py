"""Who closes a case whose silence runs is told that this stops nothing, and when it decides."""

from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import SIGN, TERRACE

SAID = "La clôture n’est pas une décision et n’arrête rien : sans décision notifiée, le silence vaudra rejet le dimanche 24 janvier 2027."


def put(hall, case, procedure):
    told = StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=procedure)
    now = case.model_copy(update={"received_at": ARRIVED, "facts": (told,), "at_rest": True})
    hall.cases.put(now)
    return now


async def test_it_is_told_with_the_day(karim, hall, cases, fields):
    case = put(hall, cases["hole"], TERRACE)
    page = await karim.get(f"/demandes/{case.reference}")
    assert SAID in page.text.replace("\u00a0", " ")
    sent = {name: value for name, value in fields(page).items() if name != "closes_despite"}
    refused = await karim.post(f"/demandes/{case.reference}/cloture", data=sent)
    assert refused.status_code == 422
    assert hall.publisher.on(CASE_COMMANDS) == []
    closed = await karim.post(
        f"/demandes/{case.reference}/cloture", data={**fields(refused), "closes_despite": "silence"}
    )
    assert closed.status_code == 303
    assert len(hall.publisher.on(CASE_COMMANDS)) == 1


async def test_of_a_silence_that_nobody_has_confirmed_nothing_is_said(karim, hall, cases):
    case = put(hall, cases["hole"], SIGN)
    page = await karim.get(f"/demandes/{case.reference}")
    assert "La clôture n’est pas une décision" not in page.text


async def test_r6_after_a_transfer_its_silence_is_no_reason_not_to_close(karim, hall, cases):
    """R6 (docs/law.md 16): a rejection by silence runs on elsewhere."""
    case = put(hall, cases["hole"], TERRACE)
    passed_on = StatedFact(event="transferred", at=ARRIVED, to="Préfecture du département")
    hall.cases.put(case.model_copy(update={"facts": (*case.facts, passed_on)}))
    page = await karim.get(f"/demandes/{case.reference}")
    assert "La clôture n’est pas une décision" not in page.text
