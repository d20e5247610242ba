"""An agent may leave a citizen unwritten to about a change of their case, for a reason that its history keeps."""

from datetime import timedelta

import pytest

from guichet.case import history
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, ReopenCase, RerouteCase
from guichet.contracts.case_events import CaseClosed, CaseReopened, CaseRerouted
from guichet.contracts.unannounced import Unannounced
from guichet_testing.builders.case import ARRIVED

WORDS = Sealed(key_id="k", box=b"words")


@pytest.mark.parametrize("why", [None, *Unannounced])
async def test_the_reason_stands_in_each_event_and_in_the_history(world, why):
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    case = world.case_of(mail)
    given = {"case_id": case.case_id, "issued_by": "lea", "unannounced": why, "occurred_at": ARRIVED + timedelta(1)}
    await world.take(RerouteCase(event_id="to", department="etat-civil", reason=WORDS, **given))
    await world.take(CloseCase(event_id="close", **given))
    await world.take(ReopenCase(event_id="again", reason=WORDS, **given))
    done = (CaseRerouted, CaseClosed, CaseReopened)
    events = [each for each in world.published(case) if isinstance(each, done)]
    assert [type(each) for each in events] == [*done]
    assert {each.unannounced for each in events} == {why}
    assert {history.of(each).code for each in events} == {why}
    assert world.case_of(mail).closing_version == events[-1].version > events[1].version
    world.check()
