"""Saved answers: written for a department or for oneself, put into an answer with what the case fills in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.composer.variables import VARIABLES, CaseFacts, filled, inserted, unfilled, unknown
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId
from guichet.store.audit.trail import Act
from guichet.store.draft import WORDS, draft_of
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.builders.tampered import tampered
from guichet_testing.doors.desk_on_twins import TownHall

KARIM = AgentId("agent-12")
FACTS = CaseFacts(reference="2026-B619-3CA", service="Voirie", phone="01 02", agent="Karim Haddad", date="1er mai 2026")


def test_variables_are_read_with_and_without_accents_capitals_and_blanks():
    text = "{{référence}} {{ REFERENCE }} {{Agent}} le {{date}}"
    assert filled(text, FACTS) == "2026-B619-3CA 2026-B619-3CA Karim Haddad le 1er mai 2026"


def test_what_stands_for_nothing_stays_to_be_pointed_out():
    assert filled("Bonjour {{prénom}}, {{âge}}", FACTS) == "Bonjour {{prénom}}, {{âge}}"
    assert unfilled("Bonjour {{prénom}}, {{âge}} {{prénom}}") == ("{{prénom}}", "{{âge}}")
    assert unknown("{{prénom}} {{âge}}") == ("{{âge}}",)
    assert unknown(" ".join(f"{{{{{name}}}}}" for name in VARIABLES)) == ()


@given(st.text(), st.text(), st.none() | st.integers(-2, 20))
def test_what_is_inserted_takes_nothing_away(text, answer, caret):
    whole = inserted(text, answer, caret)
    if caret is not None and 0 <= caret <= len(text):
        assert (whole[:caret], whole[caret : caret + len(answer)]) == (text[:caret], answer)
        assert whole[caret + len(answer) :] == text[caret:]
    else:
        assert whole.endswith(answer)
        assert whole.removesuffix(answer).rstrip() == text.rstrip()


@pytest.fixture
def write():
    async def write(browser, token, address="nouvelle", **said):
        form = {"form_token": token, "title": "Passage", "text": "Dossier {{référence}}, {{agent}}", "whose": "voirie"}
        return await browser.post(f"/reponses-types/{address}", data={**form, "once": "a" * 32, **said})

    return write


@pytest.fixture
async def token(karim, fields):
    return fields(await karim.get("/reponses-types/nouvelle"))["form_token"]


async def test_one_of_a_department_is_sealed_and_offered_to_its_agents_alone(karim, sign_in, hall, cases, token, write):
    assert (await write(karim, token)).status_code == 303
    assert (await write(karim, token)).status_code == 303
    [kept] = hall.saved_answers.answers.values()
    assert (kept.department, kept.owner, kept.changed_by) == ("voirie", None, KARIM)
    helene, ines = await sign_in("helene.vasseur"), await sign_in("ines.caron")
    assert "Passage" in (await helene.get("/reponses-types")).text
    assert "Passage" in (await helene.get(f"/demandes/{cases['hole'].reference}")).text
    assert "Passage" not in (await ines.get("/reponses-types")).text
    assert (await ines.get(f"/reponses-types/{kept.answer_id}")).status_code == 404
    noted = [each.things for each in hall.audit.entries if each.act is Act.SAVED_ANSWER_CHANGED]
    assert noted == [(kept.answer_id,)] * 2


async def test_ones_own_is_seen_by_nobody_else_and_thrown_away(karim, sign_in, hall, cases, token, write):
    await write(karim, token, whose="-")
    [kept] = hall.saved_answers.answers.values()
    assert (kept.department, kept.owner) == (None, KARIM)
    assert "Passage" not in (await (await sign_in("helene.vasseur")).get("/reponses-types")).text
    answer = await karim.post(f"/reponses-types/{kept.answer_id}/retrait", data={"form_token": token})
    assert answer.status_code == 303
    assert hall.saved_answers.answers == {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"title": " "}, "Donnez un titre"),
        ({"title": "x" * 81}, "dépasse 80"),
        ({"text": ""}, "Écrivez le texte"),
        ({"text": "Bonjour {{âge}}"}, "Aucune demande ne remplit"),
        ({"whose": "ccas"}, "Choisissez un de vos services"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(karim, hall, token, write, said, words):
    answer = await write(karim, token, **said)
    assert answer.status_code == 422
    assert words in answer.text
    assert said.get("text", "Dossier") in answer.text
    assert hall.saved_answers.answers == {}


async def test_there_are_no_more_than_a_page_opens(karim, hall, token, write, monkeypatch):
    monkeypatch.setattr("agent_desk.entry.saved_answer_pages.MOST", 1)
    await write(karim, token)
    answer = await write(karim, token, once="b" * 32)
    assert answer.status_code == 422
    assert "supprimez-en une" in answer.text
    assert len(hall.saved_answers.answers) == 1


async def test_nor_by_moving_one(karim, hall, token, write, monkeypatch):
    await write(karim, token)
    await write(karim, token, once="b" * 32, whose="-")
    monkeypatch.setattr("agent_desk.entry.saved_answer_pages.MOST", 1)
    [mine] = [each for each in hall.saved_answers.answers.values() if each.owner]
    assert (await write(karim, token, mine.answer_id)).status_code == 422
    assert (await write(karim, token, mine.answer_id, whose="-", title="Autre")).status_code == 303


async def test_it_is_put_into_the_text_filled_in_and_kept_as_a_draft(karim, hall, cases, fields, token, write):
    hole = cases["hole"]
    await write(karim, token)
    [kept] = hall.saved_answers.answers
    form = {**fields(await karim.get(f"/demandes/{hole.reference}")), "text": "Bonjour,", "saved": kept}
    answer = await karim.post(f"/demandes/{hole.reference}/reponse-type", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/demandes/{hole.reference}#text")
    draft = hall.drafts.drafts[draft_of(hole.case_id, KARIM)]
    keys = await hall.vault.open_keys([draft.words.key_id])
    words = WORDS.open(keys[draft.words.key_id], draft.draft_id, draft.words)
    assert words == f"Bonjour,\n\nDossier {hole.reference}, Karim Haddad"
    assert f"Dossier {hole.reference}, Karim Haddad" in (await karim.get(f"/demandes/{hole.reference}")).text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_while_no_draft_can_be_kept_it_stands_in_the_text_all_the_same(karim, hall, cases, fields, token, write):
    hole = cases["hole"]
    await write(karim, token)
    [kept] = hall.saved_answers.answers
    page, later = [fields(await karim.get(f"/demandes/{hole.reference}")) for _ in range(2)]
    await karim.post(f"/demandes/{hole.reference}/brouillon", data={**later, "text": "Un autre onglet"})
    answer = await karim.post(f"/demandes/{hole.reference}/reponse-type", data={**page, "text": "", "saved": kept})
    assert answer.status_code == 200
    assert f"Dossier {hole.reference}" in answer.text


async def test_one_that_was_tampered_with_is_left_out(karim, hall, token, write):
    await write(karim, token)
    [(name, kept)] = hall.saved_answers.answers.items()
    hall.saved_answers.answers[name] = kept.model_copy(update={"words": tampered(kept.words)})
    page = await karim.get("/reponses-types")
    assert page.status_code == 200
    assert "Passage" not in page.text


class TestWhoDoesNotAnswer:
    @pytest.fixture
    def hall(self) -> TownHall:
        return TownHall(town=profiled_town())

    async def test_finds_no_such_page(self, sign_in, cases):
        browser = await sign_in("reads-alone")
        for address in ("/reponses-types", "/reponses-types/nouvelle"):
            assert (await browser.get(address)).status_code == 404
