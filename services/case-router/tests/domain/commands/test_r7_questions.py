"""A question moves no clock: R7 (docs/law.md 61). A right of the GDPR is kept by its own (docs/law.md 33, 60)."""

from datetime import date, timedelta

import pytest

from guichet.case.legal_facts import facts_of
from guichet.contracts.case_commands import SendReply, StateFact
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import ProcedureId
from guichet.law.calendar import paris_date, start_of_day
from guichet.law.clocks.case_clocks import case_clocks
from guichet.store.messages.document import Direction, MessageDocument
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)
ASKED_ON = date(2026, 11, 26)
A_CLOCKED_PROCEDURE = ProcedureId("attestation-accueil")


@pytest.fixture
async def mail(world):
    world.rights = rights_in(world.town.departments, "lea")
    mail = await world.mail("m", "alice@courriel.example")
    world.now = LATER
    await world.take(mail)
    return mail


def stating(case, name, at, told_at, **fact):
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": told_at}
    return StateFact(event_id=name, fact=StatedFact(at=at, **fact), **about)


async def test_r7_a_question_moves_no_clock(world, mail):
    """An answer that awaits one, and leaves, changes nothing of what silence decides: docs/law.md 61."""
    procedure = world.town.procedures[A_CLOCKED_PROCEDURE]
    there = {"department": procedure.department, "sector": world.town.sector_of(procedure.department)}
    world.cases.cases[world.case_of(mail).case_id] = world.case_of(mail).model_copy(update=there)
    case = world.case_of(mail)
    confirmed = {"event": "procedure-confirmed", "procedure": A_CLOCKED_PROCEDURE}
    await world.take(stating(case, "confirm", LATER, LATER, **confirmed))
    before = silences(world, world.case_of(mail))
    [key] = await world.vault.new_keys(1)
    about = {"channel": case.channel, "accounts": (case.account,), "at": LATER, "filed": case.case_id}
    box = seal(key, Thing("message", "words"), "content", b"{}")
    await world.messages.insert_outbound(
        MessageDocument(_id="words", direction=Direction.OUTBOUND, content=box, **about)
    )
    told = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    await world.take(SendReply(event_id="click", outbound_id="words", awaits_answer=True, **told))
    left = {"outbound_id": "words", "purpose": "reply", "channel": "email", "state": "sent"}
    await world.take(DeliveryChanged(event_id="left", case_id=case.case_id, occurred_at=LATER, **left))
    asked = world.case_of(mail)
    assert asked.state == "waiting_for_citizen"
    assert FactKind.ANSWERED in {each.event for each in asked.facts}
    assert FactKind.PIECES_ASKED_FOR not in {each.event for each in asked.facts}
    assert len(before) == 1
    assert silences(world, asked) == before
    world.check()


def silences(world, case):
    found = case_clocks(facts_of(case, world.town), world.town.clock_rules, paris_date(LATER))
    return [each for each in found.clocks if each.kind in {"silence", "missing-pieces"}]


async def test_a_right_is_due_in_a_month_that_rolls_two_more_where_it_is_told_and_then_no_more(world, mail):
    """docs/law.md 33, 60: 26 December 2026 is a Saturday."""
    case = world.case_of(mail)
    world.now = told_at = ARRIVED + timedelta(days=4)
    receipt = StatedFact(event="receipt-sent", at=ARRIVED, receipt="are")
    world.cases.cases[case.case_id] = case.model_copy(update={"facts": (receipt,)})
    information = {"event": "qualified", "nature": "information"}
    asked, day = {"event": "rights-requested"}, start_of_day(ASKED_ON)
    await world.take(stating(case, "what", told_at, told_at, **information))
    await world.take(stating(case, "asked", day, told_at, **asked))
    assert due_of(world, mail) == ("rights-request", date(2026, 12, 28))
    await world.take(stating(case, "longer", day, told_at, event="rights-extended", asked_on=ASKED_ON))
    assert due_of(world, mail) == ("rights-request", date(2027, 2, 26))
    await world.take(stating(case, "done", day, told_at, event="rights-answered"))
    assert due_of(world, mail)[0] != "rights-request"
    world.check()


def due_of(world, mail):
    due = world.case_of(mail).due
    return due.clock, due.due_on
