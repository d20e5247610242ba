"""One suite for suspended messages, on the twin and on the real MongoDB."""

import base64
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from guichet.contracts.base import Sealed
from guichet.contracts.inbound import Suspicion
from guichet.ids import AgentId, CaseId, DepartmentId, EventId, KeyId, MessageId, SectorCitizenId, SectorId
from guichet.mongo.client import Database
from guichet.rights.scope import Scope
from guichet.store.messages.document import Direction, MessageDocument
from guichet.store.messages.store import Filing, MessageStore, MongoMessageStore
from guichet.store.messages.suspended import (
    COUNTED_UP_TO,
    MongoSuspendedMail,
    SuspendedFilter,
    SuspendedMail,
    SuspendedMailReader,
    SuspensionDecision,
)
from guichet.store.messages.suspension import Suspension, SuspensionState
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail

DAY = timedelta(days=1)
M1, M2, M3 = (MessageId(f"m{number}") for number in (1, 2, 3))
LEA, CLICK = AgentId("lea"), EventId("click")


class Faces(NamedTuple):
    """The router's and the desk's ways to the same messages."""

    messages: MessageStore
    deciding: SuspendedMail
    reading: SuspendedMailReader


def scope(*departments: str, sector: str = "population") -> Scope:
    return Scope.of_departments(LEA, map(DepartmentId, departments), {SectorId(sector)})


def a_suspended(
    name: str = "m1", at: datetime = ARRIVED, department: str = "accueil", **held: object
) -> MessageDocument:
    sector = str(held.pop("sector", "population"))
    return MessageDocument(
        _id=MessageId(name),
        direction=Direction.INBOUND,
        channel="email",
        accounts=("contact@mairie.example",),
        at=at,
        suspended=Suspension.model_validate(
            {"why": Suspicion.SPAM, "department": department, "sector": sector, **held}
        ),
        content=Sealed(key_id=KeyId(f"key-{name}"), box=base64.b64encode(b"sealed")),
    )


def decision(days: int = 1, command: str = CLICK) -> SuspensionDecision:
    return SuspensionDecision(ARRIVED + days * DAY, LEA, EventId(command))


class SuspendedMailSuite:
    async def test_a_decision_is_written_whole(self, faces: Faces):
        await faces.messages.insert_causes([a_suspended("m1"), a_suspended("m2")])
        assert await faces.deciding.release({M1: decision()}) == {M1}
        assert await faces.deciding.confirm_spam(M2, decision())
        found = await faces.messages.find_many([M1, M2])
        decided = {"decided_at": ARRIVED + DAY, "decided_by": LEA, "command": CLICK}
        assert found == {
            M1: a_suspended("m1", state=SuspensionState.RELEASED, **decided),
            M2: a_suspended("m2", state=SuspensionState.SPAM, **decided),
        }
        assert [found[M1].is_held_back, found[M2].is_held_back] == [False, True]

    async def test_of_two_decisions_at_once_the_first_stands_but_spam_can_be_released(self, faces: Faces):
        await faces.messages.insert_causes([a_suspended()])
        assert await faces.deciding.confirm_spam(M1, decision(1, "first"))
        assert not await faces.deciding.confirm_spam(M1, decision(2, "second"))
        assert await faces.deciding.release({M1: decision(3, "third")}) == {M1}
        assert await faces.deciding.release({M1: decision(4, "fourth")}) == frozenset()
        assert not await faces.deciding.confirm_spam(M1, decision(5, "fifth"))
        held = (await faces.messages.find_many([M1]))[M1].suspended
        assert held is not None
        assert (held.state, held.command) == (SuspensionState.RELEASED, "third")

    async def test_what_lets_itself_in_names_nobody(self, faces: Faces):
        await faces.messages.insert_causes([a_suspended("m1"), a_suspended("m2")])
        assert await faces.deciding.release(
            {M1: SuspensionDecision(ARRIVED), M2: SuspensionDecision(ARRIVED), M3: SuspensionDecision(ARRIVED)}
        ) == {
            M1,
            M2,
        }
        held = (await faces.messages.find_many([M1]))[M1].suspended
        assert held is not None
        assert (held.decided_at, held.decided_by, held.command) == (ARRIVED, None, None)

    async def test_nothing_lets_itself_in_that_an_agent_confirmed_as_spam(self, faces: Faces):
        await faces.messages.insert_causes([a_suspended("m1"), a_suspended("m2")])
        await faces.deciding.confirm_spam(M1, decision())
        by_itself = SuspensionDecision(ARRIVED + 2 * DAY)
        assert await faces.deciding.release({M1: by_itself, M2: by_itself}) == {M2}
        assert await faces.deciding.release({M1: decision(3)}) == {M1}, "an agent may think better of it"

    async def test_a_message_that_was_never_suspended_is_none_to_decide_on(self, faces: Faces):
        await faces.messages.insert_causes([a_suspended().model_copy(update={"suspended": None})])
        assert await faces.deciding.release({M1: decision()}) == frozenset()
        assert not await faces.deciding.confirm_spam(M1, decision())
        assert await faces.reading.find(scope("accueil"), M1) is None

    async def test_confirmed_spam_ends_some_at_a_time_the_oldest_first(self, faces: Faces):
        await faces.messages.insert_causes([a_suspended(name) for name in ("m1", "m2", "m3", "m4")])
        for days, name in ((3, M3), (1, M1), (2, M2)):
            await faces.deciding.confirm_spam(name, decision(days))
        assert await faces.deciding.end_spam(ARRIVED, 10) == []
        assert set(await faces.deciding.end_spam(ARRIVED + 2 * DAY, 1)) == {M1}
        assert set(await faces.deciding.end_spam(ARRIVED + 2 * DAY, 10)) == {M1, M2}
        assert await faces.deciding.release({M1: decision(4), M3: decision(4)}) == {M3}, "what ends is not released"
        assert set(await faces.deciding.end_spam(ARRIVED + 9 * DAY, 10)) == {M1, M2}

    async def test_an_agent_sees_what_waits_in_their_departments_and_sectors(self, faces: Faces):
        await faces.messages.insert_causes(
            [
                a_suspended("m1"),
                a_suspended("m2", department="ccas", sector="social"),
                a_suspended("m3", department="voirie"),
                a_suspended("m4", sector="social"),  # its department was in another sector then
            ]
        )

        async def seen_by(seer: Scope) -> list[str]:
            listed = [each.message_id for each in await faces.reading.list_suspended(seer, SuspendedFilter())]
            found = [name for name in ("m1", "m2", "m3", "m4") if await faces.reading.find(seer, MessageId(name))]
            assert sorted(listed) == found
            assert await faces.reading.count(seer, SuspensionState.WAITING) == len(found)
            return found

        assert await seen_by(scope("accueil")) == ["m1"]
        assert await seen_by(scope("accueil", "voirie")) == ["m1", "m3"]
        assert await seen_by(scope("ccas", sector="social")) == ["m2"]
        assert await seen_by(scope()) == []

    async def test_a_list_is_paged_either_way_and_of_one_state(self, faces: Faces):
        names = [f"m{number}" for number in range(1, 6)]
        await faces.messages.insert_causes(
            [a_suspended(name, ARRIVED + (number // 2) * DAY) for number, name in enumerate(names)]
        )
        await faces.deciding.confirm_spam(MessageId("m4"), decision())

        async def page(**wanted: object) -> list[str]:
            found = await faces.reading.list_suspended(scope("accueil"), SuspendedFilter.model_validate(wanted))
            return [each.message_id for each in found]

        assert await page() == ["m5", "m3", "m2", "m1"]
        assert await page(oldest_first=True) == ["m1", "m2", "m3", "m5"]
        assert await page(skip=1, limit=2) == ["m3", "m2"]
        assert await page(state=SuspensionState.SPAM) == ["m4"]

    async def test_one_that_was_decided_on_is_still_found_by_its_id(self, faces: Faces):
        await faces.messages.insert_causes([a_suspended()])
        await faces.deciding.release({M1: decision()})
        await faces.messages.mark_filed([Filing(M1, CaseId("case"), SectorId("population"), SectorCitizenId("c"))])
        found = await faces.reading.find(scope("accueil"), M1)
        assert found is not None
        assert found.filed == "case"
        assert await faces.reading.list_suspended(scope("accueil"), SuspendedFilter()) == []

    async def test_counting_ends_where_a_page_says_more_than(self, faces: Faces):
        await faces.messages.insert_causes([a_suspended(f"m{number}") for number in range(COUNTED_UP_TO + 5)])
        assert await faces.reading.count(scope("accueil"), SuspensionState.WAITING) == COUNTED_UP_TO
        assert await faces.reading.count(scope("accueil"), SuspensionState.SPAM) == 0


class TestInMemorySuspendedMail(SuspendedMailSuite):
    @pytest.fixture
    def faces(self) -> Faces:
        messages = InMemoryMessageStore()
        suspended = InMemorySuspendedMail(messages)
        return Faces(messages, suspended, suspended)


@pytest.mark.real
class TestMongoSuspendedMail(SuspendedMailSuite):
    @pytest.fixture
    def faces(self, database: Database) -> Faces:
        suspended = MongoSuspendedMail(database)
        return Faces(MongoMessageStore(database), suspended, suspended)
