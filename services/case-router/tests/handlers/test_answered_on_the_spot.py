"""What an agent answered there and then opens and closes its case in one write, if they may close such a case."""

import pytest

from guichet.case.newest import is_overtaken
from guichet.contracts.case_commands import ReopenCase
from guichet.contracts.case_events import CaseClosed, CaseOpened, CaseState
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.rights import BEGINNING, AgentRight, CommandGrant
from guichet_testing.builders.inbound import sealed_message, sms_content
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights

ENTERED = {"channel": "counter", "accounts": ("mairie@mairie.example",), "entered_by": "lea", "on_the_spot": True}


def rights(*acts, departments, until=None):
    grant = CommandGrant(departments=departments, acts=acts)
    own = {"agent": "lea", "departments": departments, "since": BEGINNING, "until": until, "grants": (grant,)}
    return InMemoryAgentRights(AgentRight(_id="lea:0", **own))


@pytest.fixture
async def visit(world):
    world.rights = rights(*CaseAct, departments=tuple(world.town.departments))
    content = sms_content("+33639981234", "Horaires de la piscine ?")
    return await sealed_message(world.vault, "visit", content, **ENTERED | {"procedure": "signalement-voirie"})


async def test_its_case_opens_and_closes_once_however_often_it_comes(world, visit):
    for _ in range(2):
        await world.take(visit)
    case = world.case_of(visit)
    assert (case.state, case.closed_at, case.entered_by) == (CaseState.CLOSED, visit.at_our_edge, "lea")
    opened, closed = world.published(case)
    assert (type(opened), type(closed)) == (CaseOpened, CaseClosed)
    assert (closed.by, closed.on_the_spot, closed.caused_by) == ("lea", True, visit.message_id)
    assert [entry.code for entry in world.history.of(case.case_id)] == [None, "on-the-spot"]
    world.check()


@pytest.mark.parametrize(
    ("acts", "departments", "until"),
    [
        (CaseAct, ("ccas",), None),
        ((CaseAct.READ, CaseAct.ENTER), ("voirie",), None),
        (CaseAct, ("voirie",), BEGINNING),
    ],
)
async def test_who_may_not_close_such_a_case_leaves_it_open_to_its_department(world, visit, acts, departments, until):
    world.rights = rights(*acts, departments=departments, until=until)
    await world.take(visit)
    case = world.case_of(visit)
    assert (case.state, case.closed_at) == (CaseState.RECEIVED, None)
    assert [type(each) for each in world.published(case)] == [CaseOpened]


async def test_what_was_entered_and_not_answered_stays_open(world, visit):
    await world.take(visit.model_copy(update={"on_the_spot": False}))
    assert world.case_of(visit).state is CaseState.RECEIVED


async def test_who_looks_at_it_afterwards_was_shown_all_of_it(world, visit):
    await world.take(visit)
    case = world.case_of(visit)
    assert not is_overtaken(case.newest, case.newest_said, "karim")
    given = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": visit.at_our_edge, "shown": case.newest_said}
    await world.take(ReopenCase(event_id="again", reason=case.subject, **given))
    assert world.case_of(visit).state is CaseState.IN_PROGRESS
