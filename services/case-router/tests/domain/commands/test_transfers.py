"""R6 (docs/law.md 16): a transfer to another administration, and a re-routing inside the town, as the router's clocks go."""

from datetime import timedelta

import pytest

from guichet.case.due import reckon
from guichet.case.legal_facts import facts_of
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import RerouteCase, StateFact
from guichet.contracts.case_events import FactStated, ReceiptOwed
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.law.calendar import paris_date
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind, ClockState
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)
REJECTS = "attestation-accueil"


@pytest.fixture
async def mail(world):
    world.rights = rights_in(world.town.departments, "lea", "karim")
    mail = await world.mail("m", "alice@courriel.example")
    world.now = LATER
    await world.take(mail)
    return mail


@pytest.fixture
def case(world, mail):
    procedure = world.town.procedures[REJECTS]
    there = {"department": procedure.department, "sector": world.town.sector_of(procedure.department)}
    world.cases.cases[world.case_of(mail).case_id] = world.case_of(mail).model_copy(update=there)
    return world.case_of(mail)


def stating(case, name, **fact):
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    return StateFact(event_id=name, fact=StatedFact(at=LATER, **fact), **about)


def passing_on(world, case):
    return stating(case, "pass-on", event="transferred", to=next(iter(world.town.authorities)))


def clocks(world, mail, days):
    case = world.case_of(mail)
    day = paris_date(ARRIVED + timedelta(days=days))
    return {each.kind: each for each in case_clocks(facts_of(case, world.town), world.town.clock_rules, day).clocks}


async def test_r6_after_a_transfer_our_acknowledgement_is_owed_no_more(world, mail, case):
    await world.take(passing_on(world, case))
    await world.take(stating(case, "confirm", event="procedure-confirmed", procedure=REJECTS))
    told = [type(each) for each in world.published(world.case_of(mail))]
    assert told.count(FactStated) == 2
    assert ReceiptOwed not in told, "the competent authority acknowledges"
    found = clocks(world, mail, days=1)
    assert found[ClockKind.ARE].state is ClockState.STOPPED
    assert found[ClockKind.TRANSFER].state is ClockState.RUNNING, "the person is to be told"
    late = reckon(
        facts_of(world.case_of(mail), world.town), world.town.clock_rules, paris_date(ARRIVED) + timedelta(30)
    )
    assert late.last_day_of_receipt is None, "nor on its last day"


async def test_r6_a_silence_that_rejects_runs_from_the_first_receipt(world, mail, case):
    await world.take(stating(case, "confirm", event="procedure-confirmed", procedure=REJECTS))
    before = clocks(world, mail, days=1)[ClockKind.SILENCE]
    await world.take(passing_on(world, world.case_of(mail)))
    after = clocks(world, mail, days=1)[ClockKind.SILENCE]
    assert (after.began, after.due) == (before.began, before.due)
    assert after.is_elsewhere
    assert not before.is_elsewhere


async def test_r6_a_rerouting_inside_the_town_resets_no_clock(world, mail, case):
    await world.take(stating(case, "confirm", event="procedure-confirmed", procedure=REJECTS))
    before = clocks(world, mail, days=1)
    other = next(each for each in world.town.departments if each != case.department)
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    reason = Sealed(key_id="key", box=b"box")
    await world.take(RerouteCase(event_id="reroute", department=other, reason=reason, **about))
    assert world.case_of(mail).department == other
    legal = {ClockKind.AEE, ClockKind.ARE, ClockKind.QUALIFICATION, ClockKind.SILENCE}
    after = clocks(world, mail, days=1)
    assert {kind: after.get(kind) for kind in legal} == {kind: before.get(kind) for kind in legal}
    assert not any(each.event is FactKind.TRANSFERRED for each in world.case_of(mail).facts)
