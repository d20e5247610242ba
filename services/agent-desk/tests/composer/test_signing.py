"""Four eyes: who may write an answer but not sign it submits it, and who may sign sends it, or gives it back."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent_desk.domain.bulk.why_not import why_not
from agent_desk.domain.composer.changes import changes_between
from guichet.case.newest import Said
from guichet.contracts.case_commands import CloseCase, SendReply
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, DepartmentId
from guichet.rights.scope import Scope
from guichet.store.audit.trail import Act
from guichet.store.bulk.acts import BulkKind
from guichet.store.drafts import WORDS, draft_of
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.town.town import Town
from guichet.vault.fields import open_one
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.desk_on_twins import TownHall

DRAFTER, SIGNER = AgentId("writes-unsigned"), AgentId("answers")
VIEW = "/demandes?vue=a-signer"
TEXT = "Nous passons <mardi>."
SHOWN = "Nous passons &lt;mardi&gt;."


@pytest.fixture
def hall() -> TownHall:
    return TownHall(town=profiled_town())


@pytest.fixture
async def drafter(sign_in, cases):
    return await sign_in(DRAFTER)


@pytest.fixture
async def signer(sign_in, cases):
    return await sign_in(SIGNER)


@pytest.fixture
def lamp(cases):
    return cases["lamp"]


@pytest.fixture
def submit(drafter, lamp, fields):
    async def submit(text: str = TEXT, **more: str) -> Any:
        form = {**fields(await drafter.get(here(lamp))), "text": text, **more}
        return form, await drafter.post(here(lamp, "signature"), data=form)

    return submit


def here(case, *further: str) -> str:
    return "/".join((f"/demandes/{case.reference}", *further))


def sheet(page: Any, **typed: str) -> dict[str, str]:
    """Return what the form of an answer that waits to be signed carries."""
    form = page.text.partition('id="a-signer"')[2].partition("</form>")[0]
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    ticks = ("then", "awaits_answer", "elsewhere", "despite")
    return {**{name: value for name, value in found.items() if name not in ticks}, **typed}


def draft_in(hall: TownHall, case: Any) -> Any:
    return hall.drafts.drafts[draft_of(case.case_id, DRAFTER)]


async def words_of(hall: TownHall, case: Any) -> str:
    draft = draft_in(hall, case)
    return await open_one(hall.vault, WORDS.on(draft.draft_id, draft.words))


def given_by(hall: TownHall) -> list[Any]:
    return hall.publisher.on(CASE_COMMANDS)


async def disable(hall: TownHall, agent: AgentId) -> None:
    account = await hall.accounts.find(agent)
    assert account is not None
    await hall.accounts.replace(account, account.model_copy(update={"disabled_at": hall.clock.now}))


def acts_of(hall: TownHall, agent: AgentId) -> list[Act]:
    return [each.act for each in hall.audit.entries if each.agent == agent]


async def test_who_may_not_sign_submits_it_and_nothing_leaves(drafter, hall, lamp, submit):
    page = (await drafter.get(here(lamp))).text
    assert "Soumettre à signature" in page
    assert "Envoyer la réponse" not in page
    _, answer = await submit()
    assert answer.headers["location"] == here(lamp) + "#a-signer-mienne"
    page = (await drafter.get(here(lamp))).text
    assert "Votre réponse attend une signature" in page
    assert SHOWN in page
    assert 'id="text"' not in page
    assert given_by(hall) == []
    assert Act.SUBMITTED in acts_of(hall, DRAFTER)
    draft = draft_in(hall, lamp)
    assert (draft.to_sign.department, draft.is_over, await words_of(hall, lamp)) == (lamp.department, False, TEXT)


async def test_who_signs_finds_it_counted_in_a_view_and_nobody_else_does(drafter, signer, hall, lamp, submit, sign_in):
    assert "a-signer" not in (await signer.get("/demandes")).text
    await submit()
    assert re.search(
        r'vue=a-signer"[^>]*>À signer\s*<span class="count" id="n-to-sign">1<', (await signer.get("/demandes")).text
    )
    assert lamp.reference in (await signer.get(VIEW)).text
    assert lamp.reference in (await signer.get("/demandes/liste?vue=a-signer")).text
    for name in ("signs-unwritten", "reads-alone", DRAFTER):
        browser = await sign_in(name)
        assert lamp.reference not in (await browser.get(VIEW)).text
        assert "n-to-sign" not in (await browser.get("/demandes")).text


async def test_the_file_of_what_waits_is_of_all_of_it_and_no_page(
    sign_in, hall, lamp, drafter, submit, fields, monkeypatch
):
    monkeypatch.setattr("agent_desk.domain.cases.case_query.ROWS", 1)
    waiting = [lamp, *[await hall.open_case(f"street-{number}", minutes=20 + number) for number in range(2)]]
    for case in waiting:
        form = {**fields(await drafter.get(here(case))), "text": TEXT}
        assert (await drafter.post(here(case, "signature"), data=form)).status_code == 303
    karim = await sign_in("karim.haddad")
    lines = (await karim.get("/demandes/export.csv?vue=a-signer")).text.strip().splitlines()
    assert len(lines) == 1 + len(waiting)
    (token, *_) = re.findall(r'name="form_token" value="([^"]+)"', (await karim.get("/demandes")).text)
    ticked = {"form_token": token, "act": "cloture", "toute": "oui"}
    page = (await karim.post("/traitements/apercu?vue=a-signer", data=ticked)).text
    assert all(f'name="case" value="{case.reference}"' in page for case in waiting)


async def test_signed_it_leaves_in_the_name_of_who_signs_and_names_its_author(signer, hall, lamp, submit):
    await submit(awaits_answer="oui")
    page = await signer.get(here(lamp))
    assert "Réponse de writes-unsigned, soumise à signature" in page.text
    assert 'name="awaits_answer" value="oui" checked' in page.text
    form = sheet(page, text=TEXT + " Merci.", awaits_answer="oui")
    answer = await signer.post(here(lamp, "a-signer"), data=form)
    assert answer.status_code == 303
    [command] = given_by(hall)
    assert (type(command), command.issued_by, command.drafted_by, command.awaits_answer) == (
        SendReply,
        SIGNER,
        DRAFTER,
        True,
    )
    kept = hall.messages.messages[command.outbound_id]
    assert (kept.author, kept.drafted_by) == (SIGNER, DRAFTER)
    said = await open_one(hall.vault, OUTBOUND_CONTENT.on(kept.message_id, kept.content))
    assert said.text.startswith(TEXT + " Merci.\n\nanswers\n")
    [signed] = [each for each in hall.audit.entries if each.act is Act.SIGNED]
    assert (signed.agent, signed.things[2]) == (SIGNER, DRAFTER)
    draft = draft_in(hall, lamp)
    assert (draft.is_over, draft.to_sign, draft.signing, await words_of(hall, lamp)) == (True, None, None, "")
    assert lamp.reference not in (await signer.get(VIEW)).text


async def test_signed_and_closed_in_one(signer, hall, lamp, submit, sign_in):
    await submit()
    karim = await sign_in("karim.haddad")
    form = sheet(await karim.get(here(lamp)), text=TEXT, then="close")
    assert (await karim.post(here(lamp, "a-signer"), data=form)).status_code == 303
    assert [type(each) for each in given_by(hall)] == [SendReply, CloseCase]
    form = sheet(await signer.get(here(lamp)), text=TEXT, then="close", signs="x")
    assert (await signer.post(here(lamp, "a-signer"), data=form)).status_code == 403, "who may not close"


async def test_sent_back_its_author_finds_the_reason_and_submits_anew_what_changed_since(
    drafter, signer, hall, lamp, submit
):
    await submit()
    form = sheet(await signer.get(here(lamp)), text=TEXT)
    assert (await signer.post(here(lamp, "a-signer", "renvoi"), data=form)).status_code == 422, "no reason"
    answer = await signer.post(here(lamp, "a-signer", "renvoi"), data={**form, "send_back": "Plus <court>"})
    assert answer.status_code == 303
    assert given_by(hall) == []
    assert Act.SENT_BACK in acts_of(hall, SIGNER)
    assert "Renvoyées sans signature" in (listed := (await drafter.get("/demandes?vue=miennes")).text)
    assert "Plus &lt;court&gt;" in listed
    assert "Renvoyées sans signature" not in (await signer.get("/demandes")).text
    page = (await drafter.get(here(lamp))).text
    assert "answers vous a renvoyé cette réponse sans la signer." in page
    assert "Plus &lt;court&gt;" in page
    assert SHOWN in page
    assert lamp.reference not in (await signer.get(VIEW)).text
    await submit("Nous passons jeudi.")
    page = (await signer.get(here(lamp))).text
    assert "Ce qui a changé dans le texte" in page
    assert re.search(r"<del>.*&lt;mardi&gt;.</del><ins>.*jeudi.</ins>", page)


async def test_sent_back_without_words_it_is_as_it_was_submitted(drafter, signer, hall, lamp, submit):
    await submit()
    form = sheet(await signer.get(here(lamp)), text=" ", send_back="Non")
    assert (await signer.post(here(lamp, "a-signer", "renvoi"), data=form)).status_code == 303
    assert await words_of(hall, lamp) == TEXT


async def test_of_two_that_wait_the_second_is_shown_too(signer, sign_in, hall, lamp, submit, fields):
    await submit()
    hall.clock.now += timedelta(minutes=1)
    karim = await sign_in("karim.haddad")
    form = {**fields(await karim.get(here(lamp))), "text": "Nous passons vendredi."}
    assert (await karim.post(here(lamp, "signature"), data=form)).status_code == 303
    page = (await signer.get(here(lamp))).text
    assert "Réponse de writes-unsigned, soumise à signature" in page
    assert page.count("Nous passons vendredi.") == 1


async def test_one_s_own_draft_beside_an_answer_to_sign_shares_no_id_with_it(signer, hall, lamp, submit, fields):
    form = {**fields(await signer.get(here(lamp))), "text": "Bonjour.", "signed": "oui"}
    assert (await signer.post(here(lamp, "brouillon"), data=form)).status_code in {200, 303}
    await submit()
    page = (await signer.get(here(lamp))).text
    assert 'id="text"' in page
    assert 'id="a-signer-texte"' in page
    assert [name for name, times in Counter(re.findall(r' id="([^"]*)"', page)).items() if times > 1] == []


async def test_what_is_wrong_with_an_answer_to_sign_leads_to_its_own_field(signer, hall, lamp, submit):
    await submit()
    answer = await signer.post(here(lamp, "a-signer"), data=sheet(await signer.get(here(lamp)), text=" "))
    assert answer.status_code == 422
    assert '<a href="#a-signer-texte">Écrivez la réponse.</a>' in answer.text
    assert 'href="#text"' not in answer.text


async def test_what_a_signer_typed_stays_where_the_answer_is_gone(drafter, signer, hall, lamp, submit, fields):
    await submit()
    seen = sheet(await signer.get(here(lamp)), text="x" * 20_001)
    await drafter.post(here(lamp, "signature", "reprise"), data=fields(await drafter.get(here(lamp))))
    answer = await signer.post(here(lamp, "a-signer"), data=seen)
    assert "Elle n’attend plus votre signature" in answer.text
    assert "x" * 20_001 in answer.text


async def test_its_files_are_shown_to_its_author_and_a_change_of_them_to_who_signs(
    drafter, signer, hall, lamp, submit, fields
):
    form = {**fields(await drafter.get(here(lamp))), "text": TEXT}
    file = ("files", ("plan.png", b"\x89PNG the plan"))
    assert (await drafter.post(here(lamp, "pieces-jointes"), data=form, files=[file])).status_code == 303
    await submit()
    assert ">plan.png</a>" in (await drafter.get(here(lamp))).text
    form = sheet(await signer.get(here(lamp)), text=TEXT, attached="")
    answer = await signer.post(here(lamp, "a-signer"), data=form)
    assert answer.status_code == 409
    assert '<a href="#a-signer-fichiers">Des fichiers ont été joints ou retirés entre-temps' in answer.text
    assert re.search(r'id="a-signer-fichiers".*Des fichiers.*>plan.png</a>', answer.text, re.DOTALL)


async def test_its_author_takes_it_back_and_a_page_of_before_signs_nothing(drafter, signer, hall, lamp, submit, fields):
    await submit()
    seen = sheet(await signer.get(here(lamp)), text=TEXT)
    page = await drafter.get(here(lamp))
    answer = await drafter.post(here(lamp, "signature", "reprise"), data=fields(page))
    assert answer.headers["location"] == here(lamp) + "#text"
    assert SHOWN in (await drafter.get(here(lamp))).text
    answer = await signer.post(here(lamp, "a-signer"), data=seen)
    assert answer.status_code == 409
    assert "Elle n’attend plus votre signature" in answer.text
    assert SHOWN in answer.text, "what was typed is not lost"
    await submit("Nous passons jeudi.")
    answer = await signer.post(here(lamp, "a-signer"), data=seen)
    assert answer.status_code == 409
    assert "Nous passons jeudi." in answer.text
    assert given_by(hall) == []


async def test_of_two_who_sign_one_does_and_the_other_is_told(signer, sign_in, hall, lamp, submit):
    await submit()
    karim = await sign_in("karim.haddad")
    one, two = sheet(await signer.get(here(lamp)), text=TEXT), sheet(await karim.get(here(lamp)), text=TEXT + " Bien.")
    assert (await signer.post(here(lamp, "a-signer"), data=one)).status_code == 303
    answer = await karim.post(here(lamp, "a-signer"), data=two)
    assert answer.status_code == 409
    assert "Bien." in answer.text
    assert (await signer.post(here(lamp, "a-signer"), data=one)).status_code in {303, 409}, "sent twice"
    assert len({each.event_id for each in given_by(hall)}) == 1


async def test_what_a_colleague_corrected_meanwhile_is_shown_before_it_is_signed(signer, sign_in, hall, lamp, submit):
    await submit()
    karim = await sign_in("karim.haddad")
    seen = sheet(await karim.get(here(lamp)), text=TEXT)
    typed = sheet(await signer.get(here(lamp)), text=TEXT + " Soyez là.")
    kept = await signer.post(here(lamp, "a-signer", "texte"), data=typed, headers={"HX-Request": "true"})
    assert "Brouillon gardé" in kept.text
    assert (await signer.post(here(lamp, "a-signer", "texte"), data=typed)).status_code == 303
    answer = await karim.post(here(lamp, "a-signer"), data=seen)
    assert answer.status_code == 409
    assert "Soyez là." in answer.text
    assert given_by(hall) == []
    again = sheet(answer, text=TEXT + " Soyez là.")
    assert (await karim.post(here(lamp, "a-signer"), data=again)).status_code == 303


async def test_a_form_sent_twice_submits_once(drafter, hall, lamp, submit):
    form, _ = await submit()
    before = draft_in(hall, lamp)
    assert (await drafter.post(here(lamp, "signature"), data=form)).status_code == 303
    late = await drafter.post(here(lamp, "brouillon"), data={**form, "text": "x"}, headers={"HX-Request": "true"})
    assert "Pas gardé" in late.text
    assert draft_in(hall, lamp) == before


async def test_a_stale_form_with_other_words_is_told_that_they_are_not_what_waits(drafter, hall, lamp, submit):
    form, _ = await submit()
    before = draft_in(hall, lamp)
    for other in ({"text": "Nous passons <jeudi>."}, {"attached": "0" * 32}):
        answer = await drafter.post(here(lamp, "signature"), data={**form, **other})
        assert answer.status_code == 409
        assert draft_in(hall, lamp) == before
    answer = await drafter.post(here(lamp, "signature"), data={**form, "text": "Nous passons <jeudi>."})
    assert "Nous passons &lt;jeudi&gt;." in answer.text, "what was typed is not lost"
    assert (await drafter.post(here(lamp, "signature"), data=form)).status_code == 303


class TestFilesOfWhatWaits:
    """Files go with what is submitted, and who signs sees what they sign."""

    @pytest.fixture
    def pdf(self, drafter, lamp, fields):
        async def attach() -> str:
            """Attach a file to the drafter's answer; return where its page leads to see it."""
            form = {**fields(await drafter.get(here(lamp))), "text": TEXT}
            files = [("files", ("plan <a>.pdf", b"%PDF the plan"))]
            assert (await drafter.post(here(lamp, "pieces-jointes"), data=form, files=files)).status_code == 303
            [at] = re.findall(r'href="([^"]*/pieces-jointes/[^"]*)"', (await drafter.get(here(lamp))).text)
            return at

        return attach

    async def test_its_author_and_who_signs_look_at_it_and_nobody_else(
        self, drafter, signer, sign_in, hall, cases, lamp, submit, pdf
    ):
        at = await pdf()
        assert (await drafter.get(at)).content == b"%PDF the plan"
        assert (await signer.get(at)).status_code == 404, "nobody has submitted it"
        await submit()
        assert f'href="{at}"' in (await signer.get(here(lamp))).text
        got = await signer.get(at)
        assert (got.content, got.headers["content-type"]) == (b"%PDF the plan", "application/pdf")
        assert "plan%20" in got.headers["content-disposition"]
        file_id = at.rpartition("/")[2]
        reads = [each for each in hall.audit.entries if each.act is Act.READ and file_id in each.things]
        assert [(each.agent, each.things[0]) for each in reads] == [(DRAFTER, lamp.case_id), (SIGNER, lamp.case_id)]
        for name, status in (("signs-unwritten", 403), ("reads-alone", 403)):
            assert (await (await sign_in(name)).get(at)).status_code == status
        assert (await signer.get(here(lamp, "pieces-jointes", "0" * 32))).status_code == 404
        assert (await signer.get(here(cases["hole"], "pieces-jointes", file_id))).status_code == 404


class TestInASensitiveService:
    @pytest.fixture
    def hall(self) -> TownHall:
        town = profiled_town()
        sensitive = {name: each.model_copy(update={"sensitive": True}) for name, each in town.sectors.items()}
        return TownHall(town=replace(town, sectors=sensitive))

    async def test_nothing_with_a_file_is_submitted_that_its_channel_carries_not(
        self, drafter, hall, lamp, fields, submit
    ):
        """As where the case has gone to such a service since the file was attached."""
        form = {**fields(await drafter.get(here(lamp))), "text": TEXT}
        await drafter.post(here(lamp, "pieces-jointes"), data=form, files=[("files", ("plan.png", b"PNG"))])
        _, answer = await submit()
        assert (answer.status_code, draft_in(hall, lamp).to_sign) == (422, None)
        assert "ce canal ne porte aucun fichier" in answer.text
        assert SHOWN in answer.text


def test_changes_are_told_word_by_word():
    told = [
        (each.kind, each.text)
        for each in changes_between("Bonjour, le trou\nsera bouché.", "Bonjour, le nid sera bouché.")
    ]
    assert told == [("same", "Bonjour, le"), ("gone", " trou\nsera"), ("new", " nid sera"), ("same", " bouché.")]
    assert changes_between("a  b", " a  b \n") == ()


def wary_town() -> Town:
    """The streets department wants four eyes."""
    town = profiled_town()
    streets = town.departments[DepartmentId("voirie")].model_copy(update={"four_eyes": True})
    return replace(town, departments={**town.departments, DepartmentId("voirie"): streets})


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


async def test_in_a_closed_case_nothing_waits_any_more(signer, hall, lamp, submit):
    await submit()
    hall.cases.put(lamp.model_copy(update={"state": CaseState.CLOSED}))
    assert "n-to-sign" not in (await signer.get("/demandes")).text
    assert (draft_in(hall, lamp).to_sign, await words_of(hall, lamp)) == (None, TEXT)


async def test_it_goes_with_its_case_to_another_department(sign_in, signer, hall, lamp, submit):
    await submit()
    hall.cases.put(lamp.model_copy(update={"department": DepartmentId("proprete")}))
    assert "n-to-sign" not in (await signer.get("/demandes")).text
    [there] = [each for each in hall.town.agents if "proprete" in each.departments][:1]
    browser = await sign_in(there.sign_in)
    assert "soumise à signature" in (await browser.get(here(lamp))).text
    assert lamp.reference in (await browser.get(VIEW)).text


async def test_what_came_since_it_was_written_is_told_beside_it(signer, hall, lamp, submit):
    await submit()
    assert "Arrivé depuis" not in (await signer.get(here(lamp))).text
    draft = draft_in(hall, lamp)
    hall.drafts.drafts[draft.draft_id] = draft.model_copy(update={"shown": "b" * 32})
    newest = (Said(id="b" * 32), Said(id=lamp.opened_by))
    hall.cases.put(lamp.model_copy(update={"newest": newest}))
    page = (await signer.get(here(lamp))).text
    assert "Arrivé depuis la rédaction de la réponse" in page
