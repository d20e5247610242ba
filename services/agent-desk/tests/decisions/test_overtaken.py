"""What an agent decided on a page that somebody has overtaken comes back, with their words and what is new."""

import re
from datetime import timedelta

import pytest

from guichet.case.history import HistoryEntry
from guichet.case.newest import Said
from guichet.contracts.case_commands import CloseCase, SendReply
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, EventId, MessageId
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.filled_hall import phone

WORDS = "Texte <précieux>"
LATER = ARRIVED + timedelta(hours=3)


@pytest.fixture
async def lamp(hall, cases):
    """A case that knows its newest."""
    lamp = cases["lamp"].model_copy(update={"newest": (Said(id=cases["lamp"].opened_by),)})
    hall.cases.put(lamp)
    return lamp


async def write_again(hall, lamp, text="Et le 14 aussi."):
    """Let the citizen write again."""
    message = MessageId("again")
    await hall.receive(lamp, InboundContent(sender=(phone("+33639981111"),), text=text), message_id=message, at=LATER)
    entry = HistoryEntry(case_id=lamp.case_id, version=2, type="MessageFiled", at=LATER, message_id=message)
    now = hall.cases.cases[lamp.case_id]
    newest = (*now.newest, Said(id=message))
    hall.happened(now, entry, newest=newest, last_inbound=message)


async def test_every_command_names_the_newest_that_the_page_showed(karim, hall, lamp, fields):
    page = await karim.get(f"/demandes/{lamp.reference}")
    await write_again(hall, lamp)
    await karim.post(f"/demandes/{lamp.reference}/cloture", data=fields(page))
    await karim.post(f"/demandes/{lamp.reference}/reponse", data={**fields(page), "text": WORDS})
    form = {**fields(page), "department": "ccas", "reason": "Motif"}
    await karim.post(f"/demandes/{lamp.reference}/transmission", data=form)
    assert [command.shown for command in hall.publisher.on(CASE_COMMANDS)] == [lamp.opened_by] * 3
    again = await karim.get(f"/demandes/{lamp.reference}")
    assert fields(again)["shown"] == "again"
    assert len(set(re.findall(r'name="shown" value="([^"]*)"', again.text))) == 1


async def test_the_page_of_a_case_of_before_names_its_last_message(karim, cases, fields):
    page = await karim.get(f"/demandes/{cases['lamp'].reference}")
    assert fields(page)["shown"] == cases["lamp"].last_inbound


async def test_a_page_from_before_pages_named_it_is_taken(karim, hall, lamp, fields):
    form = fields(await karim.get(f"/demandes/{lamp.reference}"))
    del form["shown"]
    assert (await karim.post(f"/demandes/{lamp.reference}/cloture", data=form)).status_code == 303
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.shown is None


async def test_the_desk_never_says_taken_of_what_was_refused(karim, hall, lamp, fields):
    page = await karim.get(f"/demandes/{lamp.reference}")
    hall.publisher.refuses = "case-closed"
    answer = await karim.post(f"/demandes/{lamp.reference}/cloture", data=fields(page))
    seen = answer if answer.status_code != 303 else await karim.get(answer.headers["location"])
    assert "prise en compte" not in seen.text, "the agent is told that the case is closed"
    assert "La demande n’a pas été close" in seen.text
    assert "la demande était déjà close" in seen.text


async def test_a_refused_answer_comes_back_with_its_words_and_what_is_new(karim, hall, lamp, fields):
    page = await karim.get(f"/demandes/{lamp.reference}")
    await write_again(hall, lamp)
    hall.publisher.refuses = "case-changed"
    form = {**fields(page), "text": WORDS, "awaits_answer": "oui"}
    answer = await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "La réponse n’est pas partie" in answer.text
    assert ">Texte &lt;précieux&gt;</textarea>" in answer.text
    assert 'name="awaits_answer" value="oui" checked' in answer.text
    assert '<a href="#nouveau-1"' in answer.text
    [new] = re.findall(r'<li class="moment[^>]*id="nouveau-1".*?</li>', answer.text, re.DOTALL)
    assert "Et le 14 aussi." in new
    assert answer.text.count("moment-new") == 1, "what the agent had been shown is marked as new"

    # Sent again from here it is another command, made on a page that shows what is new.
    hall.publisher.refuses = None
    assert (await karim.post(f"/demandes/{lamp.reference}/reponse", data={**form, **fields(answer)})).status_code == 303
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert first.event_id != second.event_id, "the router has refused this command already"
    assert (first.shown, second.shown) == (lamp.opened_by, "again")


async def test_a_refused_form_sent_again_by_reloading_says_the_same(karim, hall, lamp, fields):
    form = {**fields(await karim.get(f"/demandes/{lamp.reference}")), "text": WORDS}
    hall.publisher.refuses = "case-changed"
    await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    hall.publisher.refuses = None
    again = await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    assert again.status_code == 409
    assert "Texte &lt;précieux&gt;" in again.text


@pytest.mark.parametrize(
    ("what", "form", "keeps"),
    [
        ("transmission", {"department": "ccas", "reason": WORDS}, ["Texte &lt;précieux&gt;", 'value="ccas" selected']),
        ("abus", {"ground": "number", "abuse_reason": WORDS, "sure": "oui"}, ["Texte &lt;précieux&gt;", "checked"]),
    ],
)
async def test_other_forms_come_back_with_what_was_typed_too(karim, hall, lamp, fields, what, form, keeps):
    page = await karim.get(f"/demandes/{lamp.reference}")
    hall.publisher.refuses = "case-changed"
    answer = await karim.post(f"/demandes/{lamp.reference}/{what}", data={**fields(page), **form})
    assert answer.status_code == 409
    assert all(each in answer.text for each in keeps)


async def test_on_a_case_that_another_has_closed_the_words_are_still_there_to_copy(karim, hall, lamp, fields):
    page = await karim.get(f"/demandes/{lamp.reference}")
    about = {"case_id": lamp.case_id, "version": 2, "at": ARRIVED}
    closed = HistoryEntry(type="CaseClosed", by=AgentId("agent-11"), cause="theirs", **about)
    said = Said(id="theirs", by=AgentId("agent-11"))
    hall.happened(lamp, closed, state="closed", newest=(*lamp.newest, said))
    hall.publisher.refuses = "case-changed"
    answer = await karim.post(f"/demandes/{lamp.reference}/reponse", data={**fields(page), "text": WORDS})
    assert answer.status_code == 409
    assert "Texte &lt;précieux&gt;</textarea>" in answer.text
    assert re.search(r'<a href="#nouveau-1"[^>]*>[^<]* a clos la demande</a>', answer.text)


async def test_where_the_case_has_left_the_words_are_still_there_to_copy(karim, hall, lamp, fields):
    page = await karim.get(f"/demandes/{lamp.reference}")
    hall.cases.put(lamp.model_copy(update={"department": "ccas", "sector": "social"}))
    answer = await karim.post(f"/demandes/{lamp.reference}/reponse", data={**fields(page), "text": WORDS})
    assert answer.status_code == 404
    assert "Texte &lt;précieux&gt;" in answer.text, "the agent's words are lost with the case"
    assert hall.publisher.published == []


async def under_way(karim, hall, lamp, fields, what="reponse", **form):
    """Send a form while the router is away; return where it led."""
    page = await karim.get(f"/demandes/{lamp.reference}")
    hall.publisher.is_away = True
    answer = await karim.post(f"/demandes/{lamp.reference}/{what}", data={**fields(page), **form})
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_while_the_router_is_away_the_page_says_that_it_is_under_way(karim, hall, lamp, fields):
    there = await under_way(karim, hall, lamp, fields, text=WORDS)
    page = (await karim.get(there)).text
    assert "Envoi de la réponse en cours." in page
    assert "prise en compte" not in page
    assert "précieux" not in there
    [asks] = re.findall(r'hx-get="(/demandes/suite[^"]*)"', page)
    assert "Envoi de la réponse en cours." in (await karim.get(asks.replace("&amp;", "&"))).text


async def test_a_page_that_waits_is_told_when_it_was_taken_and_asks_no_more(karim, hall, lamp, fields):
    there = await under_way(karim, hall, lamp, fields, text=WORDS)
    suite = there.partition("suite=")[2]
    await hall.publisher.decide(*hall.publisher.on(CASE_COMMANDS))
    told = (await karim.get(f"/demandes/suite?suite={suite}&de={lamp.reference}")).text
    assert "Réponse prise en compte" in told
    assert "hx-get" not in told
    assert "Réponse prise en compte" in (await karim.get(there)).text, "without scripts, by reloading"


async def test_no_closing_that_is_told_late_leaves_its_author_among_forms_of_an_open_case(karim, hall, lamp, fields):
    there = await under_way(karim, hall, lamp, fields, "cloture")
    await hall.publisher.decide(*hall.publisher.on(CASE_COMMANDS))
    told = (await karim.get(f"/demandes/suite?suite={there.partition('suite=')[2]}&de={lamp.reference}")).text
    assert f'<a href="/demandes/{lamp.reference}?fait=cloture">' in told


async def test_a_page_that_waits_is_told_when_it_was_refused_and_leads_to_the_words(karim, hall, lamp, fields):
    there = await under_way(karim, hall, lamp, fields, text=WORDS)
    suite = there.partition("suite=")[2]
    [command] = hall.publisher.on(CASE_COMMANDS)
    hall.publisher.refuses = "case-changed"
    await hall.publisher.decide(command)
    about = {"case_id": lamp.case_id, "version": 2, "at": ARRIVED, "cause": command.event_id}
    entry = HistoryEntry(type="CommandRefused", by="agent-12", state="case-changed", **about)
    hall.happened(lamp, entry)
    told = (await karim.get(f"/demandes/suite?suite={suite}&de={lamp.reference}")).text
    assert "La réponse n’est pas partie" in told
    assert f'<a href="/demandes/{lamp.reference}?suite={suite}">' in told
    for _ in range(2):  # as often as it is loaded
        page = await karim.get(there)
        assert ">Texte &lt;précieux&gt;</textarea>" in page.text
        assert "La réponse n’est pas partie" in page.text
    hall.publisher.refuses, hall.publisher.is_away = None, False
    again = await karim.post(f"/demandes/{lamp.reference}/reponse", data={**fields(page), "text": WORDS})
    assert again.status_code == 303
    assert isinstance(hall.publisher.on(CASE_COMMANDS)[-1], SendReply)


async def test_a_refused_reason_is_found_again_by_whoever_loads_the_page(karim, hall, lamp, fields):
    there = await under_way(karim, hall, lamp, fields, "transmission", department="ccas", reason=WORDS)
    assert there.startswith("/demandes?suite=transmission-")
    assert "Transmission en cours." in (await karim.get(there)).text
    [command] = hall.publisher.on(CASE_COMMANDS)
    hall.publisher.refuses = "case-changed"
    await hall.publisher.decide(command)
    entry = HistoryEntry(
        case_id=lamp.case_id,
        version=2,
        type="CommandRefused",
        at=ARRIVED,
        cause=command.event_id,
        by="agent-12",
        state="case-changed",
        reason=command.reason,
        reason_field=command.event_id,
    )
    hall.happened(lamp, entry)
    told = (await karim.get(there)).text
    [back] = re.findall(r'<a href="([^"]*)">Revoir la demande et votre saisie', told)
    assert ">Texte &lt;précieux&gt;</textarea>" in (await karim.get(back)).text


@pytest.mark.parametrize("suite", ["", "x", "reponse-", "reponse-zz", "rire-" + "0" * 32, "reponse-" + "١" * 32])
async def test_a_page_that_names_no_command_of_ours_says_nothing(karim, lamp, suite):
    page = await karim.get(f"/demandes/{lamp.reference}", params={"suite": suite})
    assert page.status_code == 200
    assert "en cours." not in page.text


async def test_who_is_not_signed_in_hears_of_no_command(open_browser, hall):
    assert (await open_browser().get(f"/demandes/suite?suite=reponse-{'0' * 32}")).status_code in {303, 401}


async def test_the_live_part_marks_what_others_have_done_and_not_ones_own(karim, hall, lamp):
    await write_again(hall, lamp)
    answer = await hall.send(lamp, "Nous passons.", purpose=Purpose.REPLY, at=ARRIVED, author=AgentId("agent-12"))
    now = hall.cases.cases[lamp.case_id]
    about = {"case_id": lamp.case_id, "version": 3, "at": ARRIVED, "message_id": answer}
    asked = HistoryEntry(type="ReplyRequested", by="agent-12", cause="mine", **about)
    mine = Said(id=EventId("mine"), by=AgentId("agent-12"))
    hall.happened(now, asked, newest=(*now.newest, mine))
    part = (await karim.get(f"/demandes/{lamp.reference}/fil", params={"shown": lamp.opened_by})).text
    assert part.count("moment-new") == 1
    assert 'id="nouveau" hx-swap-oob="innerHTML"' in part
    assert 'data-shown="mine"' in part
    assert "Du nouveau depuis" in part
    seen = (await karim.get(f"/demandes/{lamp.reference}/fil", params={"shown": "mine"})).text
    assert "moment-new" not in seen
    assert "Du nouveau depuis" not in seen


async def test_a_close_is_told_as_taken_once_the_router_has_decided(karim, hall, lamp, fields):
    page = await karim.get(f"/demandes/{lamp.reference}")
    answer = await karim.post(f"/demandes/{lamp.reference}/cloture", data=fields(page))
    assert answer.headers["location"] == f"/demandes/{lamp.reference}?fait=cloture"
    assert isinstance(hall.publisher.on(CASE_COMMANDS)[0], CloseCase)
    assert "Clôture prise en compte." in (await karim.get(answer.headers["location"])).text
