"""An agent opens a closed case again, and says why."""

from datetime import timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, ReopenCase
from guichet.contracts.case_events import CaseMoved, CaseReopened, CaseState, CommandRefused
from guichet.errors import NoRightError
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.rights import BEGINNING, AgentRight, CommandGrant
from guichet_testing.builders.case import ARRIVED

LATER = ARRIVED + timedelta(hours=1)
WORDS = Sealed(key_id="k", box=b"words")


@pytest.fixture
async def closed(world):
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    command = {"case_id": world.case_of(mail).case_id, "issued_by": "lea", "occurred_at": LATER}
    await world.take(CloseCase(event_id="close", **command))
    return mail


def reopening(case, name="reopen", *, by="lea", shown=None):
    about = {"case_id": case.case_id, "issued_by": by, "occurred_at": LATER + timedelta(hours=1), "shown": shown}
    return ReopenCase(event_id=name, reason=WORDS, **about)


async def test_it_is_opened_once_and_waits_for_a_word_of_ours_again(world, closed):
    case = world.case_of(closed)
    for _ in range(2):
        await world.take(reopening(case))
    after = world.case_of(closed)
    assert (after.state, after.closed_at, after.at_rest) == (CaseState.IN_PROGRESS, None, None)
    events = [each for each in world.published(case) if each.caused_by == "reopen"]
    assert [type(each) for each in events] == [CaseReopened, CaseMoved]
    assert (events[0].by, events[0].reason, events[1].to_state) == ("lea", WORDS, CaseState.IN_PROGRESS)
    assert after.page_version == events[1].version, "the citizen's page goes on saying that it is closed"
    assert after.received_at == case.received_at, "a clock began anew"
    world.check()


async def test_what_is_open_is_not_opened_and_its_words_come_back(world, closed):
    case = world.case_of(closed)
    await world.take(reopening(case), reopening(case, "again"))
    [refused] = [each for each in world.published(case) if isinstance(each, CommandRefused)]
    assert (refused.why, refused.reason) == ("not-closed", WORDS)


async def test_it_takes_the_right_to_close(world, closed):
    case = world.case_of(closed)
    grants = (CommandGrant(departments=(case.department,), acts=(CaseAct.READ, CaseAct.ANSWER)),)
    world.rights.rights["ida:0"] = AgentRight(_id="ida:0", agent="ida", departments=(), since=BEGINNING, grants=grants)
    with pytest.raises(NoRightError):
        await world.take(reopening(case, by="ida"))


async def test_who_had_not_seen_the_closing_opens_nothing(world, closed):
    case = world.case_of(closed)
    world.rights.rights["karim:0"] = AgentRight(
        _id="karim:0", agent="karim", departments=(case.department,), since=BEGINNING
    )
    await world.take(reopening(case, by="karim", shown=closed.message_id))
    assert [each.why for each in world.published(case) if isinstance(each, CommandRefused)] == ["case-changed"]
