"""One suite for sealed views, on the twin and on the real MongoDB."""

from datetime import datetime, timedelta

import pytest

from guichet.contracts.questions import AskedField, FieldKind
from guichet.ids import CaseId, DepartmentId, MessageId, Reference
from guichet.privacy.follow_link import QuestionLink, new_follow_link, new_question_link
from guichet.store.cases.erase import CaseErasing, MongoCaseErasing
from guichet.store.cases.store import MongoCaseStore
from guichet.store.follow_views.document import FollowPage, FollowView, GenericState, open_view, seal_view
from guichet.store.follow_views.question_page import QuestionPage, open_question, seal_question
from guichet.store.follow_views.store import FollowViews, MongoFollowViews
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.follow_views import InMemoryFollowViews

PAGE = FollowPage(reference=Reference("2026-7F3K-29Q"), received_at=ARRIVED, state=GenericState.RECEIVED)
LINK = new_follow_link()


def a_view(version: int = 1, link=LINK, case: str = "case-1", **more) -> FollowView:
    return seal_view(link, PAGE, case_id=CaseId(case), version=version, **more)


QUESTION = QuestionPage(
    fields=(AskedField(kind=FieldKind.WORDS, label="Où ?"),),
    until=ARRIVED.date(),
    question=MessageId("a letter"),
    reference=Reference("2026-7F3K-29Q"),
    department=DepartmentId("voirie"),
)


def a_question(link: QuestionLink, expires_at: datetime | None = None) -> FollowView:
    return seal_question(link, QUESTION, case_id=CaseId("case-1"), version=1, expires_at=expires_at)


class FollowViewsSuite:
    async def test_a_view_is_found_by_its_link_and_opened_with_it(self, views: FollowViews):
        await views.put([a_view(answers=(MessageId("a"),), expires_at=ARRIVED)])
        found = await views.find(LINK.lookup)
        assert found is not None
        assert open_view(LINK, found) == PAGE
        assert (found.answers, found.expires_at) == (("a",), ARRIVED)
        assert await views.find(new_follow_link().lookup) is None

    async def test_a_replay_never_goes_back(self, views: FollowViews):
        second = a_view(2)
        for view in (a_view(1), second, a_view(1), a_view(2)):
            await views.put([view])
        assert await views.find(LINK.lookup) == second

    async def test_a_batch_holds_new_and_changed_ones(self, views: FollowViews):
        other = new_follow_link()
        await views.put([a_view(1)])
        await views.put([a_view(3), a_view(1, other, "case-2")])
        found = [await views.find(link.lookup) for link in (LINK, other)]
        assert [each and each.version for each in found] == [3, 1]
        await views.put([])

    async def test_of_a_destroyed_case_nothing_is_left(self, views: FollowViews):
        fresh, other = new_follow_link(), new_follow_link()
        await views.put([a_view(1), a_view(2, fresh), a_view(1, other, "case-2")])
        await views.remove_former(CaseId("case-1"), fresh.lookup)
        assert await views.find(LINK.lookup) is None
        assert await views.find(fresh.lookup) is not None
        await views.remove([CaseId("case-1")])
        assert await views.find(fresh.lookup) is None
        assert await views.find(other.lookup) is not None

    async def test_the_form_of_a_question_outlives_a_renewed_link_and_goes_with_its_letter(self, views: FollowViews):
        fresh, link = new_follow_link(), new_question_link()
        await views.put([a_view(1), a_view(2, fresh), a_question(link)])
        await views.remove_former(CaseId("case-1"), fresh.lookup)
        kept = await views.find(link.lookup)
        assert kept is not None
        assert open_question(link, kept) == QUESTION
        assert await views.find(LINK.lookup) is None
        await views.remove_questions([MessageId("another letter")])
        assert await views.find(link.lookup) is not None
        await views.remove_questions([QUESTION.question])
        assert await views.find(link.lookup) is None
        assert await views.find(fresh.lookup) is not None

    async def test_of_a_letter_that_asks_no_page_of_its_case_is_deleted(self, views: FollowViews):
        await views.put([a_view(1, answers=(QUESTION.question,))])
        await views.remove_questions([QUESTION.question])
        assert await views.find(LINK.lookup) is not None

    async def test_an_ended_question_asks_nothing(self, views: FollowViews):
        link = new_question_link()
        await views.put([a_question(link, expires_at=ARRIVED)])
        assert await views.end(ARRIVED) == 1
        ended = await views.find(link.lookup)
        assert ended is not None
        assert open_question(link, ended) is None

    async def test_an_ended_view_keeps_no_page_and_comes_back_with_a_reopened_case(self, views: FollowViews):
        await views.put([a_view(1, expires_at=ARRIVED, answers=(MessageId("a"),))])
        assert await views.end(ARRIVED - timedelta(seconds=1)) == 0
        assert await views.end(ARRIVED) == 1
        assert await views.end(ARRIVED) == 0
        ended = await views.find(LINK.lookup)
        assert ended is not None
        assert ended.has_ended(ARRIVED)
        assert open_view(LINK, ended) is None
        assert ended.answers == ()
        await views.put([a_view(2)])
        again = await views.find(LINK.lookup)
        assert again is not None
        assert not again.has_ended(ARRIVED)
        assert open_view(LINK, again) == PAGE
        assert await views.end(ARRIVED + timedelta(days=1000)) == 0, "an open case's link does not end"

    async def test_a_withdrawn_view_comes_back_once_its_link_opens_again(self, views: FollowViews):
        """Nothing may happen in the case for ever: who restored it writes the very version that was withdrawn."""
        await views.put([a_view(2)])
        await views.withdraw([CaseId("case-1")])
        await views.put([a_view(1)])
        older = await views.find(LINK.lookup)
        assert older is not None
        assert older.withdrawn, "a replay shows what is over"
        await views.put([a_view(2)])
        again = await views.find(LINK.lookup)
        assert again is not None
        assert open_view(LINK, again) == PAGE, "the page never comes back"
        assert not again.withdrawn

    async def test_a_withdrawn_view_has_no_page_and_comes_back_with_what_happens_next(self, views: FollowViews):
        other = new_follow_link()
        await views.put([a_view(1, expires_at=ARRIVED, answers=(MessageId("a"),)), a_view(1, other, "case-2")])
        await views.withdraw([CaseId("case-1"), CaseId("nothing")])
        withdrawn, untouched = await views.find(LINK.lookup), await views.find(other.lookup)
        assert withdrawn is not None
        assert (withdrawn.box, withdrawn.answers, withdrawn.withdrawn) == (None, (), True)
        assert await views.end(ARRIVED) == 0
        assert untouched is not None
        assert open_view(other, untouched) == PAGE
        await views.put([a_view(2)])
        again = await views.find(LINK.lookup)
        assert again is not None
        assert not again.withdrawn
        assert open_view(LINK, again) == PAGE


class ErasingSuite:
    async def test_the_link_of_a_case_under_erasure_leads_nowhere_until_it_is_released(self, views, erasing, cases):
        case = a_case()
        await cases.insert_new([case])
        await views.put([a_view(1, case=case.case_id)])
        await erasing.mark_erasing([case.case_id])
        await views.put([a_view(2, case=case.case_id)])
        assert await views.find(LINK.lookup) is None
        await erasing.release([case.case_id])
        assert await views.find(LINK.lookup) is not None
        await erasing.destroy([case.case_id], ARRIVED)
        assert await views.find(LINK.lookup) is None


class TestInMemoryFollowViews(FollowViewsSuite, ErasingSuite):
    @pytest.fixture
    def views(self) -> FollowViews:
        return InMemoryFollowViews()

    @pytest.fixture
    def cases(self, views) -> InMemoryCaseStore:
        return InMemoryCaseStore(views=views)

    @pytest.fixture
    def erasing(self, cases) -> CaseErasing:
        return cases


@pytest.mark.real
class TestMongoFollowViews(FollowViewsSuite, ErasingSuite):
    @pytest.fixture
    def views(self, database) -> FollowViews:
        return MongoFollowViews(database)

    @pytest.fixture
    def cases(self, database) -> MongoCaseStore:
        return MongoCaseStore(database)

    @pytest.fixture
    def erasing(self, database) -> MongoCaseErasing:
        return MongoCaseErasing(database)
