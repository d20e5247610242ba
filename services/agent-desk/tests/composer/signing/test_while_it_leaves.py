"""A signed answer that may still be taken back, and a department in which nobody signs what they wrote."""

from datetime import timedelta

import pytest

from agent_desk.domain.bulk.why_not import why_not
from guichet.rights.scope import Scope
from guichet.store.bulk.acts import BulkKind
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.answers_to_sign import (
    DRAFTER,
    SIGNER,
    TEXT,
    VIEW,
    disable,
    draft_in,
    given_by,
    here,
    sheet,
    wary_town,
    words_of,
)
from guichet_testing.doors.desk_on_twins import TownHall


class TestADepartmentThatWantsFourEyes:
    @pytest.fixture
    def hall(self) -> TownHall:
        return TownHall(town=wary_town())

    async def test_nobody_signs_what_they_wrote(self, sign_in, signer, hall, lamp, fields):
        page = await signer.get(here(lamp))
        assert "Soumettre à signature" in page.text
        form = {**fields(page), "text": TEXT}
        assert (await signer.post(here(lamp, "reponse"), data=form)).status_code == 403
        assert (await signer.post(here(lamp, "signature"), data=form)).status_code == 303
        assert lamp.reference not in (await signer.get(VIEW)).text
        [draft] = hall.drafts.drafts.values()
        own = {**fields(page), "text": TEXT, "signs": draft.draft_id, "replaces": draft.once}
        assert (await signer.post(here(lamp, "a-signer"), data=own)).status_code == 409
        assert given_by(hall) == []
        karim = await sign_in("karim.haddad")
        assert lamp.reference in (await karim.get(VIEW)).text
        signing = sheet(await karim.get(here(lamp)), text=TEXT)
        assert (await karim.post(here(lamp, "a-signer"), data=signing)).status_code == 303
        assert [(each.issued_by, each.drafted_by) for each in given_by(hall)] == [("agent-12", SIGNER)]

    def test_nor_gives_one_answer_to_many(self, hall, lamp):
        scope = Scope.of_departments(SIGNER, [lamp.department], [lamp.sector])
        assert why_not(BulkKind.REPLY, lamp, scope, hall.town) == "four-eyes"
        assert why_not(BulkKind.CLOSE, lamp, scope, hall.town) is None


class TestWhileItLeaves:
    @pytest.fixture
    def hall(self) -> TownHall:
        return TownHall(town=profiled_town(), undo=timedelta(seconds=10))

    @pytest.fixture
    def sign(self, signer, lamp, submit):
        async def sign() -> None:
            await submit()
            form = sheet(await signer.get(here(lamp)), text=TEXT + " Merci.")
            assert (await signer.post(here(lamp, "a-signer"), data=form)).headers["location"].endswith("#depart")
            assert (await signer.post(here(lamp, "a-signer"), data=form)).status_code == 303, "sent twice"

        return sign

    async def test_with_a_file_it_is_signed_twice_as_once(self, drafter, signer, hall, lamp, submit, fields):
        form = {**fields(await drafter.get(here(lamp))), "text": TEXT}
        await drafter.post(here(lamp, "pieces-jointes"), data=form, files=[("files", ("plan.png", b"PNG"))])
        await submit()
        form = sheet(await signer.get(here(lamp)), text=TEXT)
        assert form["attached"]
        for _ in range(2):
            assert (await signer.post(here(lamp, "a-signer"), data=form)).headers["location"].endswith("#depart")
        hall.clock.now += timedelta(seconds=11)
        await hall.leaving_answers().go_on()
        [command] = given_by(hall)
        assert len(hall.messages.messages[command.outbound_id].attachments) == 1

    async def test_it_waits_no_more_and_its_author_sees_who_sends_it(self, drafter, signer, hall, lamp, sign, fields):
        await sign()
        assert lamp.reference not in (await signer.get(VIEW)).text
        page = await drafter.get(here(lamp))
        assert "Votre réponse part, signée par answers" in page.text
        draft = draft_in(hall, lamp)
        late = {**fields(page), "replaces": draft.once}
        assert (await drafter.post(here(lamp, "signature", "reprise"), data=late)).status_code == 409

    async def test_what_was_to_leave_unread_comes_back_once_the_town_wants_four_eyes(self, hall, lamp, sign_in, fields):
        karim = await sign_in("karim.haddad")
        form = {**fields(await karim.get(here(lamp))), "text": TEXT}
        assert (await karim.post(here(lamp, "reponse"), data=form)).status_code == 303
        hall.town = wary_town()
        hall.clock.now += timedelta(seconds=11)
        await hall.leaving_answers().go_on()
        assert given_by(hall) == []
        [draft] = hall.drafts.drafts.values()
        assert (draft.leaving, draft.refused) == (None, "agent-without-right")

    async def test_taken_back_it_waits_again_as_it_was_before_the_signature(self, signer, hall, lamp, sign, fields):
        await sign()
        back = await signer.post(here(lamp, "depart", "annulation"), data=fields(await signer.get(here(lamp))))
        assert back.status_code == 303
        assert await words_of(hall, lamp) == TEXT + " Merci."
        assert lamp.reference in (await signer.get(VIEW)).text
        hall.clock.now += timedelta(minutes=1)
        await hall.leaving_answers().go_on()
        assert given_by(hall) == []

    async def test_refused_it_waits_again_and_says_so(self, signer, hall, lamp, sign):
        await sign()
        hall.publisher.refuses = "case-changed"
        for _ in range(2):
            hall.clock.now += timedelta(seconds=11)
            await hall.leaving_answers().go_on()
        assert len(given_by(hall)) == 1
        page = (await signer.get(here(lamp))).text
        assert "Signée, elle n’est pas partie" in page
        assert await words_of(hall, lamp) == TEXT + " Merci."

    @pytest.mark.parametrize("why", ["case-changed", "not-failed"])
    async def test_refused_as_failed_no_more_it_waits_as_an_answer_like_any_other(self, hall, lamp, sign, why):
        await sign()
        draft = draft_in(hall, lamp)
        hall.drafts.drafts[draft.draft_id] = draft.model_copy(update={"instead_of": "answer-1"})
        hall.publisher.refuses = why
        for _ in range(2):
            hall.clock.now += timedelta(seconds=11)
            await hall.leaving_answers().go_on()
        again = draft_in(hall, lamp)
        assert (again.refused, again.instead_of) == (why, "answer-1" if why == "case-changed" else None)

    async def test_a_signer_whose_account_is_disabled_sends_nothing_and_it_waits(self, hall, lamp, sign):
        await sign()
        await disable(hall, SIGNER)
        hall.clock.now += timedelta(seconds=11)
        await hall.leaving_answers().go_on()
        assert given_by(hall) == []
        assert draft_in(hall, lamp).to_sign is not None

    async def test_an_author_whose_account_is_disabled_leaves_it_to_be_signed(self, hall, lamp, sign):
        await sign()
        await disable(hall, DRAFTER)
        hall.clock.now += timedelta(seconds=11)
        await hall.leaving_answers().go_on()
        assert [each.issued_by for each in given_by(hall)] == [SIGNER]
