"""One suite for drafts, on the twin and on the real MongoDB."""

import asyncio
from datetime import datetime, timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import AgentId, CaseId, DepartmentId, DraftId, EventId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.draft import FILE_BYTES_AT_MOST, FILES_AT_MOST, TOLD_AT_MOST, AttachedFile, Draft, draft_of
from guichet.store.drafts import Drafts, Kept, MongoDrafts
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.drafts import InMemoryDrafts

CASE = CaseId("case")
VOIRIE = DepartmentId("voirie")
A_MINUTE = timedelta(minutes=1)
LATER = ARRIVED + timedelta(minutes=5)


def a_draft(once: str = "a", words: bytes | None = b"box", **replaced: object) -> Draft:
    fields = {"case_id": CASE, "author": "lea", "once": once, "begun_at": ARRIVED, "saved_at": ARRIVED}
    sealed = Sealed(key_id="key", box=words) if words is not None else None
    return Draft.model_validate({"_id": "draft", "words": sealed, **fields, **replaced})


def leaving(
    once: str, *, reply: str = "reply", draft: str = "draft", due: datetime = ARRIVED, given_at: datetime | None = None
) -> Draft:
    given = {"event_id": reply, "occurred_at": ARRIVED, "case_id": CASE, "issued_by": "lea", "outbound_id": "answer"}
    on_its_way = {"reply": given, "due_at": due, "next_at": due, "given_at": given_at}
    return a_draft(once, is_over=True, leaving=on_its_way, _id=draft)


def a_file(name: str, size: int = 1) -> AttachedFile:
    sealed = Sealed(key_id="key", box=name.encode())
    return AttachedFile(file_id=name, name=sealed, content_type="text/plain", size_bytes=size)


def leaving_with(once: str, *files: AttachedFile) -> Draft:
    draft = leaving(once)
    assert draft.leaving is not None
    return draft.model_copy(update={"leaving": draft.leaving.model_copy(update={"files": files})})


def to_sign(draft: str, *, at: datetime = ARRIVED, department: DepartmentId | str = VOIRIE, once: str = "a") -> Draft:
    return a_draft(once, _id=draft, to_sign={"department": department, "at": at})


class DraftsSuite:
    async def test_it_is_kept_and_kept_anew_from_the_same_form(self, drafts: Drafts):
        assert await drafts.put(a_draft(), "")
        assert await drafts.put(a_draft(words=b"more"), "")
        assert await drafts.of_case(CASE) == [a_draft(words=b"more")]
        assert await drafts.of_case(CaseId("other")) == []

    async def test_another_form_keeps_its_own_over_it_only_where_it_showed_it(self, drafts: Drafts):
        await drafts.put(a_draft("a"), "")
        assert not await drafts.put(a_draft("b"), "")
        assert await drafts.of_case(CASE) == [a_draft("a")]
        assert await drafts.put(a_draft("b"), "a")
        assert not await drafts.put(a_draft("a"), "")
        assert await drafts.of_case(CASE) == [a_draft("b")]

    async def test_a_save_that_comes_after_the_end_brings_nothing_back(self, drafts: Drafts):
        over = a_draft("a", words=None, is_over=True)
        assert await drafts.put(over, "")
        assert not await drafts.put(a_draft("a"), "a")
        assert await drafts.of_case(CASE) == [over]
        assert await drafts.put(a_draft("b"), "")
        assert await drafts.of_case(CASE) == [a_draft("b")]

    async def test_what_leaves_is_saved_into_by_no_form_and_comes_back_as_it_was(self, drafts: Drafts):
        await drafts.put(a_draft("a"), "")
        assert await drafts.leave(leaving("a"), "")
        for form in ("a", "b"):
            assert not await drafts.put(a_draft(form), "a")
        assert not await drafts.leave(leaving("b", reply="other"), "a")
        assert not await drafts.take_back(DraftId("draft"), EventId("other"))
        assert await drafts.take_back(DraftId("draft"), EventId("reply"))
        assert await drafts.of_case(CASE) == [a_draft("a")]
        assert not await drafts.take_back(DraftId("draft"), EventId("reply"))

    async def test_a_form_s_own_leaves_anew_until_it_is_taken(self, drafts: Drafts):
        assert await drafts.leave(leaving("a"), "")
        assert await drafts.leave(leaving("a", reply="changed"), "")
        assert await drafts.take(ARRIVED, A_MINUTE) is not None
        assert not await drafts.leave(leaving("a", reply="again"), "")

    async def test_what_waits_to_be_signed_is_found_by_department_the_longest_first(self, drafts: Drafts):
        late, early = to_sign("late", at=LATER), to_sign("early")
        for each in (late, early, to_sign("elsewhere", department="ccas"), a_draft("x", _id="typed")):
            await drafts.put(each, "")
        assert await drafts.to_sign_in([VOIRIE, DepartmentId("etat-civil")]) == [early, late]
        assert await drafts.to_sign_in([]) == []
        assert early.to_sign is not None
        moved = early.to_sign.model_copy(update={"department": DepartmentId("ccas")})
        assert await drafts.follow_case(early.draft_id, moved, early.to_sign)
        assert not await drafts.follow_case(early.draft_id, None, early.to_sign)
        assert await drafts.to_sign_in([VOIRIE]) == [late]
        assert await drafts.follow_case(early.draft_id, None, moved)
        assert [each.draft_id for each in await drafts.to_sign_in([DepartmentId("ccas")])] == ["elsewhere"]

    async def test_it_gives_way_to_what_names_it_and_to_one_alone(self, drafts: Drafts):
        waiting = to_sign("draft", once="a")
        await drafts.put(waiting, "")
        out = leaving("b").model_copy(update={"to_sign": waiting.to_sign})
        assert not await drafts.replace(out, {"b", "c"})
        assert await drafts.replace(out, {"b", "a"})
        assert not await drafts.replace(a_draft("c"), {"c", "b", "a"}), "it leaves"
        assert await drafts.to_sign_in([VOIRIE]) == []
        before = Sealed(key_id="key", box=b"unsigned")
        assert await drafts.take_back(DraftId("draft"), EventId("reply"), before)
        [again] = await drafts.to_sign_in([VOIRIE])
        assert (again.is_over, again.leaving, again.words) == (False, None, before)
        assert not await drafts.replace(a_draft("c", _id="another"), {"c"}), "there is none"

    async def test_what_came_back_is_found_by_its_author_the_last_first(self, drafts: Drafts):
        back = {"by": "max", "at": ARRIVED}
        old = a_draft("a", _id="old", sent_back=back)
        new = a_draft("a", _id="new", sent_back={**back, "at": LATER})
        for each in (old, new, a_draft("a", _id="over", is_over=True, sent_back=back), to_sign("waits")):
            await drafts.put(each, "")
        assert await drafts.sent_back_to(AgentId("lea")) == [new, old]
        assert await drafts.sent_back_to(AgentId("max")) == []

    async def test_in_which_of_some_cases_an_agent_has_begun_an_answer(self, drafts: Drafts):
        lea, cases = AgentId("lea"), [CaseId(f"case-{number}") for number in range(5)]
        waits = {"department": VOIRIE, "at": ARRIVED}
        states: tuple[dict[str, object], ...] = ({}, {"is_over": True}, {"to_sign": waits})
        for case, state in zip(cases, states, strict=False):
            await drafts.put(a_draft("a", _id=draft_of(case, lea), case_id=case, **state), "")
        assert await drafts.begun_in(lea, cases) == {cases[0]}
        assert await drafts.begun_in(AgentId("max"), cases) == frozenset()
        assert await drafts.begun_in(lea, []) == frozenset()

    async def test_another_tab_s_draft_is_not_taken_along(self, drafts: Drafts):
        await drafts.put(a_draft("a"), "")
        assert not await drafts.leave(leaving("b"), "")
        assert await drafts.leave(leaving("b"), "a")

    async def test_it_is_taken_once_due_the_longest_due_first_and_nobody_takes_it_back(self, drafts: Drafts):
        await drafts.leave(leaving("a", due=LATER), "")
        await drafts.leave(leaving("b", draft="other", due=ARRIVED + A_MINUTE), "")
        assert await drafts.take(ARRIVED, A_MINUTE) is None
        for name in ("other", "draft"):
            taken = await drafts.take(LATER, A_MINUTE)
            assert taken is not None
            assert taken.leaving is not None
            assert (taken.draft_id, taken.leaving.is_taken) == (name, True)
            assert not await drafts.take_back(taken.draft_id, EventId("reply"))
        assert await drafts.take(LATER + 60 * A_MINUTE, A_MINUTE) is None, "holds are by the store's clock"

    async def test_who_is_killed_or_settles_it_has_it_no_longer(self, drafts: Drafts):
        await drafts.leave(leaving("a"), "")
        assert await drafts.take(LATER, timedelta(0)) is not None
        taken = await drafts.take(LATER, A_MINUTE)
        assert taken is not None, "who took it is gone"
        assert await drafts.settle(taken, EventId("reply"))
        assert await drafts.take(LATER, A_MINUTE) is not None

    async def test_who_gives_it_at_once_has_it(self, drafts: Drafts):
        assert await drafts.leave(leaving("a"), "", A_MINUTE)
        await drafts.put(to_sign("draft-to-sign", once="b"), "")
        assert await drafts.replace(leaving("c", draft="draft-to-sign"), {"b"}, A_MINUTE)
        assert await drafts.take(LATER, A_MINUTE) is None

    async def test_of_many_that_ask_at_once_each_has_another_one(self, drafts: Drafts):
        for number in range(3):
            await drafts.leave(leaving("a", draft=f"draft-{number}"), "")
        taken = await asyncio.gather(*(drafts.take(LATER, A_MINUTE) for _ in range(8)))
        assert sorted(each.draft_id for each in taken if each) == ["draft-0", "draft-1", "draft-2"]

    async def test_what_became_of_it_is_kept_in_its_place_alone(self, drafts: Drafts):
        await drafts.leave(leaving("a"), "")
        given = leaving("a", given_at=ARRIVED)
        assert await drafts.settle(given, EventId("reply"))
        assert not await drafts.put(a_draft("a"), "a"), "a late save of the form that sent it"
        assert await drafts.put(a_draft("b"), "")
        assert not await drafts.settle(a_draft("a", is_over=True), EventId("reply"))
        assert await drafts.of_case(CASE) == [a_draft("b")]

    async def test_no_save_of_the_words_loses_a_file(self, drafts: Drafts):
        draft, one, two = DraftId("draft"), a_file("one"), a_file("two")
        assert not await drafts.attach(draft, "a", one)
        await drafts.put(a_draft("a"), "")
        assert await drafts.attach(draft, "a", one)
        assert await drafts.attach(draft, "a", two)
        assert not await drafts.attach(draft, "b", a_file("of another form"))
        assert await drafts.put(a_draft("b", words=b"more"), "a")
        assert await drafts.of_case(CASE) == [a_draft("b", words=b"more", files=(one, two))]
        assert not await drafts.detach(draft, "a", "one"), "of another form"
        assert await drafts.detach(draft, "b", "one")
        assert not await drafts.detach(draft, "b", "one")
        assert not await drafts.detach(DraftId("another"), "b", "two")
        assert [each.files for each in await drafts.of_case(CASE)] == [(two,)]
        assert await drafts.put(a_draft("b", words=None, is_over=True), "")
        assert [each.files for each in await drafts.of_case(CASE)] == [()]
        assert not await drafts.attach(draft, "b", one)

    async def test_to_what_waits_to_be_signed_nothing_is_attached_and_nothing_is_taken_off(self, drafts: Drafts):
        draft, one = DraftId("draft"), a_file("one")
        await drafts.put(a_draft("a"), "")
        await drafts.attach(draft, "a", one)
        waiting = to_sign("draft", once="a")
        assert await drafts.replace(waiting, {"a"})
        assert not await drafts.attach(draft, "a", a_file("two"))
        assert not await drafts.detach(draft, "a", "one")
        assert await drafts.of_case(CASE) == [waiting.model_copy(update={"files": (one,)})]

    async def test_who_keeps_one_learns_what_it_took_the_place_of(self, drafts: Drafts):
        assert await drafts.put(a_draft("a"), "") == Kept(replaced=None)
        assert await drafts.put(a_draft("a", words=b"more"), "") == Kept(replaced=a_draft("a"))
        await drafts.attach(DraftId("draft"), "a", a_file("one"))
        over = a_draft("a", words=None, is_over=True)
        assert await drafts.put(over, "") == Kept(replaced=a_draft("a", words=b"more", files=(a_file("one"),)))
        assert await drafts.put(a_draft("a"), "a") is None

    async def test_of_files_there_are_so_many_and_so_large_at_most(self, drafts: Drafts):
        draft = DraftId("draft")
        await drafts.put(a_draft("a"), "")
        assert await drafts.attach(draft, "a", a_file("large", FILE_BYTES_AT_MOST))
        assert not await drafts.attach(draft, "a", a_file("one more"))
        await drafts.detach(draft, "a", "large")
        for number in range(FILES_AT_MOST):
            assert await drafts.attach(draft, "a", a_file(str(number)))
        assert not await drafts.attach(draft, "a", a_file("one more"))

    async def test_an_answer_leaves_with_the_files_that_it_names_and_comes_back_with_them(self, drafts: Drafts):
        draft, one, two = DraftId("draft"), a_file("one"), a_file("two")
        await drafts.put(a_draft("a"), "")
        await drafts.attach(draft, "a", one)
        await drafts.attach(draft, "a", two)
        for others in ((one,), (), (one, two, a_file("three"))):
            assert not await drafts.leave(leaving_with("a", *others), "")
        assert await drafts.leave(leaving_with("a", one, two), "")
        assert await drafts.of_case(CASE) == [leaving_with("a", one, two)]
        assert not await drafts.attach(draft, "a", a_file("three"))
        assert not await drafts.detach(draft, "a", "one")
        assert await drafts.take_back(draft, EventId("reply"))
        assert await drafts.of_case(CASE) == [a_draft("a", files=(one, two))]
        await drafts.leave(leaving_with("a", one, two), "")
        assert await drafts.settle(a_draft("a", refused="case-changed", files=(one, two)), EventId("reply"))
        assert await drafts.of_case(CASE) == [a_draft("a", refused="case-changed", files=(one, two))]

    async def test_an_agent_is_told_of_what_did_not_leave(self, drafts: Drafts):
        refused = a_draft("a", refused="case-changed")
        await drafts.put(refused, "")
        await drafts.put(a_draft("a", _id="other"), "")
        since = ARRIVED - A_MINUTE
        assert await drafts.refused_of(AgentId("lea"), since) == [refused]
        assert await drafts.refused_of(AgentId("max"), since) == []
        await drafts.put(a_draft("a"), "")
        assert await drafts.refused_of(AgentId("lea"), since) == []

    async def test_of_many_that_did_not_leave_the_last_are_told_and_no_old_one_hides_them(self, drafts: Drafts):
        for number in range(TOLD_AT_MOST + 2):
            at = ARRIVED + number * A_MINUTE
            await drafts.put(a_draft("a", _id=f"draft-{number}", refused="case-changed", saved_at=at), "")
        told = await drafts.refused_of(AgentId("lea"), ARRIVED - A_MINUTE)
        assert [each.draft_id for each in told] == [f"draft-{number}" for number in range(TOLD_AT_MOST + 1, 1, -1)]
        late = ARRIVED + TOLD_AT_MOST * A_MINUTE
        assert len(await drafts.refused_of(AgentId("lea"), late)) == 1


class TestInMemoryDrafts(DraftsSuite):
    @pytest.fixture
    def drafts(self) -> Drafts:
        return InMemoryDrafts()


@pytest.mark.real
class TestMongoDrafts(DraftsSuite):
    @pytest.fixture
    async def drafts(self, mongo_server, mongo_database) -> Drafts:
        return MongoDrafts(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
