"""One suite for what a page needs of a case, on the twin and on the real MongoDB."""

from datetime import date
from functools import partial

import pytest

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseDue, CaseWorkflow, DoneTask, OutboxEntry
from guichet.contracts.case_events import ReplyRequested
from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.workflow import Workflow, WorkflowStep, WorkflowTask
from guichet.ids import AgentId, CaseId, MessageId, ProcedureId
from guichet.mongo.client import Database
from guichet.store.cases.followed import FollowedCases, MongoFollowedCases
from guichet.store.cases.history import MongoCaseHistory
from guichet.store.cases.store import MongoCaseStore
from guichet.vault.sealing import new_data_key
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.link import linked_under
from guichet_testing.twins.store.cases.followed import InMemoryFollowedCases
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.store import InMemoryCaseStore

RECEIPT, FIRST, SECOND = MessageId("outbound-receipt"), MessageId("outbound-1"), MessageId("outbound-2")
ENTRY = partial(HistoryEntry, case_id=a_case().case_id, at=ARRIVED)
HISTORY = (
    ENTRY(version=1, type="CaseOpened", message_id=MessageId("in"), department="voirie"),
    ENTRY(version=2, type="DeliveryRecorded", message_id=RECEIPT, state="sent"),
    ENTRY(version=3, type="ReplyRequested", message_id=FIRST),
    ENTRY(version=4, type="CaseRerouted", department="ccas", from_department="voirie"),
)
LAST = ReplyRequested(
    event_id="last",
    occurred_at=ARRIVED,
    case_id=a_case().case_id,
    reference=a_case().reference,
    version=5,
    caused_by="command",
    sector="social",
    department="ccas",
    citizen=None,
    outbound_id=SECOND,
    by="lea",
)
COMPLETE = StatedFact(event="file-complete", at=ARRIVED)
DECIDED = CaseDue(decided="accepts", decided_on=date(2027, 1, 24))
STEP = WorkflowStep(name="one", label="One", tasks=(WorkflowTask(name="look", label="Look"),), ends_on=("answered",))
RUN = CaseWorkflow(
    frozen=Workflow.of(ProcedureId("p"), (STEP,)),
    step="one",
    by_hand=True,
    done=(DoneTask(task="look", by=AgentId("lea"), at=ARRIVED),),
)
CASE = linked_under(
    a_case(
        department="ccas",
        version=5,
        page_version=5,
        facts=(COMPLETE,),
        due=DECIDED,
        answered_questions=(FIRST,),
        workflow=RUN,
        outbox=(OutboxEntry(cause="command", event=LAST.model_dump(mode="json")),),  # not yet in the history
    ),
    new_data_key(),
)
UNDER_ERASURE = a_case("erasing", erasing=True)


class FollowedCasesSuite:
    async def test_a_page_needs_state_dates_link_and_who_answered(self, followed_cases: FollowedCases):
        [found] = await followed_cases.find_many([CASE.case_id, CaseId("none")])
        assert found.model_dump() == {
            "case_id": CASE.case_id,
            "version": 5,
            "reference": CASE.reference,
            "received_at": CASE.received_at,
            "closed_at": None,
            "state": CASE.state,
            "department": "ccas",
            "link": CASE.link and CASE.link.model_dump(),
            "follow": CASE.follow,
            "link_renewed_at": None,
            "answers": (
                {"message_id": FIRST, "department": "voirie"},
                {"message_id": SECOND, "department": "ccas"},
            ),
            "departments": ("voirie", "ccas"),
            "facts": (COMPLETE.model_dump(),),
            "due": DECIDED.model_dump(),
            "answered_questions": (FIRST,),
            "workflow": {"frozen": RUN.frozen.model_dump(), "by_hand": True, "done": ({"task": "look"},)},
        }

    async def test_of_a_case_under_erasure_no_page_is_written(self, followed_cases: FollowedCases):
        assert await followed_cases.find_many([UNDER_ERASURE.case_id]) == []


class TestInMemoryFollowedCases(FollowedCasesSuite):
    @pytest.fixture
    async def followed_cases(self) -> FollowedCases:
        store = InMemoryCaseStore(history=InMemoryCaseHistory(*HISTORY))
        await store.insert_new([CASE, UNDER_ERASURE])
        return InMemoryFollowedCases(store)


@pytest.mark.real
class TestMongoFollowedCases(FollowedCasesSuite):
    @pytest.fixture
    async def followed_cases(self, database: Database) -> FollowedCases:
        await MongoCaseStore(database).insert_new([CASE, UNDER_ERASURE])
        await MongoCaseHistory(database).add(HISTORY)
        return MongoFollowedCases(database)
