"""A sender whom nobody vouches for: what an agent sees of them, confirms of them, and where an answer to them goes."""

import re
from datetime import timedelta

import pytest

from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import ConfirmSender, SendReply
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import CASE_COMMANDS
from guichet.french.phone_numbers import spaced_number
from guichet.ids import DepartmentId
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.audit.trail import Act
from guichet.store.registry.citizens import CitizenState
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.filled_hall import KEY, mail, phone

LEA, LOOK_ALIKE, HOME = "lea.martin@courriel.example", "lea.martin@courrie1.example", "famille@courriel.example"
LEAS_PHONE = "+33639982222"


def own(hall, citizen):
    return sector_citizen_id(KEY, hall.town.sector_of(DepartmentId("voirie")), citizen)


@pytest.fixture
async def lea(hall, cases):
    return await hall.register("Léa Martin", mail(LEA), phone(LEAS_PHONE))


@pytest.fixture
async def doubtful(hall, lea):
    """A mail in Léa's name that nobody vouches for, to be answered at a look-alike."""
    return await hall.open_case(
        "doubtful", sender=(mail(LOOK_ALIKE), mail(LEA)), candidates=(own(hall, lea),), unverified=True
    )


@pytest.fixture
async def theirs(hall, lea):
    """Léa's own case, answered where she is known."""
    return await hall.open_case("theirs", citizen=lea, sender=(mail(LEA),))


async def test_nothing_of_the_registry_stands_beside_an_unverified_sender(karim, doubtful, theirs):
    page = (await karim.get(f"/demandes/{doubtful.reference}")).text
    assert "Identité non vérifiée" in page
    assert LEA in page
    for hidden in ("Léa Martin", LEAS_PHONE, spaced_number(LEAS_PHONE), "connu du registre", theirs.reference):
        assert hidden not in page, hidden
    listed = (await karim.get("/demandes")).text
    row = listed.split(f'id="r-{doubtful.reference}"')[1].split("</tr>")[0]
    assert "Identité non vérifiée" in row
    assert "Léa Martin" not in row


async def test_a_stranger_is_shown_as_they_wrote(karim, hall, cases):
    """Nothing is known of them but what came unproven from this address: there is nothing to hide or to ask."""
    stranger = await hall.register("Zoé", state=CitizenState.PROVISIONAL)
    await hall.hold(mail("zoe@courriel.example"), stranger, verified=False)
    case = await hall.open_case("zoe", citizen=stranger, sender=(mail("zoe@courriel.example"),), unverified=True)
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert "provisoire" in page
    assert "rien ne prouve que ce message vienne de cette adresse" in page
    assert 'name="elsewhere"' not in page


async def test_what_an_agent_confirms_is_one_command_and_noted(karim, hall, lea, doubtful, fields):
    page = await karim.get(f"/demandes/{doubtful.reference}")
    form = {**fields(page), "checked": "oui", "citizen": own(hall, lea)}
    for _ in range(2):
        answer = await karim.post(f"/demandes/{doubtful.reference}/identite", data=form)
        assert answer.headers["location"] == f"/demandes/{doubtful.reference}?fait=identite"
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, ConfirmSender)
    assert (first.case_id, first.issued_by, first.citizen) == (doubtful.case_id, "agent-12", own(hall, lea))
    assert first.event_id == second.event_id
    assert lea not in first.model_dump_json(), "the registry's id on the bus"
    [entry, _] = [each for each in hall.audit.entries if each.act is Act.CONFIRMED]
    assert (entry.agent, entry.things) == ("agent-12", (doubtful.case_id, first.event_id))


@pytest.mark.parametrize(
    "form",
    [{"citizen": "own"}, {"checked": "oui", "citizen": "f" * 32}, {"checked": "oui"}],
    ids=["unticked", "a stranger", "nobody"],
)
async def test_nobody_is_confirmed_without_the_tick_or_the_name(karim, hall, lea, doubtful, fields, form):
    page = await karim.get(f"/demandes/{doubtful.reference}")
    named = {key: own(hall, lea) if value == "own" else value for key, value in form.items()}
    answer = await karim.post(f"/demandes/{doubtful.reference}/identite", data={**fields(page), **named})
    assert answer.status_code == 422
    assert hall.publisher.published == []


async def test_a_case_whose_author_is_proven_takes_no_confirmation(karim, hall, lea, theirs, fields):
    form = {**fields(await karim.get(f"/demandes/{theirs.reference}")), "checked": "oui", "citizen": own(hall, lea)}
    assert (await karim.post(f"/demandes/{theirs.reference}/identite", data=form)).status_code == 422
    assert hall.publisher.published == []


async def test_the_names_of_a_family_are_told_to_who_has_made_sure(karim, hall, cases, fields):
    people = [await hall.register(name, mail(HOME)) for name in ("Anne Roux", "Marc Roux")]
    choices = tuple(own(hall, each) for each in people)
    case = await hall.open_case("family", sender=(mail(HOME),), candidates=choices, unverified=True)
    page = await karim.get(f"/demandes/{case.reference}")
    assert "Roux" not in page.text
    again = await karim.post(f"/demandes/{case.reference}/identite", data={**fields(page), "checked": "oui"})
    assert again.status_code == 422
    assert "Anne Roux" in again.text
    assert "Marc Roux" in again.text
    assert [each.things for each in hall.audit.entries if each.thing == "candidates"] == [(case.case_id,)]
    chosen = {**fields(again), "checked": "oui", "citizen": choices[1]}
    await karim.post(f"/demandes/{case.reference}/identite", data=chosen)
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.citizen == choices[1]


@pytest.mark.parametrize("tick", [{}, {"elsewhere": "oui"}, {"elsewhere": LEA}])
async def test_an_answer_to_a_look_alike_comes_back_with_its_words(karim, hall, doubtful, fields, tick):
    page = await karim.get(f"/demandes/{doubtful.reference}")
    form = {**fields(page), "text": "Votre dossier <est> prêt.", **tick}
    answer = await karim.post(f"/demandes/{doubtful.reference}/reponse", data=form)
    assert answer.status_code == 422
    assert "Votre dossier &lt;est&gt; prêt." in answer.text
    assert LOOK_ALIKE in answer.text
    assert hall.publisher.published == []


async def test_a_ticked_answer_goes(karim, hall, doubtful, fields):
    page = await karim.get(f"/demandes/{doubtful.reference}")
    form = {**fields(page), "text": "Bonjour.", "elsewhere": LOOK_ALIKE}
    assert (await karim.post(f"/demandes/{doubtful.reference}/reponse", data=form)).status_code == 303
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(command, SendReply)


async def test_an_answer_to_where_the_citizen_is_known_asks_nothing_and_shows_the_address(karim, hall, theirs, fields):
    page = await karim.get(f"/demandes/{theirs.reference}")
    assert goes_to(page) == LEA
    assert 'name="elsewhere"' not in page.text
    sent = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(page), "text": "Bonjour."})
    assert sent.status_code == 303


async def test_a_message_that_diverts_the_answer_meanwhile_is_noticed(karim, hall, theirs, fields):
    page = await karim.get(f"/demandes/{theirs.reference}")
    await another_message(hall, theirs, mail(LOOK_ALIKE), mail(LEA))
    sent = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(page), "text": "Bonjour."})
    assert sent.status_code == 422
    assert LOOK_ALIKE in sent.text
    assert hall.publisher.published == []


async def test_a_message_to_another_known_address_of_theirs_is_noticed_too(karim, hall, lea, theirs, fields):
    """Nothing asks at an address where the citizen is known: what the page showed was another one."""
    page = await karim.get(f"/demandes/{theirs.reference}")
    await hall.hold(mail("lea@ailleurs.example"), lea)
    await another_message(hall, theirs, mail("lea@ailleurs.example"))
    sent = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(page), "text": "Bonjour <vous>."})
    assert sent.status_code == 422, "the answer goes to an address that the agent never saw"
    assert "à une autre adresse" in sent.text
    assert "Bonjour &lt;vous&gt;." in sent.text
    again = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(sent), "text": "Bonjour."})
    assert again.status_code == 303


async def test_a_message_that_changes_no_address_stops_no_answer(karim, hall, theirs, fields):
    page = await karim.get(f"/demandes/{theirs.reference}")
    await another_message(hall, theirs, mail(LEA))
    sent = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(page), "text": "Bonjour."})
    assert sent.status_code == 303
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.answers == theirs.opened_by


async def test_a_message_of_another_case_is_no_place_to_answer_to(karim, hall, theirs, doubtful, fields):
    page = await karim.get(f"/demandes/{theirs.reference}")
    form = {**fields(page), "text": "Bonjour.", "answers": doubtful.opened_by}
    assert (await karim.post(f"/demandes/{theirs.reference}/reponse", data=form)).status_code == 422
    assert hall.publisher.published == []


async def another_message(hall, case, *sender):
    """Let somebody write again."""
    last = f"{case.opened_by}-later"
    said = InboundContent(sender=sender, text="Encore moi.")
    await hall.receive(case, said, message_id=last, at=ARRIVED + timedelta(hours=1))
    hall.cases.put(case.model_copy(update={"last_inbound": last}))


async def test_what_a_refused_answer_said_is_there_to_be_sent_again(karim, hall, theirs, fields):
    page = await karim.get(f"/demandes/{theirs.reference}")
    await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(page), "text": "Votre dossier est prêt."})
    [command] = hall.publisher.on(CASE_COMMANDS)
    refused = {"version": 9, "type": "CommandRefused", "cause": command.event_id, "state": "unknown-message"}
    hall.happened(theirs, HistoryEntry(case_id=theirs.case_id, at=ARRIVED, by="agent-1", **refused))
    shown = (await karim.get(f"/demandes/{theirs.reference}")).text
    assert "Votre dossier est prêt." in shown, "the agent's words are lost with the command"
    assert "elle ne répondait à aucun message de la demande" in shown


async def test_an_address_typed_into_the_portal_s_form_is_asked_about(karim, hall, lea):
    form = await hall.open_case(
        "form", sender=(mail(LEA),), channel="portal", candidates=(own(hall, lea),), unverified=True
    )
    page = (await karim.get(f"/demandes/{form.reference}")).text
    assert 'name="elsewhere"' in page
    assert "Léa Martin" not in page


def goes_to(page):
    """Return where a page says that an answer goes; None where it says nothing."""
    alone = r'class="goes-to">[^<]*<strong class="identifier">([^<]*)<'
    among_others = r'name="way" value="\w*" checked.*?<strong class="identifier">([^<]*)<'
    found = re.search(alone, page.text) or re.search(among_others, page.text)
    return found and found[1]


async def erase_the_last(hall, case):
    """What an erasure leaves of whoever joined a case: the id of their message, in the case."""
    last = hall.cases.cases[case.case_id].last_inbound
    await hall.vault.destroy_keys([hall.messages.messages[last].content.key_id])
    await hall.messages.erase([last], ARRIVED)


async def test_where_the_last_who_wrote_is_erased_the_answer_goes_to_who_opened_the_case(karim, hall, theirs, fields):
    await another_message(hall, theirs, mail("bob@boite.example"))
    await erase_the_last(hall, theirs)
    page = await karim.get(f"/demandes/{theirs.reference}")
    assert goes_to(page) == LEA, "the page names nobody to whom the answer goes"
    sent = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(page), "text": "Bonjour."})
    assert sent.status_code == 303
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.answers == theirs.opened_by


async def test_an_answer_to_who_is_erased_since_the_page_was_made_comes_back_with_its_words(
    karim, hall, lea, theirs, fields
):
    await hall.hold(mail("lea@ailleurs.example"), lea)
    await another_message(hall, theirs, mail("lea@ailleurs.example"))
    page = await karim.get(f"/demandes/{theirs.reference}")
    await erase_the_last(hall, theirs)
    sent = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(page), "text": "Bonjour <vous>."})
    assert sent.status_code == 422
    assert "Bonjour &lt;vous&gt;." in sent.text
    assert goes_to(sent) == LEA
    again = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**fields(sent), "text": "Bonjour."})
    assert again.status_code == 303
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.answers == theirs.opened_by


async def test_a_page_from_before_pages_said_where_an_answer_goes_is_answered_as_then(karim, hall, theirs, fields):
    page = await karim.get(f"/demandes/{theirs.reference}")
    form = {name: value for name, value in fields(page).items() if name != "answers"}
    sent = await karim.post(f"/demandes/{theirs.reference}/reponse", data={**form, "text": "Bonjour."})
    assert sent.status_code == 303
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.answers == theirs.opened_by


async def test_a_form_that_could_name_no_message_answers_none_unseen(karim, hall, theirs, fields):
    """The page could not say where the answer goes: the last message gave no address."""
    await another_message(hall, theirs)
    page = await karim.get(f"/demandes/{theirs.reference}")
    await erase_the_last(hall, theirs)
    form = {**fields(page), "text": "Bonjour."}
    sent = await karim.post(f"/demandes/{theirs.reference}/reponse", data=form)
    assert sent.status_code == 422, "the answer was taken, and goes to somebody who is erased"
    assert goes_to(sent) == LEA
