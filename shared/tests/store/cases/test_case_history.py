"""One suite for the history of cases, on the twin and on the real MongoDB."""

from datetime import date, timedelta
from functools import partial

import pytest

from guichet.case.history import HistoryEntry
from guichet.ids import CaseId, DepartmentId, MessageId
from guichet.law.calendar import start_of_day
from guichet.mongo.client import Database
from guichet.store.cases.history import CaseHistory, MongoCaseHistory
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory

CASE, OTHER = CaseId("case"), CaseId("other")
VOIRIE = DepartmentId("voirie")
ENTRY = partial(HistoryEntry, case_id=CASE, at=ARRIVED)
OPENED = ENTRY(version=1, type="CaseOpened", cause="m1", message_id=MessageId("m1"), department="voirie")
FILED = ENTRY(version=2, type="MessageFiled", cause="m2", message_id=MessageId("m2"))
ASKED = ENTRY(version=3, type="ReplyRequested", cause="click", message_id=MessageId("out"), by="lea")
MOVED = ENTRY(version=4, type="CaseMoved", cause="click", at=ARRIVED + timedelta(hours=1), state="in_progress")
TOLD = ENTRY(version=5, type="DeliveryRecorded", cause="report", message_id=MessageId("out"), state="sent")
HANDED = ENTRY(version=6, type="CaseRerouted", cause="again", department="ccas", from_department="voirie")
ALL = [OPENED, FILED, ASKED, MOVED, TOLD, HANDED]


class CaseHistorySuite:
    async def test_what_is_copied_twice_is_there_once_and_as_it_was(self, history: CaseHistory):
        await history.add([])
        await history.add([OPENED])
        await history.add([OPENED.model_copy(update={"cause": "another"}), FILED])
        assert await history.of_causes([CASE], ["m1", "another", "m2"]) == [OPENED, FILED]

    async def test_what_a_cause_did_is_asked_by_case_and_cause(self, history: CaseHistory):
        await history.add([*ALL, OPENED.model_copy(update={"case_id": OTHER})])
        assert await history.of_causes([CASE], ["click"]) == [ASKED, MOVED]
        assert {each.case_id for each in await history.of_causes([CASE, OTHER], ["m1", "none"])} == {CASE, OTHER}
        assert await history.of_causes([], ["m1"]) == await history.of_causes([CASE], []) == []

    async def test_who_had_the_case_and_what_was_answered(self, history: CaseHistory):
        await history.add([*ALL[::-1], OPENED.model_copy(update={"case_id": OTHER})])
        assert await history.moves([CASE]) == [OPENED, HANDED]
        assert await history.moves_and_answers([CASE]) == [OPENED, ASKED, HANDED]
        assert [each.case_id for each in await history.moves([CASE, OTHER])] == [CASE, CASE, OTHER]
        assert await history.moves([]) == await history.moves_and_answers([]) == []

    async def test_what_agents_said_of_a_case_comes_in_order(self, history: CaseHistory):
        said, withdrawn = (
            ENTRY(version=version, type="FactStated", cause=str(version), by="lea", state=state)
            for version, state in ((7, "qualified"), (8, "withdrawn"))
        )
        await history.add([withdrawn, *ALL, said, said.model_copy(update={"case_id": OTHER})])
        assert await history.facts(CASE) == [said, withdrawn]
        assert await history.facts(CaseId("none")) == []

    async def test_steps_come_newest_first_by_the_page(self, history: CaseHistory):
        await history.add(ALL)
        assert await history.steps(CASE, None, 0, 1) == [MOVED]
        assert {each.version for each in await history.steps(CASE, ARRIVED, 0, 9)} == {1, 6}
        first, second = await history.steps(CASE, None, 1, 1), await history.steps(CASE, None, 2, 1)
        assert {each.version for each in (*first, *second)} == {1, 6}, "of one instant, each is on one page"
        assert await history.steps(OTHER, None, 0, 9) == []

    async def test_what_was_asked_and_reported_of_an_outbound_message(self, history: CaseHistory):
        await history.add(ALL)
        assert await history.of_outbound(CASE, [MessageId("out"), MessageId("m1")]) == [ASKED, TOLD]
        assert await history.of_outbound(CASE, []) == []
        assert await history.messages(CASE) == {"m1", "m2", "out"}

    async def test_what_is_of_a_department_s_days_is_counted_by_the_day_of_paris(self, history: CaseHistory):
        midnight = start_of_day(date(2026, 7, 2))  # 22:00 UTC of the day before
        days = {1: midnight - timedelta(minutes=1), 2: midnight, 3: midnight, 4: midnight + timedelta(days=1)}
        await history.add(
            [ENTRY(version=version, type="CaseOpened", had_by="voirie", at=at) for version, at in days.items()]
        )
        await history.add([ENTRY(version=5, type="CaseClosed", had_by="voirie", at=midnight)])
        await history.add(
            [ENTRY(version=6, type="CaseOpened", had_by="ccas", at=midnight), FILED.model_copy(update={"version": 7})]
        )
        found = await history.count_days(VOIRIE, midnight - timedelta(days=1), midnight + timedelta(days=1))
        assert found == {
            (date(2026, 7, 1), "CaseOpened"): 1,
            (date(2026, 7, 2), "CaseOpened"): 2,
            (date(2026, 7, 2), "CaseClosed"): 1,
        }
        assert await history.count_days(VOIRIE, midnight - timedelta(days=9), midnight - timedelta(days=8)) == {}


class TestInMemoryCaseHistory(CaseHistorySuite):
    @pytest.fixture
    def history(self) -> CaseHistory:
        return InMemoryCaseHistory()


@pytest.mark.real
class TestMongoCaseHistory(CaseHistorySuite):
    @pytest.fixture
    def history(self, database: Database) -> CaseHistory:
        return MongoCaseHistory(database)

    @pytest.mark.parametrize("size", [20, 2000])
    async def test_no_question_reads_more_of_a_case_where_more_has_happened(
        self, history: CaseHistory, database: Database, size: int
    ):
        """Keys and documents examined, by the server's own profiler."""
        kinds = ("MessageFiled", "DeliveryRecorded", "CaseMoved")
        many = [
            ENTRY(
                version=nth,
                type=kinds[nth % 3],
                cause=f"cause-{nth}",
                message_id=MessageId(f"m{nth}") if nth % 3 < 2 else None,
                at=ARRIVED + timedelta(minutes=nth),
            )
            for nth in range(2, size)
        ]
        await history.add([OPENED, *many])
        await database.command("profile", 2)
        await history.of_causes([CASE, OTHER], ["cause-7", "new", "m1"])
        await history.moves([CASE])
        await history.steps(CASE, None, 0, 5)
        await history.steps(CASE, ARRIVED + timedelta(minutes=15), 0, 5)
        await history.of_outbound(CASE, [MessageId("m4"), MessageId("m7")])
        await database.command("profile", 0)
        seen = await database["system.profile"].find({"ns": f"{database.name}.case_history", "op": "query"}).to_list(9)
        assert len(seen) == 5
        for each in seen:
            assert each["planSummary"].startswith("IXSCAN"), each["planSummary"]
            assert not each.get("hasSortStage"), each["command"]
            assert each["keysExamined"] <= 20, (each["keysExamined"], each["command"])
            assert each["docsExamined"] <= 10, (each["docsExamined"], each["command"])
