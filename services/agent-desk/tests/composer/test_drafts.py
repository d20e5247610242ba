"""Drafts: kept sealed while an agent types, given back after a crash, shown to colleagues, gone once sent."""

import re
from datetime import timedelta

import pytest

from agent_desk.domain.composer.drafts_shown import DraftShown, drafts_shown
from guichet.case.newest import Said
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, DraftId
from guichet.store.audit.trail import Act
from guichet.store.draft import WORDS, draft_of
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.builders.tampered import tampered
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import phone

KARIM, HELENE = AgentId("agent-12"), AgentId("agent-19")
SAID = "Bonjour, le trou sera bouché <mardi>."
SHOWN = "le trou sera bouché &lt;mardi&gt;."


def here(case, *further):
    return "/".join((f"/demandes/{case.reference}", *further))


@pytest.fixture
def write(fields):
    """Type an answer on a page of a case, which keeps it by itself. Returns what the form carried."""

    async def write(browser, case, text=SAID, page=None):
        form = {**fields(page or await browser.get(here(case))), "text": text}
        answer = await browser.post(here(case, "brouillon"), data=form, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return form, answer.text

    return write


def answer_field(page):
    return page.partition('<textarea id="text"')[2].partition("</textarea>")[0]


async def words(hall, case, agent=KARIM):
    draft = hall.drafts.drafts[draft_of(case.case_id, agent)]
    keys = await hall.vault.open_keys([draft.words.key_id])
    return WORDS.open(keys[draft.words.key_id], draft.draft_id, draft.words)


async def test_what_is_typed_is_sealed_under_one_key_and_given_back(karim, hall, cases, write):
    hole = cases["hole"]
    form, told = await write(karim, hole, "Bonjour")
    assert "Brouillon gardé" in told
    first = hall.drafts.drafts[draft_of(hole.case_id, KARIM)]
    hall.clock.now += timedelta(minutes=5)
    await karim.post(here(hole, "brouillon"), data={**form, "text": SAID}, headers={"HX-Request": "true"})
    [draft] = hall.drafts.drafts.values()
    assert (draft.begun_at, draft.words.key_id) == (first.begun_at, first.words.key_id)
    assert draft.words.key_id != hole.subject.key_id
    assert await words(hall, hole) == SAID
    page = (await karim.get(here(hole))).text
    assert SHOWN in page
    assert "Supprimer le brouillon" in page
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_without_javascript_a_button_keeps_it(karim, hall, cases, fields):
    form = {**fields(await karim.get(here(cases["hole"]))), "text": SAID}
    answer = await karim.post(here(cases["hole"], "brouillon"), data=form)
    assert answer.status_code == 303
    assert SHOWN in (await karim.get(answer.headers["location"])).text


async def test_another_session_of_the_same_agent_goes_on_with_it_and_an_older_page_overwrites_nothing(
    karim, sign_in, hall, cases, write, fields
):
    hole = cases["hole"]
    old = fields(await karim.get(here(hole)))
    await write(karim, hole)
    later = await sign_in("karim.haddad")
    await write(later, hole, SAID + " Et voilà.")
    answer = await karim.post(here(hole, "brouillon"), data={**old, "text": "x"}, headers={"HX-Request": "true"})
    assert "dans un autre onglet" in answer.text
    assert await words(hall, hole) == SAID + " Et voilà."


async def test_once_sent_nothing_is_left_of_it_nor_by_a_save_that_was_under_way(karim, hall, cases, write):
    hole = cases["hole"]
    form, _ = await write(karim, hole)
    assert (await karim.post(here(hole, "reponse"), data=form)).status_code == 303
    answer = await karim.post(here(hole, "brouillon"), data=form, headers={"HX-Request": "true"})
    assert "déjà partie" in answer.text
    assert await words(hall, hole) == ""
    assert SHOWN not in answer_field((await karim.get(here(hole))).text)


async def test_who_never_saved_leaves_no_draft_by_a_late_save(karim, hall, cases, fields):
    hole = cases["hole"]
    form = {**fields(await karim.get(here(hole))), "text": SAID}
    await karim.post(here(hole, "reponse"), data=form)
    await karim.post(here(hole, "brouillon"), data=form, headers={"HX-Request": "true"})
    [over] = hall.drafts.drafts.values()
    assert (over.is_over, await words(hall, hole)) == (True, "")


async def test_thrown_away_it_is_gone_and_a_new_one_begins(karim, hall, cases, write):
    hole = cases["hole"]
    form, _ = await write(karim, hole)
    assert (await karim.post(here(hole, "brouillon", "retrait"), data=form)).status_code == 303
    assert SHOWN not in (await karim.get(here(hole))).text
    await write(karim, hole, "Autre chose")
    assert await words(hall, hole) == "Autre chose"


async def test_where_no_answer_can_leave_any_more_it_is_read_and_thrown_away(karim, hall, cases, write):
    dear = await hall.open_case("dear", channel="sms", sender=(phone("+33899123456"),))
    await write(karim, dear)
    page = await karim.get(here(dear))
    assert SHOWN in page.text
    [form] = re.findall(r'action="[^"]*/brouillon/retrait".*?</form>', page.text, re.DOTALL)
    carried = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert (await karim.post(here(dear, "brouillon", "retrait"), data=carried)).status_code == 303
    assert hall.drafts.drafts[draft_of(dear.case_id, KARIM)].is_over
    page = (await karim.get(here(dear))).text
    assert SHOWN not in page
    assert "brouillon/retrait" not in page


async def test_an_answer_that_cannot_go_is_kept_by_the_server_too(karim, hall, cases, fields):
    hole, long = cases["hole"], "x" * 20_001
    form = {**fields(await karim.get(here(hole))), "text": long}
    assert (await karim.post(here(hole, "reponse"), data=form)).status_code == 422
    assert await words(hall, hole) == long
    assert hall.publisher.on(CASE_COMMANDS) == []


@pytest.mark.parametrize("part", ["drafts", "vault"])
async def test_while_nothing_can_be_kept_the_page_says_so_and_no_answer_leaves(karim, hall, cases, fields, part):
    hole = cases["hole"]
    form = {**fields(await karim.get(here(hole))), "text": SAID}
    getattr(hall, part).away = True
    answer = await karim.post(here(hole, "brouillon"), data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Laissez cette page ouverte" in answer.text
    assert (await karim.post(here(hole, "brouillon"), data=form)).status_code == 503
    answer = await karim.post(here(hole, "reponse"), data=form)
    assert answer.status_code == 503
    assert "le trou sera bouché" in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_a_colleague_who_may_answer_reads_it_and_that_is_noted(karim, sign_in, hall, cases, write):
    hole = cases["hole"]
    await write(karim, hole)
    page = (await (await sign_in("helene.vasseur")).get(here(hole))).text
    assert "Karim Haddad a un brouillon de réponse." in page
    assert SHOWN in page
    assert SHOWN not in answer_field(page)
    read = [each.things for each in hall.audit.entries if each.thing == "draft"]
    assert read == [(hole.case_id, draft_of(hole.case_id, KARIM))]
    assert {each.agent for each in hall.audit.entries if each.thing == "draft"} == {HELENE}


async def test_what_came_since_it_was_begun_is_shown_with_it(karim, hall, cases, write):
    hole = cases["hole"]
    await write(karim, hole)
    newest = (*hole.newest, Said(id=hole.last_inbound), Said(id="c" * 32, by=HELENE))
    hall.cases.put(hole.model_copy(update={"newest": newest}))
    page = await karim.get(here(hole))
    assert SHOWN in page.text
    assert 'name="shown" value="' + "c" * 32 in page.text


async def test_a_tampered_one_says_so_and_takes_nothing_else_with_it(karim, hall, sign_in, cases, write):
    hole = cases["hole"]
    await write(karim, hole)
    name = draft_of(hole.case_id, KARIM)
    draft = hall.drafts.drafts[name]
    hall.drafts.drafts[name] = draft.model_copy(update={"words": tampered(draft.words)})
    page = await (await sign_in("helene.vasseur")).get(here(hole))
    assert page.status_code == 200
    assert "altéré" in page.text


def test_the_last_typed_stands_first_and_blanks_are_none():
    def one(author, minute, text="x"):
        at = ARRIVED.replace(minute=minute)
        return DraftShown(
            draft_id=DraftId(author), author=AgentId(author), text=text, once="a", shown=None, begun_at=at, saved_at=at
        )

    shown = drafts_shown([one("a", 1), one("me", 2), one("b", 3), one("c", 4, " \n")], AgentId("me"))
    assert shown.own == one("me", 2)
    assert [each.author for each in shown.others] == ["b", "a"]


class TestWhoDoesNotAnswer:
    @pytest.fixture
    def hall(self) -> TownHall:
        return TownHall(town=profiled_town())

    async def test_reads_no_draft_and_not_that_there_is_one(self, sign_in, hall, cases, write):
        await write(await sign_in("answers"), cases["hole"])
        page = (await (await sign_in("reads-alone")).get(here(cases["hole"]))).text
        assert SHOWN not in page
        assert "brouillon" not in page
        assert [each for each in hall.audit.entries if each.thing == "draft"] == []
        assert Act.READ in {each.act for each in hall.audit.entries}


async def test_a_row_of_a_list_says_that_its_reader_has_a_draft_there(karim, sign_in, cases, write):
    hole = cases["hole"]
    form, _ = await write(karim, hole)
    rows = [part.partition("</tr>")[0] for part in (await karim.get("/demandes")).text.split("<tr id=")[1:]]
    assert [hole.reference in each for each in rows if "brouillon" in each] == [True]
    assert "brouillon" not in (await (await sign_in("helene.vasseur")).get("/demandes")).text
    await karim.post(here(hole, "brouillon", "retrait"), data=form)
    assert ">brouillon<" not in (await karim.get("/demandes")).text
